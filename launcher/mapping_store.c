#include "launcher/mapping_store.h"
#include "launcher/device_name.h"
#include "launcher/map_spec.h"
#include "store/instance.h"

#define GB G_GINT64_CONSTANT(1000000000)
#define FIRST_DEVICE 'b' /* where EC2's images put ephemeral0 */

/* M3 types take instance-store disks from the launch's mapping only: where an image names some, a
 * launch that doesn't gets none.
 * Source: Amazon EC2 API Reference, "BlockDeviceMapping". */
static gboolean
ignores_image(const instance_type *type)
{
    return g_str_equal(type->family, "m3");
}

static block_device *
store_new(const char *device, gint64 position, gboolean mapped)
{
    block_device *self = g_new0(block_device, 1);

    self->device = g_strdup(device);
    self->position = position;
    self->virtual_name = g_strdup_printf("ephemeral%" G_GINT64_FORMAT, position);
    self->mapped = mapped;
    return self;
}

/* ---- what the mappings say ---- */

static const map_spec *
find_spec(const GPtrArray *specs, const char *device)
{
    for (guint i = 0; i < specs->len; i++) {
        const map_spec *spec = g_ptr_array_index(specs, i);
        if (g_str_equal(spec->device, device))
            return spec;
    }
    return NULL;
}

static const image_mapping *
find_entry(const GPtrArray *entries, const char *device)
{
    for (guint i = 0; i < entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(entries, i);
        if (g_str_equal(entry->device, device))
            return entry;
    }
    return NULL;
}

static gboolean
has_position(const GPtrArray *stores, gint64 position)
{
    for (guint i = 0; i < stores->len; i++)
        if (((const block_device *)g_ptr_array_index(stores, i))->position == position)
            return TRUE;
    return FALSE;
}

/* Whether a disk of the type would come there by itself. */
static gboolean
is_default_device(const instance_type *type, const char *name)
{
    for (guint i = 0; i < type->store_count; i++) {
        g_autofree char *device = g_strdup_printf("/dev/sd%c", FIRST_DEVICE + (int)i);
        if (device_name_same_disk(name, device))
            return TRUE;
    }
    return FALSE;
}

/* Whether the launch says `none` there. */
static gboolean
suppresses_default(const mapping_input *input, const map_spec *spec)
{
    const image_mapping *entry = find_entry(input->entries, spec->device);

    return spec->kind == MAP_NONE && (entry == NULL || entry->virtual_name != NULL) &&
           is_default_device(input->type, spec->device);
}

static gboolean
take_specs(const mapping_input *input, GPtrArray *stores)
{
    gboolean said = FALSE;

    for (guint i = 0; i < input->specs->len; i++) {
        const map_spec *spec = g_ptr_array_index(input->specs, i);
        if (spec->kind == MAP_STORE_DISK)
            g_ptr_array_add(stores, store_new(spec->device, spec->position, TRUE));
        if (spec->kind == MAP_STORE_DISK || suppresses_default(input, spec))
            said = TRUE;
    }
    return said;
}

static gboolean
take_entries(const mapping_input *input, GPtrArray *stores)
{
    gboolean said = FALSE;

    for (guint i = 0; i < input->entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(input->entries, i);
        gint64 position = virtual_name_position(entry->virtual_name);
        if (image_mapping_is_nothing(entry) && is_default_device(input->type, entry->device))
            said = TRUE;
        if (position < 0)
            continue;
        said = TRUE;
        if (!ignores_image(input->type) && find_spec(input->specs, entry->device) == NULL &&
            !has_position(stores, position))
            g_ptr_array_add(stores, store_new(entry->device, position, TRUE));
    }
    return said;
}

GPtrArray *
mapping_stores(const mapping_input *input)
{
    GPtrArray *stores = g_ptr_array_new_with_free_func((GDestroyNotify)block_device_free);
    gboolean asked = take_specs(input, stores);
    gboolean given = take_entries(input, stores);

    if (asked || given || input->only_mapped)
        return stores;
    g_ptr_array_unref(stores);
    return NULL;
}

char *
mapping_stores_text(const GPtrArray *stores)
{
    GString *text;

    if (stores == NULL)
        return NULL;
    text = g_string_new(NULL);
    for (guint i = 0; i < stores->len; i++) {
        const block_device *disk = g_ptr_array_index(stores, i);
        g_string_append_printf(text, "%s%s=%s", i > 0 ? " " : "", disk->device, disk->virtual_name);
    }
    return g_string_free(text, FALSE);
}

gboolean
mapping_store_counts(const block_device *disk, const instance_type *type)
{
    return !type->store_nvme && disk->position < type->store_count;
}

/* ---- what the type has of it ---- */

static GPtrArray *
devices_taken(const GPtrArray *mapped, const GPtrArray *reserved)
{
    GPtrArray *taken = g_ptr_array_new();

    for (guint i = 0; i < mapped->len; i++)
        g_ptr_array_add(taken, ((block_device *)g_ptr_array_index(mapped, i))->device);
    for (guint i = 0; i < reserved->len; i++)
        g_ptr_array_add(taken, g_ptr_array_index(reserved, i));
    return taken;
}

/* WANTED (may be NULL) if it is free, else the next that is. */
static char *
free_device(const GPtrArray *mapped, const GPtrArray *reserved, gint64 position, const char *wanted)
{
    g_autoptr(GPtrArray) taken = devices_taken(mapped, reserved);
    gboolean free = wanted != NULL;

    for (guint i = 0; i < taken->len && free; i++)
        free = !device_name_same_disk(g_ptr_array_index(taken, i), wanted);
    return free ? g_strdup(wanted) : device_name_choose(taken, (char)(FIRST_DEVICE + position));
}

static void
add_store(GPtrArray *mapped, const instance_type *type, block_device *disk,
          const GPtrArray *reserved)
{
    g_autofree char *wanted = disk->device;

    disk->device = free_device(mapped, reserved, disk->position, wanted);
    disk->size = (gint64)type->store_gb * GB;
    g_ptr_array_add(mapped, disk);
}

static const char *
device_before(const GPtrArray *before, gint64 position)
{
    for (guint i = 0; before != NULL && i < before->len; i++) {
        const store_disk *disk = g_ptr_array_index(before, i);
        if (disk->position == position)
            return disk->device;
    }
    return NULL;
}

void
mapping_add_stores(GPtrArray *mapped, const instance_type *type, const char *store_mapping,
                   const GPtrArray *before, const GPtrArray *reserved)
{
    g_auto(GStrv) texts = g_strsplit(store_mapping != NULL ? store_mapping : "", " ", -1);
    g_autoptr(GPtrArray) specs = map_specs_parse((const char *const *)texts, NULL);

    if (store_mapping == NULL || type->store_nvme || specs == NULL) {
        for (gint64 i = 0; i < type->store_count; i++)
            add_store(mapped, type, store_new(device_before(before, i), i, FALSE), reserved);
        return;
    }
    for (guint i = 0; i < specs->len; i++) {
        const map_spec *spec = g_ptr_array_index(specs, i);
        if (spec->position < type->store_count)
            add_store(mapped, type, store_new(spec->device, spec->position, TRUE), reserved);
    }
}

void
mapping_add_store_disks(GPtrArray *mapped, const instance_type *type, const char *store_mapping,
                        const GPtrArray *before)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();

    mapping_add_stores(mapped, type, store_mapping, before, none);
}
