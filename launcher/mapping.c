#include "launcher/mapping.h"
#include "common/error.h"
#include "images/home.h"
#include "launcher/device_name.h"
#include "launcher/map_spec.h"
#include "launcher/mapping_store.h"
#include "store/snapshot.h"

#include <string.h>

#define GIB (G_GINT64_CONSTANT(1) << 30)
#define DEFAULT_VOLUME_TYPE "gp2"

void
block_device_free(block_device *self)
{
    if (self == NULL)
        return;
    g_free(self->device);
    g_free(self->virtual_name);
    g_free(self->snapshot);
    g_free(self->volume_type);
    g_free(self->secret);
    g_free(self);
}

gboolean
block_device_is_store_root(const block_device *self)
{
    return g_strcmp0(self->virtual_name, STORE_ROOT) == 0;
}

static void
set_text(char **place, const char *value)
{
    g_free(*place);
    *place = g_strdup(value);
}

static block_device *
find_device(const GPtrArray *devices, const char *name)
{
    for (guint i = 0; i < devices->len; i++) {
        block_device *device = g_ptr_array_index(devices, i);
        if (g_str_equal(device->device, name))
            return device;
    }
    return NULL;
}

/* ---- the image's entries ---- */

/* The image calls its root on instance store "ami"; among the instance's disks it is the "root". */
static gboolean
maps_store_root(const image_mapping *entry)
{
    return g_strcmp0(entry->virtual_name, "ami") == 0;
}

static block_device *
from_image(const image_mapping *entry)
{
    block_device *self = g_new0(block_device, 1);

    self->device = g_strdup(entry->device);
    self->virtual_name = g_strdup(entry->virtual_name);
    if (maps_store_root(entry)) {
        set_text(&self->virtual_name, STORE_ROOT);
        self->position = STORE_ROOT_POSITION;
    }
    self->snapshot = g_strdup(entry->snapshot);
    self->volume_type = g_strdup(entry->volume_type);
    self->size = entry->size_gib * GIB;
    self->delete_on_termination = entry->delete_on_termination != 0;
    self->encrypted = entry->encrypted != 0;
    return self;
}

static gboolean
take_entries(const mapping_input *input, GPtrArray *devices, GError **error)
{
    gboolean rooted = FALSE;

    for (guint i = 0; i < input->entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(input->entries, i);
        gboolean is_root = g_str_equal(entry->device, input->ami->root_device);
        if (entry->virtual_name == NULL || is_root)
            g_ptr_array_add(devices, from_image(entry));
        rooted = rooted || is_root;
    }
    return rooted || error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                               "The image %s maps nothing to its root device %s", input->ami->id,
                               input->ami->root_device);
}

/* ---- the launch's entries ---- */

static gboolean
check_root(const block_device *root, const map_spec *spec, GError **error)
{
    if (root->virtual_name != NULL)
        return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                         "%s: the root device %s is on instance store, and can't be mapped",
                         spec->text, root->device);
    if (spec->kind != MAP_VOLUME)
        return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                         "%s: the root device %s can't be taken away", spec->text, root->device);
    if (spec->snapshot != NULL && g_strcmp0(spec->snapshot, root->snapshot) != 0)
        return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                         "%s: snapshotId cannot be modified on root device", spec->text);
    return TRUE;
}

static const image_mapping *
find_entry(const mapping_input *input, const char *device)
{
    for (guint i = 0; i < input->entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(input->entries, i);
        if (g_str_equal(entry->device, device))
            return entry;
    }
    return NULL;
}

static gboolean
check_spec(const mapping_input *input, const GPtrArray *devices, const map_spec *spec,
           GError **error)
{
    const image_mapping *entry = find_entry(input, spec->device);

    if (g_str_equal(spec->device, input->ami->root_device))
        return check_root(find_device(devices, spec->device), spec, error);
    if (entry == NULL &&
        !device_name_is_valid((virtualization)input->ami->virtualization, spec->device))
        return error_set(error, ERROR_BLOCK_DEVICE_MAPPING, "Invalid device name %s", spec->device);
    if (entry != NULL && entry->virtual_name != NULL && !image_mapping_is_nothing(entry) &&
        spec->snapshot != NULL)
        return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                         "%s: snapshotId can only be modified on EBS devices, and the image has %s "
                         "there",
                         spec->text, entry->virtual_name);
    return TRUE;
}

/* What SPEC doesn't say stays as it is. */
static void
change_volume(block_device *device, const map_spec *spec)
{
    if (spec->snapshot != NULL && g_strcmp0(spec->snapshot, device->snapshot) != 0) {
        set_text(&device->snapshot, spec->snapshot);
        device->size = 0;
    }
    if (spec->size_gib != 0)
        device->size = spec->size_gib * GIB;
    if (spec->volume_type != NULL)
        set_text(&device->volume_type, spec->volume_type);
    if (spec->delete_on_termination != UNCHANGED)
        device->delete_on_termination = spec->delete_on_termination == ON;
    device->encrypted = device->encrypted || spec->encrypted;
}

static gboolean
take_specs(const mapping_input *input, GPtrArray *devices, GError **error)
{
    for (guint i = 0; i < input->specs->len; i++) {
        const map_spec *spec = g_ptr_array_index(input->specs, i);
        block_device *device = find_device(devices, spec->device);
        if (!check_spec(input, devices, spec, error))
            return FALSE;
        if (spec->kind != MAP_VOLUME) {
            g_ptr_array_remove(devices, device);
            continue;
        }
        if (device == NULL) {
            device = g_new0(block_device, 1);
            device->device = g_strdup(spec->device);
            g_ptr_array_add(devices, device);
        }
        change_volume(device, spec);
    }
    return TRUE;
}

/* ---- volumes against snapshots ---- */

static const snapshot *
find_snapshot(const mapping_input *input, const char *id, GError **error)
{
    const snapshot *found = g_hash_table_lookup(input->snapshots, id);

    if (found == NULL || found->state == SNAPSHOT_DELETED)
        error_set(error, ERROR_SNAPSHOT_NOT_FOUND, "The snapshot '%s' does not exist.", id);
    else if (found->state != SNAPSHOT_COMPLETED)
        error_set(error, ERROR_VOLUME_STATE, "Snapshot is in invalid state - %s: %s",
                  snapshot_state_words[found->state], id);
    else
        return found;
    return NULL;
}

static gboolean
complete_from_snapshot(const mapping_input *input, block_device *device, GError **error)
{
    const snapshot *from = find_snapshot(input, device->snapshot, error);

    if (from == NULL)
        return FALSE;
    if (device->size == 0)
        device->size = from->size_gib * GIB;
    if (device->size < from->size_gib * GIB)
        return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                         "Volume of size %" G_GINT64_FORMAT "GB is smaller than snapshot '%s', "
                         "expect size >= %" G_GINT64_FORMAT "GB",
                         device->size / GIB, from->id, from->size_gib);
    if (from->secret != NULL) {
        device->encrypted = TRUE;
        set_text(&device->secret, from->secret);
    }
    return TRUE;
}

static gboolean
complete(const mapping_input *input, GPtrArray *devices, GError **error)
{
    guint volumes = 0;

    for (guint i = 0; i < devices->len; i++) {
        block_device *device = g_ptr_array_index(devices, i);
        if (device->virtual_name != NULL)
            continue;
        volumes++;
        if (device->volume_type == NULL)
            device->volume_type = g_strdup(DEFAULT_VOLUME_TYPE);
        if (device->snapshot == NULL && device->size == 0)
            return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                             "Either snapshot ID or volume size must be provided for: %s",
                             device->device);
        if (device->snapshot != NULL && !complete_from_snapshot(input, device, error))
            return FALSE;
    }
    return volumes <= input->type->max_ebs ||
           error_set(error, ERROR_ATTACHMENT_LIMIT,
                     "An instance of type %s can have %u EBS volumes with its root, not %u",
                     input->type->name, input->type->max_ebs, volumes);
}

/* ---- names ---- */

static gboolean
check_pair(const char *one, const char *other, virtualization kind, GError **error)
{
    if (!device_name_same_disk(one, other))
        return TRUE;
    if (kind == VIRTUALIZATION_PARAVIRTUAL && device_name_mixed(one, other))
        return error_set(
            error, ERROR_BLOCK_DEVICE_MAPPING,
            "The device '%s' can't be mapped together with '%s': a disk, or partitions "
            "of it",
            other, one);
    if (g_str_equal(one, other))
        return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                         "The device '%s' is used in more than one block-device mapping", one);
    return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                     "The device '%s' is used in more than one block-device mapping: '%s' is the "
                     "same disk",
                     other, one);
}

gboolean
mapping_check_names(const GPtrArray *names, virtualization kind, GError **error)
{
    for (guint i = 0; i < names->len; i++)
        for (guint j = 0; j < i; j++)
            if (!check_pair(g_ptr_array_index(names, j), g_ptr_array_index(names, i), kind, error))
                return FALSE;
    return TRUE;
}

static gboolean
check_names(const mapping_input *input, const GPtrArray *devices, const GPtrArray *stores,
            GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < devices->len; i++)
        g_ptr_array_add(names, ((block_device *)g_ptr_array_index(devices, i))->device);
    for (guint i = 0; stores != NULL && i < stores->len; i++) {
        block_device *disk = g_ptr_array_index(stores, i);
        if (mapping_store_counts(disk, input->type))
            g_ptr_array_add(names, disk->device);
    }
    return mapping_check_names(names, (virtualization)input->ami->virtualization, error);
}

/* Devices that the launch wants to be empty. */
static GPtrArray *
devices_suppressed(const mapping_input *input)
{
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; i < input->specs->len; i++) {
        const map_spec *spec = g_ptr_array_index(input->specs, i);
        if (spec->kind == MAP_NONE)
            g_ptr_array_add(names, spec->device);
    }
    return names;
}

static int
compare_devices(gconstpointer a, gconstpointer b, gpointer root_device)
{
    const block_device *one = *(const block_device *const *)a;
    const block_device *other = *(const block_device *const *)b;
    gboolean one_is_root = g_strcmp0(one->device, root_device) == 0;
    gboolean other_is_root = g_strcmp0(other->device, root_device) == 0;

    return one_is_root != other_is_root ? other_is_root - one_is_root
                                        : device_name_compare(one->device, other->device);
}

void
mapping_sort(GPtrArray *mapped, const char *root_device)
{
    g_ptr_array_sort_with_data(mapped, compare_devices, (gpointer)root_device);
}

GPtrArray *
mapping_of_launch(const mapping_input *input, char **store_mapping, GError **error)
{
    g_autoptr(GPtrArray) devices =
        g_ptr_array_new_with_free_func((GDestroyNotify)block_device_free);
    g_autoptr(GPtrArray) stores = mapping_stores(input);
    g_autoptr(GPtrArray) suppressed = devices_suppressed(input);
    g_autofree char *text = mapping_stores_text(stores);

    if (!take_entries(input, devices, error) || !take_specs(input, devices, error) ||
        !complete(input, devices, error) || !check_names(input, devices, stores, error))
        return NULL;
    mapping_add_stores(devices, input->type, text, NULL, suppressed);
    mapping_sort(devices, input->ami->root_device);
    *store_mapping = g_steal_pointer(&text);
    return g_steal_pointer(&devices);
}
