/* Registering a bundle: HOME gets a copy, as S3 would have one; nothing is unbundled yet. */
#include "common/error.h"
#include "common/ids.h"
#include "common/times.h"
#include "images/bundle_kept.h"
#include "images/import.h"
#include "launcher/bundle_mapping.h"
#include "launcher/bundle_opened.h"
#include "launcher/bundle_work.h"
#include "launcher/device_name.h"
#include "launcher/reconcile.h"
#include "launcher/tagging.h"
#include "store/product_code.h"

#include <string.h>

#define NAME_LEAST 3
#define NAME_MOST 128

typedef struct {
    const bundle_register_ask *asked;
    bundle_opened opened;
    bundle_work work;
    image *ami;
    GPtrArray *mapping; /* image_mapping* */
    GPtrArray *tags;    /* tag* */
} registration;

static void
registration_clear(registration *self)
{
    bundle_opened_clear(&self->opened);
    bundle_work_clear(&self->work);
    image_free(self->ami);
    if (self->mapping != NULL)
        g_ptr_array_unref(self->mapping);
    if (self->tags != NULL)
        g_ptr_array_unref(self->tags);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(registration, registration_clear)

/* ---- what is asked ---- */

static gboolean
one_of(const char *what, const char *value, const char *const *allowed, GError **error)
{
    g_autofree char *list = g_strjoinv(", ", (char **)allowed);

    return value == NULL || g_strv_contains(allowed, value) ||
           error_set(error, ERROR_PARAMETER_VALUE, "Invalid value '%s' for %s: one of %s", value,
                     what, list);
}

static gboolean
check_id(const char *text, const char *prefix, GError **error)
{
    return text == NULL || id_is(prefix, text) ||
           error_set(error, ERROR_PARAMETER_VALUE, "Invalid id: \"%s\" (expecting \"%s-...\")",
                     text, prefix);
}

static gboolean
check_device(const char *device, GError **error)
{
    return device == NULL ||
           (g_str_has_prefix(device, "/dev/") && strlen(device) > 5 && strlen(device) <= 32 &&
            strspn(device + 5, "abcdefghijklmnopqrstuvwxyz0123456789") == strlen(device + 5)) ||
           error_set(error, ERROR_PARAMETER_VALUE,
                     "Invalid value '%s' for root device name: such as /dev/sda1 or /dev/xvda",
                     device);
}

static gboolean
check_request(const bundle_register_ask *asked, GError **error)
{
    static const char *const architectures[] = {"x86_64", "i386", "arm64", NULL};

    return (asked->name == NULL || image_name_check(asked->name, error)) &&
           one_of("architecture", asked->architecture, architectures, error) &&
           one_of("virtualization type", asked->virtualization, virtualization_words, error) &&
           check_id(asked->kernel, "aki", error) && check_id(asked->ramdisk, "ari", error) &&
           check_device(asked->root_device, error);
}

/* ---- what it becomes ---- */

/* The manifest's name as an AMI can have it, with a number after it if that is taken. */
static char *
free_name(launcher *self, const manifest *what)
{
    g_autofree char *stem = g_strndup(what->name, NAME_MOST - 8);
    const char *owner = self->conf->account;
    const char *region = self->conf->region;

    for (char *at = stem; *at != '\0'; at++)
        if (!g_ascii_isalnum(*at) && strchr("()[] ./-'@_", *at) == NULL)
            *at = '-';
    if (strlen(stem) < NAME_LEAST) {
        g_autofree char *shorter = g_steal_pointer(&stem);
        stem = g_strconcat(shorter, "-image", NULL);
    }
    for (int number = 1;; number++) {
        g_autofree char *name =
            number == 1 ? g_strdup(stem) : g_strdup_printf("%s-%d", stem, number);
        if (!image_name_taken(self->db, owner, region, name))
            return g_steal_pointer(&name);
    }
}

static gboolean
check_name(launcher *self, const char *name, GError **error)
{
    return name == NULL ||
           !image_name_taken(self->db, self->conf->account, self->conf->region, name) ||
           error_set(error, ERROR_AMI_NAME_DUPLICATE,
                     "AMI name %s is already in use by another AMI", name);
}

static char *
either(const char *asked, const char *otherwise)
{
    return g_strdup(asked != NULL ? asked : otherwise);
}

/* EC2 let a kernel image make an AMI paravirtual. */
static int
virtualization_of(const bundle_register_ask *asked, const char *kernel)
{
    if (asked->virtualization == NULL)
        return kernel != NULL ? VIRTUALIZATION_PARAVIRTUAL : VIRTUALIZATION_HVM;
    return g_str_equal(asked->virtualization, virtualization_words[VIRTUALIZATION_HVM])
               ? VIRTUALIZATION_HVM
               : VIRTUALIZATION_PARAVIRTUAL;
}

static image *
image_of(launcher *self, const bundle_register_ask *asked, const manifest *what, const char *root)
{
    image *ami = g_new0(image, 1);

    ami->id = id_new("ami");
    ami->name = asked->name != NULL ? g_strdup(asked->name) : free_name(self, what);
    ami->description = g_strdup(asked->description);
    ami->state = IMAGE_AVAILABLE;
    ami->architecture = either(asked->architecture, what->architecture);
    ami->root_device_type = ROOT_INSTANCE_STORE;
    ami->root_device = either(asked->root_device, root);
    ami->kernel = either(asked->kernel, what->kernel);
    ami->ramdisk = either(asked->ramdisk, what->ramdisk);
    ami->virtualization = virtualization_of(asked, ami->kernel);
    ami->source = g_path_get_basename(asked->path);
    ami->location = g_path_get_basename(asked->path);
    ami->owner = g_strdup(self->conf->account);
    ami->region = g_strdup(self->conf->region);
    ami->created = time_now();
    return ami;
}

static gboolean
check_mapping(const GPtrArray *mapping, GError **error)
{
    for (guint i = 0; i < mapping->len; i++)
        for (guint j = 0; j < i; j++) {
            const image_mapping *one = g_ptr_array_index(mapping, i);
            const image_mapping *other = g_ptr_array_index(mapping, j);
            if (device_name_same_disk(one->device, other->device))
                return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                                 "The device '%s' is used in more than one block-device mapping",
                                 one->device);
        }
    return TRUE;
}

/* ---- the result ---- */

static gboolean
insert_codes(launcher *self, const registration *what, GError **error)
{
    const GPtrArray *codes = what->opened.what->product_codes;

    for (guint i = 0; i < codes->len; i++) {
        const product_code code = {.resource = what->ami->id,
                                   .code = g_ptr_array_index(codes, i),
                                   .kind = (char *)"devpay"};
        if (!product_code_insert(self->db, &code, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
record(launcher *self, const registration *what, const char *folder, GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);

    if (result == NULL || !image_insert(self->db, what->ami, error) ||
        !bundle_adopt(self->home, what->ami->content, folder, error))
        return FALSE;
    for (guint i = 0; i < what->mapping->len; i++)
        if (!image_mapping_insert(self->db, g_ptr_array_index(what->mapping, i), error))
            return FALSE;
    return insert_codes(self, what, error) &&
           tags_put(self->db, what->ami->id, what->tags, error) &&
           transaction_commit(result, error);
}

static gboolean
keep(launcher *self, registration *what, GError **error)
{
    const bundle_opened *opened = &what->opened;
    g_autofree char *folder = g_build_filename(what->work.folder, "bundle", NULL);

    what->ami->content = bundle_keep(opened->what, opened->folder_fd, opened->key, opened->iv,
                                     folder, self->listener, error);
    return what->ami->content != NULL && record(self, what, folder, error);
}

char *
launcher_bundle_register(launcher *self, const bundle_register_ask *asked, GError **error)
{
    g_auto(registration) what = {.asked = asked, .opened = {.folder_fd = -1}};
    g_autofree char *root = NULL;
    const manifest *found;
    gboolean done;

    what.tags = tags_parse(asked->tags, error);
    if (what.tags == NULL || !check_request(asked, error) || !reconcile_images(self, error) ||
        !check_name(self, asked->name, error) ||
        !bundle_opened_read(self, &what.opened, asked->path, &asked->keys, asked->unsigned_too,
                            error))
        return NULL;
    found = what.opened.what;
    root = bundle_mapping_root(found, error);
    if (root == NULL)
        return NULL;
    what.ami = image_of(self, asked, found, root);
    what.mapping = bundle_mapping_of_image(found, what.ami->id, what.ami->root_device);
    if (!check_mapping(what.mapping, error) ||
        !bundle_work_begin(self, &what.work, "bundle-register", error))
        return NULL;
    done = keep(self, &what, error);
    return bundle_work_end(self, &what.work, done, error) ? g_strdup(what.ami->id) : NULL;
}
