#include "launcher/mapping.h"
#include "common/error.h"

#include <stdlib.h>
#include <string.h>

#define GIB (G_GINT64_CONSTANT(1) << 30)
#define GB G_GINT64_CONSTANT(1000000000)

void
block_device_free(block_device *self)
{
    if (self == NULL)
        return;
    g_free(self->device);
    g_free(self->virtual_name);
    g_free(self->snapshot);
    g_free(self->volume_type);
    g_free(self);
}

static block_device *
from_image(const image_mapping *entry)
{
    block_device *self = g_new0(block_device, 1);

    self->device = g_strdup(entry->device);
    self->snapshot = g_strdup(entry->snapshot);
    self->volume_type = g_strdup(entry->volume_type);
    self->size = entry->size_gib * GIB;
    self->delete_on_termination = entry->delete_on_termination != 0;
    return self;
}

static gboolean
is_used(const GPtrArray *mapped, const char *device)
{
    for (guint i = 0; i < mapped->len; i++) {
        const block_device *other = g_ptr_array_index(mapped, i);
        if (g_str_equal(other->device, device))
            return TRUE;
    }
    return FALSE;
}

/* EC2's images put ephemeral0 at sdb and count on from there. 26 letters are enough for the 24
 * disks that the largest type has. */
static char *
free_device(const GPtrArray *mapped, gint64 position)
{
    for (int letter = 'b' + (int)position; letter <= 'z'; letter++) {
        g_autofree char *device = g_strdup_printf("/dev/sd%c", letter);
        if (!is_used(mapped, device))
            return g_steal_pointer(&device);
    }
    return g_strdup_printf("/dev/sda%c", 'a' + (int)position);
}

static const block_device *
find_store_disk(const GPtrArray *mapped, const char *virtual_name)
{
    for (guint i = 0; i < mapped->len; i++) {
        const block_device *other = g_ptr_array_index(mapped, i);
        if (g_strcmp0(other->virtual_name, virtual_name) == 0)
            return other;
    }
    return NULL;
}

void
mapping_add_store_disks(GPtrArray *mapped, const instance_type *type)
{
    for (guint i = 0; i < type->store_count; i++) {
        g_autofree char *virtual_name = g_strdup_printf("ephemeral%u", i);
        block_device *added;
        if (find_store_disk(mapped, virtual_name) != NULL)
            continue;
        added = g_new0(block_device, 1);
        added->device = free_device(mapped, i);
        added->virtual_name = g_steal_pointer(&virtual_name);
        added->position = i;
        added->size = (gint64)type->store_gb * GB;
        g_ptr_array_add(mapped, added);
    }
}

/* An ephemeral entry of the image only says under which name the type's disk appears. */
static void
add_named_store_disk(GPtrArray *mapped, const image_mapping *entry, const instance_type *type)
{
    guint64 position = strtoull(entry->virtual_name + strlen("ephemeral"), NULL, 10);
    block_device *added;

    if (position >= type->store_count || is_used(mapped, entry->device))
        return;
    added = g_new0(block_device, 1);
    added->device = g_strdup(entry->device);
    added->virtual_name = g_strdup(entry->virtual_name);
    added->position = (gint64)position;
    added->size = (gint64)type->store_gb * GB;
    g_ptr_array_add(mapped, added);
}

GPtrArray *
mapping_of_launch(const image *ami, const GPtrArray *image_mappings, const instance_type *type,
                  GError **error)
{
    g_autoptr(GPtrArray) mapped = g_ptr_array_new_with_free_func((GDestroyNotify)block_device_free);
    gboolean rooted = FALSE;

    for (guint i = 0; i < image_mappings->len; i++) {
        const image_mapping *entry = g_ptr_array_index(image_mappings, i);
        gboolean is_root = g_str_equal(entry->device, ami->root_device);
        if (entry->virtual_name != NULL)
            continue;
        g_ptr_array_insert(mapped, is_root ? 0 : -1, from_image(entry));
        rooted = rooted || is_root;
    }
    if (!rooted) {
        error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                  "The image %s maps nothing to its root device %s", ami->id, ami->root_device);
        return NULL;
    }
    for (guint i = 0; i < image_mappings->len; i++) {
        const image_mapping *entry = g_ptr_array_index(image_mappings, i);
        if (entry->virtual_name != NULL && g_str_has_prefix(entry->virtual_name, "ephemeral"))
            add_named_store_disk(mapped, entry, type);
    }
    mapping_add_store_disks(mapped, type);
    return g_steal_pointer(&mapped);
}
