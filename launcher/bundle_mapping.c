#include "launcher/bundle_mapping.h"
#include "common/error.h"
#include "launcher/device_name.h"
#include "launcher/map_spec.h"
#include "store/product_code.h"

#include <string.h>

#define GIB (G_GUINT64_CONSTANT(1) << 30)
#define DEFAULT_ROOT "/dev/sda1"

static void
set(manifest *to, const char *virtual_name, const char *device)
{
    for (guint i = 0; i < to->mapping->len; i++) {
        const manifest_mapping *entry = g_ptr_array_index(to->mapping, i);
        if (g_str_equal(entry->virtual_name, virtual_name)) {
            g_ptr_array_remove_index(to->mapping, i);
            break;
        }
    }
    manifest_add_mapping(to, virtual_name, device);
}

static gboolean
set_store_disks(launcher *self, const instance *vm, manifest *to, GError **error)
{
    g_autoptr(GPtrArray) disks = store_disk_list(self->db, vm->id, error);

    for (guint i = 0; disks != NULL && i < disks->len; i++) {
        const store_disk *disk = g_ptr_array_index(disks, i);
        if (virtual_name_position(disk->virtual_name) >= 0)
            set(to, disk->virtual_name, disk->device);
    }
    return disks != NULL;
}

static gboolean
is_virtual(const char *text)
{
    return g_str_equal(text, "ami") || g_str_equal(text, "root") || g_str_equal(text, "swap") ||
           virtual_name_position(text) >= 0;
}

static gboolean
is_device(const char *text)
{
    const char *name = g_str_has_prefix(text, "/dev/") ? text + 5 : text;
    gsize length = strlen(name);

    return length >= 1 && length <= 27 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") == length;
}

/* Both EC2's old form and that of the other commands. */
static gboolean
set_from_text(manifest *to, const char *text, GError **error)
{
    g_auto(GStrv) halves = g_strsplit(text, "=", 2);
    gboolean two = g_strv_length(halves) == 2;
    guint name = two && is_virtual(halves[0]) ? 0 : 1;
    g_autofree char *device = NULL;

    if (!two || !is_virtual(halves[name]) || !is_device(halves[1 - name]))
        return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                         "%s: a bundle maps ami, root, swap or ephemeral0 to 23, as in "
                         "/dev/sdb=ephemeral0",
                         text);
    device = g_str_has_prefix(halves[1 - name], "/dev/")
                 ? g_strdup(halves[1 - name])
                 : g_strconcat("/dev/", halves[1 - name], NULL);
    set(to, halves[name], device);
    return TRUE;
}

gboolean
bundle_mapping_make(launcher *self, const instance *vm, const char *const *map, manifest *to,
                    GError **error)
{
    const char *root = vm != NULL ? vm->root_device : DEFAULT_ROOT;

    set(to, "ami", root);
    set(to, "root", root);
    if (vm != NULL && !set_store_disks(self, vm, to, error))
        return FALSE;
    for (gsize i = 0; map != NULL && map[i] != NULL; i++)
        if (!set_from_text(to, map[i], error))
            return FALSE;
    return TRUE;
}

static gboolean
add_codes(launcher *self, const char *resource, manifest *to, GError **error)
{
    g_autoptr(GPtrArray) codes = product_code_list(self->db, resource, error);

    for (guint i = 0; codes != NULL && i < codes->len; i++) {
        const product_code *one = g_ptr_array_index(codes, i);
        if (!g_ptr_array_find_with_equal_func(to->product_codes, one->code, g_str_equal, NULL))
            g_ptr_array_add(to->product_codes, g_strdup(one->code));
    }
    return codes != NULL;
}

/* A seller's terms stay with what was made of an image. */
gboolean
bundle_codes_make(launcher *self, const instance *vm, manifest *to, GError **error)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(self->db, vm->id, error);

    if (volumes == NULL || !add_codes(self, vm->id, to, error))
        return FALSE;
    for (guint i = 0; i < volumes->len; i++) {
        const volume *disk = g_ptr_array_index(volumes, i);
        if (g_strcmp0(disk->device, vm->root_device) == 0 && !add_codes(self, disk->id, to, error))
            return FALSE;
    }
    return to->product_codes->len <= MANIFEST_MOST_CODES ||
           error_set(error, ERROR_UNSUPPORTED,
                     "'%s' has %u product codes, and a manifest has at most %d", vm->id,
                     to->product_codes->len, MANIFEST_MOST_CODES);
}

static const char *
device_of(const manifest *what, const char *virtual_name)
{
    for (guint i = 0; i < what->mapping->len; i++) {
        const manifest_mapping *entry = g_ptr_array_index(what->mapping, i);
        if (g_str_equal(entry->virtual_name, virtual_name))
            return entry->device;
    }
    return NULL;
}

char *
bundle_mapping_root(const manifest *what, GError **error)
{
    const char *root = device_of(what, "root");
    const char *ami = device_of(what, "ami");

    if (root != NULL && ami != NULL && !device_name_same_disk(root, ami)) {
        error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                  "the manifest maps two roots: ami to %s, and root to %s", ami, root);
        return NULL;
    }
    if (root == NULL)
        root = ami;
    return g_strdup(root != NULL ? root : DEFAULT_ROOT);
}

static image_mapping *
entry_new(const char *id, gint64 position, const char *device, const char *virtual_name)
{
    image_mapping *entry = g_new0(image_mapping, 1);

    entry->image = g_strdup(id);
    entry->position = position;
    entry->device = g_strdup(device);
    entry->virtual_name = g_strdup(virtual_name);
    return entry;
}

GPtrArray *
bundle_mapping_of_image(const manifest *what, const char *id, const char *root)
{
    GPtrArray *made = g_ptr_array_new_with_free_func((GDestroyNotify)image_mapping_free);
    image_mapping *first = entry_new(id, 0, root, "ami");

    first->size_gib = (gint64)((what->size + GIB - 1) / GIB);
    g_ptr_array_add(made, first);
    for (guint i = 0; i < what->mapping->len; i++) {
        const manifest_mapping *entry = g_ptr_array_index(what->mapping, i);
        if (virtual_name_position(entry->virtual_name) >= 0 &&
            !device_name_same_disk(entry->device, root))
            g_ptr_array_add(made, entry_new(id, made->len, entry->device, entry->virtual_name));
    }
    return made;
}
