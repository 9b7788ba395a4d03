#include "images/manifest.h"
#include "common/ids.h"
#include "images/manifest_xml.h"

#include <string.h>

#define VERSION "2007-10-10"
#define MOST_NAME 255
#define MOST_MAPPINGS 64
#define MOST_EPHEMERAL 23
#define SHA1_DIGITS 40

static void
part_free(manifest_part *self)
{
    g_free(self->filename);
    g_free(self->digest);
    g_free(self);
}

static void
mapping_free(manifest_mapping *self)
{
    g_free(self->virtual_name);
    g_free(self->device);
    g_free(self);
}

manifest *
manifest_new(void)
{
    manifest *self = g_new0(manifest, 1);

    self->mapping = g_ptr_array_new_with_free_func((GDestroyNotify)mapping_free);
    self->product_codes = g_ptr_array_new_with_free_func(g_free);
    self->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
    return self;
}

void
manifest_free(manifest *self)
{
    if (self == NULL)
        return;
    g_ptr_array_unref(self->mapping);
    g_ptr_array_unref(self->product_codes);
    g_ptr_array_unref(self->parts);
    g_free(self->bundler);
    g_free(self->bundler_version);
    g_free(self->bundler_release);
    g_free(self->architecture);
    g_free(self->kernel);
    g_free(self->ramdisk);
    g_free(self->name);
    g_free(self->user);
    g_free(self->digest);
    g_free(self->ec2_key);
    g_free(self->user_key);
    g_free(self->ec2_iv);
    g_free(self->user_iv);
    g_free(self->document);
    g_free(self->signed_text);
    g_free(self->signature);
    g_free(self);
}

void
manifest_add_part(manifest *self, const char *filename, const char *digest)
{
    manifest_part *part = g_new0(manifest_part, 1);

    part->filename = g_strdup(filename);
    part->digest = g_strdup(digest);
    g_ptr_array_add(self->parts, part);
}

void
manifest_add_mapping(manifest *self, const char *virtual_name, const char *device)
{
    manifest_mapping *entry = g_new0(manifest_mapping, 1);

    entry->virtual_name = g_strdup(virtual_name);
    entry->device = g_strdup(device);
    g_ptr_array_add(self->mapping, entry);
}

/* ---- texts ---- */

static gboolean
complain(GError **error, const char *what, const char *rule)
{
    return error_set(error, ERROR_MANIFEST, "the manifest's %s %s", what, rule);
}

static gboolean
check_hex(const char *text, gsize least, gsize most, const char *what, GError **error)
{
    gsize length = strlen(text);

    if (length >= least && length <= most && length % 2 == 0 &&
        strspn(text, "0123456789abcdefABCDEF") == length)
        return TRUE;
    return complain(error, what, "is no hex text of the right length");
}

static gboolean
check_plain(const char *text, const char *what, GError **error)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)))
            return complain(error, what, "has a control character");
    if (*text != '\0' && strlen(text) <= MOST_NAME)
        return TRUE;
    return complain(error, what, "is empty or too long");
}

static gboolean
check_filename(const char *name, GError **error)
{
    if (!check_plain(name, "part's filename", error))
        return FALSE;
    if (strchr(name, '/') == NULL && !g_str_equal(name, ".") && !g_str_equal(name, ".."))
        return TRUE;
    return complain(error, "part's filename", "leaves the manifest's folder");
}

/* Takes a text of PARENT's child NAME that must be there. */
static gboolean
take_text(xmlNode *parent, const char *name, char **place, GError **error)
{
    xmlNode *node = manifest_xml_one(parent, name, TRUE, error);

    *place = node != NULL ? manifest_xml_text(node, error) : NULL;
    return *place != NULL && check_plain(*place, name, error);
}

/* The same for one that may be missing. */
static gboolean
take_optional(xmlNode *parent, const char *name, char **place, GError **error)
{
    return manifest_xml_count(parent, name) == 0 || take_text(parent, name, place, error);
}

/* Names of algorithms can only be those that there are. */
static gboolean
check_algorithm(xmlNode *parent, const char *name, const char *expected, GError **error)
{
    xmlNode *node = manifest_xml_one(parent, name, TRUE, error);
    g_autofree char *algorithm = node != NULL ? manifest_xml_attribute(node, "algorithm") : NULL;

    if (node == NULL)
        return FALSE;
    return algorithm == NULL || g_ascii_strcasecmp(algorithm, expected) == 0 ||
           complain(error, name, "is of an unknown algorithm");
}

static gboolean
take_digest(xmlNode *parent, char **place, GError **error)
{
    xmlNode *node = manifest_xml_one(parent, "digest", TRUE, error);

    if (node == NULL || !check_algorithm(parent, "digest", "SHA1", error))
        return FALSE;
    *place = manifest_xml_text(node, error);
    if (*place == NULL || !check_hex(*place, SHA1_DIGITS, SHA1_DIGITS, "digest", error))
        return FALSE;
    for (char *at = *place; *at != '\0'; at++)
        *at = g_ascii_tolower(*at);
    return TRUE;
}

/* RSA keys have 512 to 16384 bits. */
static gboolean
take_sealed(xmlNode *parent, const char *name, char **place, GError **error)
{
    xmlNode *node = manifest_xml_one(parent, name, TRUE, error);

    *place = node != NULL ? manifest_xml_text(node, error) : NULL;
    return *place != NULL && check_hex(*place, 128, 4096, name, error) &&
           check_algorithm(parent, name, "AES-128-CBC", error);
}

static gboolean
take_number(xmlNode *parent, const char *name, guint64 most, guint64 *number, GError **error)
{
    xmlNode *node = manifest_xml_one(parent, name, TRUE, error);
    g_autofree char *text = node != NULL ? manifest_xml_text(node, error) : NULL;

    if (text == NULL)
        return FALSE;
    return g_ascii_string_to_unsigned(text, 10, 1, most, number, NULL) ||
           complain(error, name, "is no number, or out of bounds");
}

/* ---- machine_configuration ---- */

static gboolean
check_virtual_name(const char *name, GError **error)
{
    guint64 number;

    if (g_str_equal(name, "ami") || g_str_equal(name, "root") || g_str_equal(name, "swap"))
        return TRUE;
    if (g_str_has_prefix(name, "ephemeral") &&
        g_ascii_string_to_unsigned(name + strlen("ephemeral"), 10, 0, MOST_EPHEMERAL, &number,
                                   NULL))
        return TRUE;
    return complain(error, "mapping", "names neither ami, root, swap nor ephemeral0 to 23");
}

/* Both "sda1" and "/dev/sda1" are in use. */
static char *
device_of(const char *text, GError **error)
{
    const char *name = g_str_has_prefix(text, "/dev/") ? text + strlen("/dev/") : text;
    gsize length = strlen(name);

    if (length >= 1 && length <= 27 &&
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") == length)
        return g_strconcat("/dev/", name, NULL);
    complain(error, "mapping", "has a device name such as none has: sda1, /dev/xvda, ...");
    return NULL;
}

static gboolean
take_mapping(manifest *self, xmlNode *node, GError **error)
{
    g_autofree char *name = NULL;
    g_autofree char *text = NULL;
    g_autofree char *device = NULL;

    if (!take_text(node, "virtual", &name, error) || !take_text(node, "device", &text, error) ||
        !check_virtual_name(name, error))
        return FALSE;
    device = device_of(text, error);
    if (device == NULL)
        return FALSE;
    for (guint i = 0; i < self->mapping->len; i++) {
        const manifest_mapping *other = g_ptr_array_index(self->mapping, i);
        if (g_str_equal(other->virtual_name, name))
            return complain(error, "mapping", "has a virtual name twice");
    }
    manifest_add_mapping(self, name, device);
    return self->mapping->len <= MOST_MAPPINGS || complain(error, "mapping", "is too long");
}

/* Writers and readers disagree about the element's name. */
static gboolean
take_mappings(manifest *self, xmlNode *machine, GError **error)
{
    static const char *const spellings[] = {"block_device_mapping", "block_device_mappings"};

    for (guint i = 0; i < G_N_ELEMENTS(spellings); i++) {
        xmlNode *list;
        if (manifest_xml_count(machine, spellings[i]) == 0)
            continue;
        if (self->mapping->len > 0)
            return complain(error, "mapping", "is there in two spellings");
        list = manifest_xml_one(machine, spellings[i], TRUE, error);
        if (list == NULL)
            return FALSE;
        for (xmlNode *node = list->children; node != NULL; node = node->next)
            if (manifest_xml_is(node, "mapping") && !take_mapping(self, node, error))
                return FALSE;
    }
    return TRUE;
}

static gboolean
take_codes(manifest *self, xmlNode *machine, GError **error)
{
    xmlNode *list;

    if (manifest_xml_count(machine, "product_codes") == 0)
        return TRUE;
    list = manifest_xml_one(machine, "product_codes", TRUE, error);
    if (list == NULL)
        return FALSE;
    for (xmlNode *node = list->children; node != NULL; node = node->next) {
        g_autofree char *code = NULL;
        if (!manifest_xml_is(node, "product_code"))
            continue;
        code = manifest_xml_text(node, error);
        if (code == NULL || !check_plain(code, "product code", error))
            return FALSE;
        if (!g_ptr_array_find_with_equal_func(self->product_codes, code, g_str_equal, NULL))
            g_ptr_array_add(self->product_codes, g_steal_pointer(&code));
    }
    return self->product_codes->len <= MANIFEST_MOST_CODES ||
           complain(error, "list of product codes", "is too long");
}

static gboolean
take_machine(manifest *self, xmlNode *machine, GError **error)
{
    static const char *const architectures[] = {"x86_64", "i386", "arm64", NULL};

    if (!take_text(machine, "architecture", &self->architecture, error))
        return FALSE;
    if (!g_strv_contains(architectures, self->architecture))
        return complain(error, "architecture", "is none of x86_64, i386, arm64");
    if (!take_optional(machine, "kernel_id", &self->kernel, error) ||
        !take_optional(machine, "ramdisk_id", &self->ramdisk, error))
        return FALSE;
    if (self->kernel != NULL && !id_is("aki", self->kernel))
        return complain(error, "kernel_id", "is no aki-...");
    if (self->ramdisk != NULL && !id_is("ari", self->ramdisk))
        return complain(error, "ramdisk_id", "is no ari-...");
    return take_mappings(self, machine, error) && take_codes(self, machine, error);
}

/* ---- image ---- */

static gboolean
take_part(manifest *self, xmlNode *node, GHashTable *seen, GError **error)
{
    g_autofree char *index = manifest_xml_attribute(node, "index");
    g_autofree char *filename = NULL;
    g_autofree char *digest = NULL;
    guint64 number;

    if (index == NULL ||
        !g_ascii_string_to_unsigned(index, 10, 0, MANIFEST_MOST_PARTS, &number, NULL) ||
        number != self->parts->len)
        return complain(error, "parts", "are not numbered from 0 on");
    if (!take_text(node, "filename", &filename, error) || !check_filename(filename, error) ||
        !take_digest(node, &digest, error))
        return FALSE;
    if (self->parts->len >= MANIFEST_MOST_PARTS)
        return complain(error, "parts", "are too many");
    if (g_hash_table_contains(seen, filename))
        return complain(error, "parts", "name a file twice");
    manifest_add_part(self, filename, digest);
    g_hash_table_add(seen, g_steal_pointer(&filename));
    return TRUE;
}

static gboolean
take_parts(manifest *self, xmlNode *image, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    xmlNode *list = manifest_xml_one(image, "parts", TRUE, error);
    g_autofree char *text = list != NULL ? manifest_xml_attribute(list, "count") : NULL;
    guint64 count;

    if (list == NULL)
        return FALSE;
    if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 1, MANIFEST_MOST_PARTS, &count, NULL))
        return complain(error, "count of parts", "is no number, or out of bounds");
    for (xmlNode *node = list->children; node != NULL; node = node->next)
        if (manifest_xml_is(node, "part") && !take_part(self, node, seen, error))
            return FALSE;
    return self->parts->len == count ||
           complain(error, "count of parts", "is not that of the parts that it names");
}

static gboolean
take_keys(manifest *self, xmlNode *image, GError **error)
{
    return take_sealed(image, "ec2_encrypted_key", &self->ec2_key, error) &&
           take_sealed(image, "user_encrypted_key", &self->user_key, error) &&
           take_sealed(image, "ec2_encrypted_iv", &self->ec2_iv, error) &&
           take_sealed(image, "user_encrypted_iv", &self->user_iv, error);
}

static gboolean
take_image(manifest *self, xmlNode *image, GError **error)
{
    g_autofree char *type = NULL;

    if (!take_text(image, "name", &self->name, error) ||
        !take_text(image, "user", &self->user, error) ||
        !take_optional(image, "type", &type, error))
        return FALSE;
    if (type != NULL && !g_str_equal(type, "machine"))
        return complain(error, "type", "is not machine: a bundled kernel or ramdisk is no AMI");
    return take_digest(image, &self->digest, error) &&
           take_number(image, "size", MANIFEST_MOST_SIZE, &self->size, error) &&
           take_number(image, "bundled_size", G_GUINT64_CONSTANT(1) << 40, &self->bundled_size,
                       error) &&
           take_keys(self, image, error) && take_parts(self, image, error);
}

/* ---- the document ---- */

static gboolean
take_bundler(manifest *self, xmlNode *root, GError **error)
{
    xmlNode *node;

    if (manifest_xml_count(root, "bundler") == 0)
        return TRUE;
    node = manifest_xml_one(root, "bundler", TRUE, error);
    return node != NULL && take_optional(node, "name", &self->bundler, error) &&
           take_optional(node, "version", &self->bundler_version, error) &&
           take_optional(node, "release", &self->bundler_release, error);
}

static gboolean
check_version(xmlNode *root, GError **error)
{
    g_autofree char *version = NULL;

    if (!take_text(root, "version", &version, error))
        return FALSE;
    return g_str_equal(version, VERSION) ||
           complain(error, "version", "is not " VERSION ", the only one that is known");
}

static gboolean
take_signature(manifest *self, xmlNode *root, GError **error)
{
    xmlNode *node;

    if (manifest_xml_count(root, "signature") == 0)
        return TRUE;
    node = manifest_xml_one(root, "signature", TRUE, error);
    self->signature = node != NULL ? manifest_xml_text(node, error) : NULL;
    return self->signature != NULL && check_hex(self->signature, 128, 4096, "signature", error);
}

/* What is signed is read from the very bytes that are, not from where they came from. */
static char *
take_signed(manifest *self, const char *text, xmlNode *root, const char *name,
            gboolean (*take)(manifest *self, xmlNode *node, GError **error), GError **error)
{
    g_autofree char *source = manifest_xml_one(root, name, TRUE, error) != NULL
                                  ? manifest_xml_source(text, name, error)
                                  : NULL;
    g_autoptr(xmlDoc) element =
        source != NULL ? manifest_xml_parse(source, strlen(source), error) : NULL;

    return element != NULL && take(self, xmlDocGetRootElement(element), error)
               ? g_steal_pointer(&source)
               : NULL;
}

manifest *
manifest_parse(const char *text, gsize length, GError **error)
{
    g_autoptr(manifest) self = manifest_new();
    g_autoptr(xmlDoc) document = manifest_xml_parse(text, length, error);
    xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
    g_autofree char *machine = NULL;
    g_autofree char *image = NULL;

    if (root == NULL)
        return NULL;
    if (!manifest_xml_is(root, "manifest")) {
        error_set(error, ERROR_MANIFEST, "this XML is no manifest");
        return NULL;
    }
    if (!check_version(root, error) || !take_bundler(self, root, error) ||
        !take_signature(self, root, error))
        return NULL;
    machine = take_signed(self, text, root, "machine_configuration", take_machine, error);
    image = machine != NULL ? take_signed(self, text, root, "image", take_image, error) : NULL;
    if (image == NULL)
        return NULL;
    self->signed_text = g_strconcat(machine, image, NULL);
    self->document = g_strndup(text, length);
    return g_steal_pointer(&self);
}
