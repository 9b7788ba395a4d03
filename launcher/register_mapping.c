#include "launcher/register_mapping.h"
#include "common/error.h"
#include "launcher/device_name.h"
#include "launcher/mapping.h"
#include "store/snapshot.h"

#define DEFAULT_VOLUME_TYPE "gp2"

/* ---- one entry ---- */

static gboolean
take_snapshot(image_mapping *entry, const map_spec *spec, const snapshot *from, GError **error)
{
    if (from->state != SNAPSHOT_COMPLETED)
        return error_set(error, ERROR_VOLUME_STATE, "Snapshot is in invalid state - %s: %s",
                         snapshot_state_words[from->state], from->id);
    if (spec->encrypted && from->secret == NULL)
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "%s: a volume of a snapshot is encrypted if the snapshot is, and %s "
                         "isn't; --map of `amilaunch run` can encrypt it at the launch",
                         spec->text, from->id);
    if (spec->size_gib != 0 && spec->size_gib < from->size_gib)
        return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                         "Volume of size %" G_GINT64_FORMAT "GB is smaller than snapshot '%s', "
                         "expect size >= %" G_GINT64_FORMAT "GB",
                         spec->size_gib, from->id, from->size_gib);
    entry->snapshot = g_strdup(from->id);
    entry->size_gib = spec->size_gib != 0 ? spec->size_gib : from->size_gib;
    entry->encrypted = from->secret != NULL;
    return TRUE;
}

static gboolean
take_volume(image_mapping *entry, const map_spec *spec, GHashTable *snapshots, gboolean is_root,
            GError **error)
{
    entry->volume_type =
        g_strdup(spec->volume_type != NULL ? spec->volume_type : DEFAULT_VOLUME_TYPE);
    entry->delete_on_termination =
        spec->delete_on_termination == UNCHANGED ? is_root : spec->delete_on_termination == ON;
    if (spec->snapshot != NULL)
        return take_snapshot(entry, spec, g_hash_table_lookup(snapshots, spec->snapshot), error);
    entry->size_gib = spec->size_gib;
    entry->encrypted = spec->encrypted;
    return entry->size_gib != 0 ||
           error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                     "Either snapshot ID or volume size must be provided for: %s", spec->device);
}

static image_mapping *
entry_of_spec(const map_spec *spec, GHashTable *snapshots, gboolean is_root, GError **error)
{
    g_autoptr(image_mapping) entry = g_new0(image_mapping, 1);

    entry->device = g_strdup(spec->device);
    if (spec->kind == MAP_STORE_DISK)
        entry->virtual_name = g_strdup_printf("ephemeral%" G_GINT64_FORMAT, spec->position);
    else if (spec->kind == MAP_NONE)
        entry->virtual_name = g_strdup(MAPPED_TO_NOTHING);
    else if (!take_volume(entry, spec, snapshots, is_root, error))
        return NULL;
    return g_steal_pointer(&entry);
}

/* ---- all of them ---- */

static gboolean
check_root(const GPtrArray *specs, const char *root_device, GError **error)
{
    for (guint i = 0; i < specs->len; i++) {
        const map_spec *spec = g_ptr_array_index(specs, i);
        if (!g_str_equal(spec->device, root_device))
            continue;
        return (spec->kind == MAP_VOLUME && spec->snapshot != NULL) ||
               error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                         "%s: the root device needs a snapshot to boot from", spec->text);
    }
    return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                     "Nothing is mapped to the root device %s: one entry has to be "
                     "--map %s=SNAPSHOT",
                     root_device, root_device);
}

GPtrArray *
register_mapping(const GPtrArray *specs, GHashTable *snapshots, const char *root_device,
                 GError **error)
{
    g_autoptr(GPtrArray) entries =
        g_ptr_array_new_with_free_func((GDestroyNotify)image_mapping_free);

    if (!check_root(specs, root_device, error))
        return NULL;
    for (guint i = 0; i < specs->len; i++) {
        const map_spec *spec = g_ptr_array_index(specs, i);
        gboolean is_root = g_str_equal(spec->device, root_device);
        image_mapping *entry = entry_of_spec(spec, snapshots, is_root, error);
        if (entry == NULL)
            return NULL;
        g_ptr_array_insert(entries, is_root ? 0 : -1, entry);
    }
    for (guint i = 0; i < entries->len; i++)
        ((image_mapping *)g_ptr_array_index(entries, i))->position = i;
    return g_steal_pointer(&entries);
}

gboolean
register_mapping_check_names(const GPtrArray *entries, const char *root_device, virtualization kind,
                             GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(entries, i);
        gboolean is_root = g_str_equal(entry->device, root_device);
        if (is_root ? !device_name_is_root(kind, entry->device)
                    : !device_name_is_valid(kind, entry->device))
            return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                             "Invalid device name %s for %s with a virtualization type of '%s'",
                             entry->device, is_root ? "the root device" : "a device",
                             virtualization_words[kind]);
        g_ptr_array_add(names, entry->device);
    }
    return mapping_check_names(names, kind, error);
}
