/* The metadata service's tree, tokens and rules; its server is tested in tests/engine. */
#include "net/imds_answer.h"
#include "net/imds_token.h"
#include "tests/unit/golden.h"
#include "tests/unit/phony_metadata.h"
#include "tests/unit/suites.h"

#include <string.h>

#define SECRET "secret"
#define NOW 1000000

static char *
sign(gpointer signer, identity_form form, const char *text)
{
    return g_strdup_printf("%s %d of %zu bytes", (char *)signer, form, strlen(text));
}

static imds_source
source_of(const metadata *about)
{
    return (imds_source){.about = about, .sign = sign, .signer = (gpointer) "signature"};
}

static char *
text_at(const imds_source *source, const char *path)
{
    g_autoptr(imds_page) page = imds_tree_find(source, path);
    gsize length = 0;
    const char *text = page != NULL ? g_bytes_get_data(page->content, &length) : NULL;

    return page != NULL ? g_strndup(text != NULL ? text : "", length) : NULL;
}

static void
expect_text(const imds_source *source, const char *path, const char *wanted)
{
    g_autofree char *text = text_at(source, path);

    ck_assert_msg(g_strcmp0(text, wanted) == 0, "%s: %s", path, text);
}

/* ---- the tree ---- */

static void walk(const imds_source *source, const char *folder, GString *found);

/* As cloud-init does it: a key's directory is listed as its number and name. */
static void
walk_entry(const imds_source *source, const char *folder, const char *entry, GString *found)
{
    gboolean key = g_str_has_suffix(folder, "/public-keys/");
    g_autofree char *number = g_strndup(entry, strcspn(entry, "="));
    g_autofree char *path = g_strconcat(folder, key ? number : entry, key ? "/" : "", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_string_append_printf(found, "%s\n", path);
    if (g_str_has_suffix(path, "/")) {
        walk(source, path, found);
        return;
    }
    text = text_at(source, path);
    ck_assert_msg(text != NULL, "%s is listed, and isn't there", path);
    lines = g_strsplit(text, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++)
        g_string_append_printf(found, "    %s\n", lines[i]);
}

static void
walk(const imds_source *source, const char *folder, GString *found)
{
    g_autofree char *listing = text_at(source, folder);
    g_auto(GStrv) entries = NULL;

    ck_assert_msg(listing != NULL && *listing != '\0', "%s isn't there", folder);
    entries = g_strsplit(listing, "\n", -1);
    for (gsize i = 0; entries[i] != NULL; i++)
        walk_entry(source, folder, entries[i], found);
}

static void
check_tree(const metadata *about, const char *golden)
{
    const imds_source source = source_of(about);
    g_autoptr(GString) found = g_string_new(NULL);

    walk(&source, "/latest/meta-data/", found);
    walk(&source, "/latest/dynamic/", found);
    golden_check(golden, found->str);
}

START_TEST(whole_trees)
{
    check_tree(phony_metadata_ebs(), "metadata-ebs.txt");
    check_tree(phony_metadata_store(), "metadata-store.txt");
}
END_TEST

START_TEST(versions_are_listed)
{
    const imds_source source = source_of(phony_metadata_ebs());
    g_autofree char *versions = text_at(&source, "/");
    g_auto(GStrv) names = g_strsplit(versions, "\n", -1);

    ck_assert(g_str_has_prefix(versions, "1.0\n2007-01-19\n"));
    ck_assert(g_str_has_suffix(versions, "\n2024-04-11\nlatest"));
    for (gsize i = 0; names[i] != NULL; i++) {
        g_autofree char *path = g_strdup_printf("/%s/meta-data/instance-id", names[i]);
        g_autofree char *folder = g_strdup_printf("/%s", names[i]);
        expect_text(&source, path, "i-0123456789abcdef0");
        expect_text(&source, folder, "dynamic\nmeta-data\nuser-data");
    }
}
END_TEST

START_TEST(directories_with_or_without_a_slash)
{
    const imds_source source = source_of(phony_metadata_ebs());
    const char *const places = "availability-zone\navailability-zone-id\nregion";

    expect_text(&source, "/latest/meta-data/placement", places);
    expect_text(&source, "/latest/meta-data/placement/", places);
    expect_text(&source, "/latest/", "dynamic\nmeta-data\nuser-data");
    expect_text(&source, "/latest/meta-data/public-keys/", "0=mine");
    expect_text(&source, "/latest/meta-data/public-keys/0/", "openssh-key");
    expect_text(&source, "/latest/meta-data/tags/instance/a=b:c@d", "");
}
END_TEST

START_TEST(what_is_not_there)
{
    static const char *const paths[] = {
        "",
        "latest",
        "//",
        "/latest//",
        "/nothing",
        "/2009-04-05/meta-data/",
        "/latest/nothing",
        "/latest/meta-data//ami-id",
        "/latest/meta-data/ami-id/",
        "/latest/meta-data/ami-i",
        "/latest/meta-data/ami-idx",
        "/latest/meta-data/../meta-data/ami-id",
        "/latest/meta-data/public-ipv4",
        "/latest/meta-data/public-hostname",
        "/latest/meta-data/iam/",
        "/latest/meta-data/iam/info",
        "/latest/meta-data/iam/security-credentials/",
        "/latest/meta-data/spot/instance-action",
        "/latest/meta-data/spot/termination-time",
        "/latest/meta-data/events/recommendations/rebalance",
        "/latest/meta-data/autoscaling/target-lifecycle-state",
        "/latest/meta-data/managed-ssh-keys/",
        "/latest/meta-data/kernel-id",
        "/latest/meta-data/public-keys/1/openssh-key",
        "/latest/meta-data/block-device-mapping/ebs0",
        "/latest/meta-data/block-device-mapping/ebs3",
        "/latest/meta-data/block-device-mapping/ebs01",
        "/latest/meta-data/network/interfaces/macs/0a:00:00:00:00:00/vpc-id",
        "/latest/meta-data/network/interfaces/macs/*/vpc-id",
        "/latest/meta-data/tags/instance/*",
        "/latest/meta-data/tags/instance/with/slash",
        "/latest/meta-data/tags/instance/none",
    };
    const imds_source source = source_of(phony_metadata_ebs());

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        expect_text(&source, paths[i], NULL);
}
END_TEST

START_TEST(tags_are_told_if_that_is_allowed)
{
    metadata *about = phony_metadata_ebs();
    const imds_source source = source_of(about);

    about->what->vm->imds_tags = 0;
    expect_text(&source, "/latest/meta-data/tags/", NULL);
    expect_text(&source, "/latest/meta-data/tags/instance/Name", NULL);
    about->what->vm->imds_tags = 1;
    expect_text(&source, "/latest/meta-data/tags/instance/Name", "web");
}
END_TEST

START_TEST(user_data_is_as_it_was_given)
{
    metadata *about = phony_metadata_ebs();
    const imds_source source = source_of(about);
    char *before = about->what->user_data;
    g_autoptr(imds_page) page = NULL;

    about->what->user_data = (char *)"AP8KAA==";
    page = imds_tree_find(&source, "/latest/user-data");
    ck_assert_uint_eq(g_bytes_get_size(page->content), 4);
    ck_assert_mem_eq(g_bytes_get_data(page->content, NULL), "\0\xff\n\0", 4);
    ck_assert_str_eq(page->type, "application/octet-stream");
    about->what->user_data = NULL;
    expect_text(&source, "/latest/user-data", NULL);
    expect_text(&source, "/latest/", "dynamic\nmeta-data");
    about->what->user_data = before;
}
END_TEST

/* Older than interfaces are, of a type that isn't known any more. */
START_TEST(an_instance_that_lacks_things)
{
    metadata *about = phony_metadata_ebs();
    const imds_source source = source_of(about);
    interface *nic = about->what->nic;
    const instance_type *type = about->what->type;
    g_autoptr(GString) found = g_string_new(NULL);

    about->what->nic = NULL;
    about->what->type = NULL;
    walk(&source, "/latest/meta-data/", found);
    expect_text(&source, "/latest/meta-data/network/", NULL);
    expect_text(&source, "/latest/meta-data/hostname", NULL);
    expect_text(&source, "/latest/meta-data/system", NULL);
    about->what->nic = nic;
    about->what->type = type;
}
END_TEST

/* ---- tokens ---- */

START_TEST(tokens_are_for_one_and_for_a_time)
{
    g_autofree char *token = imds_token_new(SECRET, "i-1 0", NOW + 10);
    g_autofree char *other = imds_token_new(SECRET, "i-1 0", NOW + 10);

    ck_assert_uint_eq(strlen(token), IMDS_TOKEN_LENGTH);
    ck_assert_str_ne(token, other);
    ck_assert_int_eq(imds_token_left(SECRET, "i-1 0", token, NOW), 10);
    ck_assert_int_eq(imds_token_left(SECRET, "i-1 0", token, NOW + 9), 1);
    ck_assert_int_eq(imds_token_left(SECRET, "i-1 0", token, NOW + 10), 0);
    ck_assert_int_eq(imds_token_left(SECRET, "i-1 1", token, NOW), 0);
    ck_assert_int_eq(imds_token_left(SECRET, "i-2 0", token, NOW), 0);
    ck_assert_int_eq(imds_token_left("another", "i-1 0", token, NOW), 0);
}
END_TEST

START_TEST(tokens_that_are_changed_are_none)
{
    g_autofree char *token = imds_token_new(SECRET, "i-1", NOW + 10);
    g_autofree char *longer = g_strconcat(token, "A", NULL);
    g_autofree char *large = g_strnfill(6 << 20, 'A');

    for (gsize i = 0; i < IMDS_TOKEN_LENGTH; i++) {
        g_autofree char *changed = g_strdup(token);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        ck_assert_int_eq(imds_token_left(SECRET, "i-1", changed, NOW), 0);
        changed[i] = '\0';
        ck_assert_int_eq(imds_token_left(SECRET, "i-1", changed, NOW), 0);
        changed[i] = '\xff';
        ck_assert_int_eq(imds_token_left(SECRET, "i-1", changed, NOW), 0);
    }
    ck_assert_int_eq(imds_token_left(SECRET, "i-1", longer, NOW), 0);
    ck_assert_int_eq(imds_token_left(SECRET, "i-1", large, NOW), 0);
    ck_assert_int_eq(imds_token_left(SECRET, "i-1", "", NOW), 0);
}
END_TEST

START_TEST(seconds_of_tokens)
{
    ck_assert_int_eq(imds_token_seconds("1"), 1);
    ck_assert_int_eq(imds_token_seconds("21600"), 21600);
    ck_assert_int_eq(imds_token_seconds("21601"), 0);
    ck_assert_int_eq(imds_token_seconds("0"), 0);
    ck_assert_int_eq(imds_token_seconds("-1"), 0);
    ck_assert_int_eq(imds_token_seconds("+1"), 0);
    ck_assert_int_eq(imds_token_seconds(" 1"), 0);
    ck_assert_int_eq(imds_token_seconds("1s"), 0);
    ck_assert_int_eq(imds_token_seconds(""), 0);
    ck_assert_int_eq(imds_token_seconds("99999999999999999999999"), 0);
    ck_assert_int_eq(imds_token_seconds(NULL), 0);
}
END_TEST

/* ---- rules ---- */

static imds_answer *
ask(imds_access access, const imds_request *request)
{
    metadata *about = phony_metadata_ebs();
    const imds_source source = source_of(about);

    about->what->vm->imds = access;
    return imds_answer_request(&source, SECRET, request, NOW);
}

static const char *const access_words[] = {"optional", "required", "disabled"};

static const struct {
    const char *method, *path, *token, *ttl;
    gboolean forwarded;
    guint optional, required, disabled; /* status */
} rules[] = {
    {"GET", "/latest/meta-data/ami-id", NULL, NULL, FALSE, 200, 401, 403},
    {"HEAD", "/latest/meta-data/ami-id", NULL, NULL, FALSE, 200, 401, 403},
    {"GET", "/latest/meta-data/ami-id", NULL, NULL, TRUE, 200, 401, 403},
    {"GET", "/latest/meta-data/none", NULL, NULL, FALSE, 404, 401, 403},
    {"GET", "/latest/meta-data/none", "good", NULL, FALSE, 404, 404, 403},
    {"GET", "/latest/meta-data/ami-id", "good", NULL, FALSE, 200, 200, 403},
    {"GET", "/latest/meta-data/ami-id", "", NULL, FALSE, 401, 401, 403},
    {"GET", "/latest/meta-data/ami-id", "bad", NULL, FALSE, 401, 401, 403},
    {"GET", "/latest/api/token", NULL, NULL, FALSE, 405, 405, 403},
    {"PUT", "/latest/api/token", NULL, "60", FALSE, 200, 200, 403},
    {"PUT", "/latest/api/token", NULL, "60", TRUE, 403, 403, 403},
    {"PUT", "/latest/api/token", NULL, "0", FALSE, 400, 400, 403},
    {"PUT", "/latest/api/token", NULL, NULL, FALSE, 400, 400, 403},
    {"PUT", "/latest/api/token/", NULL, "60", FALSE, 403, 403, 403},
    {"PUT", "/latest/meta-data/ami-id", "good", "60", FALSE, 403, 403, 403},
    {"POST", "/latest/meta-data/ami-id", NULL, NULL, FALSE, 405, 405, 403},
    {"DELETE", "/latest/user-data", "good", NULL, FALSE, 405, 405, 403},
    {"get", "/latest/user-data", NULL, NULL, FALSE, 405, 405, 403},
};

START_TEST(rules_of_access)
{
    g_autofree char *token = imds_token_new(SECRET, "i-0123456789abcdef0 3", NOW + 60);
    const guint wanted[] = {rules[_i].optional, rules[_i].required, rules[_i].disabled};
    const imds_request request = {
        .method = rules[_i].method,
        .path = rules[_i].path,
        .token = g_strcmp0(rules[_i].token, "good") == 0 ? token : rules[_i].token,
        .ttl = rules[_i].ttl,
        .forwarded = rules[_i].forwarded};

    for (int access = IMDS_OPTIONAL; access <= IMDS_DISABLED; access++) {
        g_autoptr(imds_answer) answer = ask((imds_access)access, &request);
        ck_assert_msg(answer->status == wanted[access], "%s %s, %s: %u", request.method,
                      request.path, access_words[access], answer->status);
    }
}
END_TEST

START_TEST(tokens_that_are_given_are_taken)
{
    const imds_request put = {.method = "PUT", .path = "/latest/api/token", .ttl = "21600"};
    g_autoptr(imds_answer) given = ask(IMDS_REQUIRED, &put);
    gsize length = 0;
    const char *bytes = g_bytes_get_data(given->content, &length);
    g_autofree char *token = g_strndup(bytes, length);
    const imds_request get = {
        .method = "GET", .path = "/latest/meta-data/instance-id", .token = token};
    g_autoptr(imds_answer) answer = ask(IMDS_REQUIRED, &get);

    ck_assert_int_eq(given->left, 21600);
    ck_assert_uint_eq(answer->status, 200);
    ck_assert_int_eq(answer->left, 21600);
    /* The instance was stopped and started since. */
    phony_metadata_ebs()->what->vm->starts++;
    g_clear_pointer(&answer, imds_answer_free);
    answer = ask(IMDS_REQUIRED, &get);
    phony_metadata_ebs()->what->vm->starts--;
    ck_assert_uint_eq(answer->status, 401);
}
END_TEST

Suite *
suite_imds(void)
{
    Suite *suite = suite_create("imds");
    TCase *tests = tcase_create("imds");

    tcase_add_test(tests, whole_trees);
    tcase_add_test(tests, versions_are_listed);
    tcase_add_test(tests, directories_with_or_without_a_slash);
    tcase_add_test(tests, what_is_not_there);
    tcase_add_test(tests, tags_are_told_if_that_is_allowed);
    tcase_add_test(tests, user_data_is_as_it_was_given);
    tcase_add_test(tests, an_instance_that_lacks_things);
    tcase_add_test(tests, tokens_are_for_one_and_for_a_time);
    tcase_add_test(tests, tokens_that_are_changed_are_none);
    tcase_add_test(tests, seconds_of_tokens);
    tcase_add_loop_test(tests, rules_of_access, 0, G_N_ELEMENTS(rules));
    tcase_add_test(tests, tokens_that_are_given_are_taken);
    suite_add_tcase(suite, tests);
    return suite;
}
