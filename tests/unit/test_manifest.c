#include "images/bundle_key.h"
#include "images/manifest.h"
#include "tests/unit/golden.h"
#include "tests/unit/suites.h"

#include <string.h>

#define SHA1_OF_NOTHING "da39a3ee5e6b4b0d3255bfef95601890afd80709"

static char *
hex_text(guint bytes, guint8 first)
{
    g_autofree guint8 *all = g_malloc(bytes);

    for (guint i = 0; i < bytes; i++)
        all[i] = (guint8)(first + i);
    return hex_of_bytes(all, bytes);
}

/* All that a manifest can have. */
static manifest *
full(void)
{
    manifest *self = manifest_new();

    self->bundler = g_strdup("amilaunch");
    self->bundler_version = g_strdup("1.0");
    self->bundler_release = g_strdup("1");
    self->architecture = g_strdup("x86_64");
    self->kernel = g_strdup("aki-919dcaf8");
    self->ramdisk = g_strdup("ari-12345678");
    manifest_add_mapping(self, "ami", "/dev/sda1");
    manifest_add_mapping(self, "root", "/dev/sda1");
    manifest_add_mapping(self, "swap", "/dev/sda3");
    manifest_add_mapping(self, "ephemeral0", "/dev/sdb");
    g_ptr_array_add(self->product_codes, g_strdup("774F4FF8"));
    self->name = g_strdup("web & more");
    self->user = g_strdup("123456789012");
    self->digest = g_strdup(SHA1_OF_NOTHING);
    self->size = 1073741824;
    self->bundled_size = 10485776;
    self->ec2_key = hex_text(256, 1);
    self->user_key = hex_text(256, 2);
    self->ec2_iv = hex_text(256, 3);
    self->user_iv = hex_text(256, 4);
    manifest_add_part(self, "web & more.part.00", SHA1_OF_NOTHING);
    manifest_add_part(self, "web & more.part.01", "0123456789abcdef0123456789abcdef01234567");
    manifest_seal(self);
    self->signature = hex_text(256, 5);
    return self;
}

static char *
full_text(void)
{
    g_autoptr(manifest) self = full();

    return manifest_document(self);
}

static void
expect_refused(const char *text, gsize length)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(manifest) what = manifest_parse(text, length, &error);

    ck_assert_msg(what == NULL, "taken: %s", text);
    ck_assert(error_is(error, ERROR_MANIFEST));
}

/* The full manifest with TO in place of the first FROM. */
static char *
changed(const char *from, const char *to)
{
    g_autofree char *text = full_text();
    char *at = strstr(text, from);

    ck_assert_msg(at != NULL, "%s isn't there", from);
    *at = '\0';
    return g_strconcat(text, to, at + strlen(from), NULL);
}

START_TEST(written_as_ec2s_tools_do)
{
    g_autofree char *text = full_text();

    golden_check("manifest.xml", text);
}
END_TEST

START_TEST(read_as_written)
{
    g_autoptr(manifest) one = full();
    g_autofree char *text = manifest_document(one);
    g_autoptr(GError) error = NULL;
    g_autoptr(manifest) two = manifest_parse(text, strlen(text), &error);
    g_autofree char *again = NULL;

    ck_assert_msg(two != NULL, "%s", error != NULL ? error->message : "");
    ck_assert_str_eq(two->signed_text, one->signed_text);
    ck_assert_str_eq(two->name, "web & more");
    ck_assert_uint_eq(two->size, one->size);
    ck_assert_uint_eq(two->parts->len, 2);
    ck_assert_str_eq(((manifest_mapping *)g_ptr_array_index(two->mapping, 2))->device, "/dev/sda3");
    manifest_seal(two);
    again = manifest_document(two);
    ck_assert_str_eq(again, text);
}
END_TEST

static void
expect_mapping(const char *from, const char *to)
{
    g_autofree char *text = changed(from, to);
    g_autofree char *close = g_strconcat("</", from + 1, NULL);
    g_autofree char *close_to = g_strconcat("</", to + 1, NULL);
    g_autoptr(GString) both = g_string_new(text);
    g_autoptr(manifest) what = NULL;

    g_string_replace(both, close, close_to, 1);
    what = manifest_parse(both->str, both->len, NULL);
    ck_assert_ptr_nonnull(what);
    ck_assert_uint_eq(what->mapping->len, 4);
}

START_TEST(both_spellings_of_the_mapping)
{
    expect_mapping("<block_device_mapping>", "<block_device_mappings>");
}
END_TEST

START_TEST(laid_out_by_hand)
{
    g_autofree char *text = full_text();
    g_auto(GStrv) pieces = g_strsplit(text, "><", -1);
    g_autofree char *spread = g_strjoinv(">\n   <", pieces);
    g_autoptr(GError) error = NULL;
    g_autoptr(manifest) what = manifest_parse(spread, strlen(spread), &error);

    ck_assert_msg(what != NULL, "%s", error != NULL ? error->message : "");
    ck_assert(g_str_has_prefix(what->signed_text, "<machine_configuration>\n"));
    ck_assert(g_str_has_suffix(what->signed_text, "</image>"));
}
END_TEST

static const struct {
    const char *from;
    const char *to;
} lies[] = {
    {"2007-10-10", "2010-10-10"},
    {"<architecture>x86_64", "<architecture>vax"},
    {"aki-919dcaf8", "aki-../../etc"},
    {"ephemeral0", "ephemeral24"},
    {"ephemeral0", "ami"},
    {"ephemeral0", "ebs"},
    {">sdb<", ">../sdb<"},
    {"count=\"2\"", "count=\"3\""},
    {"count=\"2\"", "count=\"1\""},
    {"count=\"2\"", "count=\"99999999999999999999999\""},
    {"count=\"2\"", "count=\"-2\""},
    {"count=\"2\"", ""},
    {"index=\"1\"", "index=\"0\""},
    {"index=\"1\"", "index=\"7\""},
    {">1073741824<", ">10737418241<"},
    {">1073741824<", ">0<"},
    {">1073741824<", ">-1<"},
    {">1073741824<", ">0x10<"},
    {">1073741824<", ">99999999999999999999999999<"},
    {">1073741824<", ">one<"},
    {">10485776<", "><"},
    {"web &amp; more.part.00", "../image.part.00"},
    {"web &amp; more.part.00", "/etc/shadow"},
    {"web &amp; more.part.00", ".."},
    {"web &amp; more.part.00", ""},
    {"web &amp; more.part.00", "a&#10;b"},
    {"web &amp; more.part.00", "a&#x85;b"},
    {"<name>web", "<name>web\xc2\x9b"},
    {"774F4FF8", "774F\xc2\x90"},
    {"2007-10-10", "2007-10-10\xc2\x80"},
    {"web &amp; more.part.00", "web &amp; more.part.01"},
    {"web &amp; more.part.00", "a<b/>b"},
    {"web &amp; more.part.00", "<![CDATA[a]]>"},
    {"web &amp; more.part.00", "&unknown;"},
    {SHA1_OF_NOTHING, "da39"},
    {SHA1_OF_NOTHING, "zz39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {"\"SHA1\"", "\"MD5\""},
    {"\"AES-128-CBC\"", "\"ROT13\""},
    {"<type>machine", "<type>kernel"},
    {"<ec2_encrypted_iv>", "<ec2_encrypted_iv>no hex"},
    {"<signature>", "<signature>xyz"},
    {"</manifest>", ""},
    {"<manifest>", "<bundle>"},
    {"<name>web", "<name>a</name><name>web"},
    {"<image>", "<!-- <image> --><image>"},
    {"</image>", "<!-- </image> --></image>"},
    {"<manifest>", "<!-- a comment --><manifest>"},
    {"<bundler>", "<!-- a comment --><bundler>"},
    {"x86_64", "x86<!-- a comment -->_64"},
    {"</manifest>", "</manifest><!-- a comment -->"},
    {"<manifest>", "<?an instruction?><manifest>"},
    {"<bundler>", "<?an instruction?><bundler>"},
    {"</manifest>", "</manifest><?an instruction?>"},
    {"<bundler>", "<![CDATA[ ]]><bundler>"},
    {"x86_64", "<![CDATA[x86_64]]>"},
    {"<manifest>", "<manifest xmlns=\"urn:x\">"},
    {"<manifest>", "<manifest xmlns:x=\"urn:x\">"},
    {"<bundler>", "<bundler xml:lang=\"en\">"},
    {"<bundler>", "<bundler x:y=\"z\">"},
    {"<bundler>", "<x:y xmlns:x=\"urn:x\"/><bundler>"},
    {"<bundler>", "<x:y/><bundler>"},
    {"<manifest>", "<!DOCTYPE manifest><manifest>"},
    {"<manifest>", "<!DOCTYPE manifest SYSTEM \"http://127.0.0.1/x\"><manifest>"},
    {"<manifest>", "<!DOCTYPE m [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><manifest>"},
    {"<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding=\"UTF-7\"?>x"},
};

START_TEST(lies_are_refused)
{
    g_autofree char *text = changed(lies[_i].from, lies[_i].to);

    expect_refused(text, strlen(text));
}
END_TEST

/* What was signed stands where nobody reads it; what is read has its name from a namespace. */
static const struct {
    const char *open;
    const char *close;
} hides[] = {{"<old>", "</old>"}, {"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?old ", "?>"}};

static void
expect_no_forgery(const char *name, const char *from, const char *to)
{
    g_autofree char *opening = g_strdup_printf("<%s>", name);
    g_autofree char *closing = g_strdup_printf("</%s>", name);
    g_autofree char *forged_opening = g_strdup_printf("<x:%s xmlns:x=\"urn:x\">", name);
    g_autofree char *forged_closing = g_strdup_printf("</x:%s>", name);

    for (guint i = 0; i < G_N_ELEMENTS(hides); i++) {
        g_autofree char *text = full_text();
        const char *begin = strstr(text, opening);
        const char *end = strstr(begin, closing) + strlen(closing);
        g_autofree char *front = g_strndup(text, (gsize)(begin - text));
        g_autofree char *element = g_strndup(begin, (gsize)(end - begin));
        g_autoptr(GString) forged = g_string_new(element);
        g_autofree char *whole = NULL;

        ck_assert_uint_eq(g_string_replace(forged, opening, forged_opening, 1), 1);
        ck_assert_uint_eq(g_string_replace(forged, closing, forged_closing, 1), 1);
        ck_assert_uint_eq(g_string_replace(forged, from, to, 1), 1);
        whole = g_strconcat(front, forged->str, hides[i].open, element, hides[i].close, end, NULL);
        expect_refused(whole, strlen(whole));
    }
}

START_TEST(what_was_signed_is_what_is_read)
{
    expect_no_forgery("image", ">1073741824<", ">512<");
    expect_no_forgery("machine_configuration", "x86_64", "i386");
}
END_TEST

START_TEST(what_is_no_text)
{
    g_autofree char *large = g_strnfill(MANIFEST_MOST_BYTES + 1, ' ');
    g_autoptr(GString) deep = g_string_new(NULL);

    for (guint i = 0; i < 100000; i++)
        g_string_append(deep, "<a>");
    expect_refused(deep->str, deep->len);
    expect_refused("", 0);
    expect_refused("<manifest>\xff</manifest>", 22);
    expect_refused("<manifest>\0</manifest>", 22);
    expect_refused(large, MANIFEST_MOST_BYTES + 1);
}
END_TEST

/* Whatever is done to a byte, the manifest is refused, or what was signed has changed, or the byte
 * wasn't in what was signed. */
static void
try_mutation(const char *text, const manifest *right)
{
    g_autoptr(manifest) what = manifest_parse(text, strlen(text), NULL);

    if (what == NULL || !g_str_equal(what->signed_text, right->signed_text))
        return;
    ck_assert_str_eq(what->digest, right->digest);
    ck_assert_uint_eq(what->size, right->size);
    ck_assert_uint_eq(what->bundled_size, right->bundled_size);
    ck_assert_str_eq(what->user_key, right->user_key);
    ck_assert_str_eq(what->kernel, right->kernel);
    ck_assert_uint_eq(what->parts->len, right->parts->len);
    ck_assert_uint_eq(what->mapping->len, right->mapping->len);
    for (guint i = 0; i < what->parts->len; i++) {
        const manifest_part *one = g_ptr_array_index(what->parts, i);
        const manifest_part *other = g_ptr_array_index(right->parts, i);
        ck_assert_str_eq(one->filename, other->filename);
        ck_assert_str_eq(one->digest, other->digest);
    }
}

START_TEST(every_byte_changed)
{
    static const char others[] = "<>/&\"0 !\x80z";
    g_autofree char *text = full_text();
    g_autoptr(manifest) right = manifest_parse(text, strlen(text), NULL);
    gsize length = strlen(text);

    for (gsize i = 0; i < length; i++) {
        char was = text[i];
        text[i] = others[i % (sizeof others - 1)];
        try_mutation(text, right);
        text[i] = (char)(was ^ 1);
        try_mutation(text, right);
        text[i] = '\0';
        try_mutation(text, right);
        text[i] = was;
        memmove(text + i, text + i + 1, length - i);
        try_mutation(text, right);
        memmove(text + i + 1, text + i, length - i);
        text[i] = was;
        text[length] = '\0';
    }
}
END_TEST

/* Each element gone, and there twice. Optional are those whose names are here. */
static gboolean
is_optional(const char *name)
{
    static const char *const names[] = {"bundler",
                                        "kernel_id",
                                        "ramdisk_id",
                                        "name",
                                        "version",
                                        "release",
                                        "mapping",
                                        "type",
                                        "block_device_mapping",
                                        "product_code",
                                        "signature",
                                        "product_codes",
                                        NULL};

    return g_strv_contains(names, name);
}

static void
without_element(const char *text, const char *begin)
{
    g_autofree char *name = g_strndup(begin + 1, strcspn(begin + 1, " >"));
    g_autofree char *closing = g_strdup_printf("</%s>", name);
    const char *end = strstr(begin, closing);
    g_autofree char *element = NULL;
    g_autofree char *front = NULL;
    g_autofree char *gone = NULL;
    g_autofree char *twice = NULL;

    ck_assert_ptr_nonnull(end);
    end += strlen(closing);
    front = g_strndup(text, (gsize)(begin - text));
    element = g_strndup(begin, (gsize)(end - begin));
    gone = g_strconcat(front, end, NULL);
    twice = g_strconcat(front, element, element, end, NULL);
    if (!is_optional(name))
        expect_refused(gone, strlen(gone));
    if (!g_str_equal(name, "product_code"))
        expect_refused(twice, strlen(twice));
}

START_TEST(every_element_gone_or_twice)
{
    g_autofree char *text = full_text();

    for (const char *at = strchr(text + 1, '<'); at != NULL; at = strchr(at + 1, '<'))
        if (at[1] != '/')
            without_element(text, at);
}
END_TEST

Suite *
suite_manifest(void)
{
    Suite *suite = suite_create("manifest");
    TCase *cases = tcase_create("manifest");

    tcase_add_test(cases, written_as_ec2s_tools_do);
    tcase_add_test(cases, read_as_written);
    tcase_add_test(cases, both_spellings_of_the_mapping);
    tcase_add_test(cases, laid_out_by_hand);
    tcase_add_loop_test(cases, lies_are_refused, 0, G_N_ELEMENTS(lies));
    tcase_add_test(cases, what_was_signed_is_what_is_read);
    tcase_add_test(cases, what_is_no_text);
    tcase_add_test(cases, every_byte_changed);
    tcase_add_test(cases, every_element_gone_or_twice);
    suite_add_tcase(suite, cases);
    return suite;
}
