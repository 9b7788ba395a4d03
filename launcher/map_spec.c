#include "launcher/map_spec.h"
#include "common/error.h"
#include "common/ids.h"

#include <string.h>

#define EPHEMERAL "ephemeral"
#define MOST_STORE_DISKS 24
#define MOST_PARTS 6 /* SNAPSHOT:SIZE:DELETE:TYPE:IOPS:encrypted */

void
map_spec_free(map_spec *self)
{
    if (self == NULL)
        return;
    g_free(self->text);
    g_free(self->device);
    g_free(self->snapshot);
    g_free(self->volume_type);
    g_free(self);
}

const char *const volume_type_words[] = {"standard", "gp2", "gp3", "io1",
                                         "io2",      "st1", "sc1", NULL};

gboolean
volume_type_check(const char *type, GError **error)
{
    return g_strv_contains(volume_type_words, type) ||
           error_set(error, ERROR_PARAMETER_VALUE,
                     "Invalid value '%s' for VolumeType: one of standard, gp2, gp3, io1, io2, st1, "
                     "sc1",
                     type);
}

/* Digits only; -1 for anything else. */
static gint64
number_of(const char *text)
{
    gsize length = strlen(text);

    if (length == 0 || length > 9 || strspn(text, G_CSET_DIGITS) != length)
        return -1;
    return (gint64)g_ascii_strtoull(text, NULL, 10);
}

gint64
virtual_name_position(const char *text)
{
    gint64 position;

    if (text == NULL || !g_str_has_prefix(text, EPHEMERAL))
        return -1;
    text += strlen(EPHEMERAL);
    position = text[0] == '0' && text[1] != '\0' ? -1 : number_of(text);
    return position < MOST_STORE_DISKS ? position : -1;
}

/* ---- parts of a volume ---- */

static gboolean
take_snapshot(map_spec *self, const char *part, GError **error)
{
    if (!id_is("snap", part))
        return error_set(error, ERROR_SNAPSHOT_MALFORMED,
                         "Invalid id: \"%s\" (expecting \"snap-...\")", part);
    self->snapshot = g_strdup(part);
    return TRUE;
}

static gboolean
take_size(map_spec *self, const char *part, GError **error)
{
    self->size_gib = number_of(part);
    return (self->size_gib >= 1 && self->size_gib <= MOST_VOLUME_GIB) ||
           error_set(error, ERROR_PARAMETER_VALUE, "Invalid value '%s' for VolumeSize: 1 to %d GiB",
                     part, MOST_VOLUME_GIB);
}

static gboolean
take_delete(map_spec *self, const char *part, GError **error)
{
    if (!g_str_equal(part, "true") && !g_str_equal(part, "false"))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "Invalid value '%s' for DeleteOnTermination: true or false", part);
    self->delete_on_termination = g_str_equal(part, "true") ? ON : OFF;
    return TRUE;
}

static gboolean
take_type(map_spec *self, const char *part, GError **error)
{
    if (!volume_type_check(part, error))
        return FALSE;
    self->volume_type = g_strdup(part);
    return TRUE;
}

/* After the type. A disk here is as fast as it is, so the IOPS have no effect. */
static gboolean
take_rest(map_spec *self, const char *part, gboolean last, GError **error)
{
    if (g_str_equal(part, "encrypted") && last)
        self->encrypted = TRUE;
    else if (number_of(part) <= 0 || self->encrypted)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "After the volume's type comes nothing but a number of IOPS and "
                         "'encrypted', not '%s'",
                         part);
    return TRUE;
}

static gboolean
take_part(map_spec *self, char *const *parts, guint place, GError **error)
{
    const char *part = parts[place];

    if (*part == '\0')
        return TRUE;
    switch (place) {
    case 0:
        return take_snapshot(self, part, error);
    case 1:
        return take_size(self, part, error);
    case 2:
        return take_delete(self, part, error);
    case 3:
        return take_type(self, part, error);
    default:
        return take_rest(self, part, parts[place + 1] == NULL, error);
    }
}

static gboolean
take_volume(map_spec *self, const char *what, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(what, ":", -1);
    guint count = g_strv_length(parts);

    if (count > MOST_PARTS)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "A volume is SNAPSHOT:SIZE:DELETE:TYPE:encrypted, and has no more parts");
    for (guint i = 0; i < count; i++)
        if (!take_part(self, parts, i, error))
            return FALSE;
    return TRUE;
}

/* ---- an entry ---- */

static gboolean
take_what(map_spec *self, const char *what, GError **error)
{
    if (g_str_equal(what, "none")) {
        self->kind = MAP_NONE;
        return TRUE;
    }
    if (!g_str_has_prefix(what, EPHEMERAL))
        return take_volume(self, what, error);
    self->kind = MAP_STORE_DISK;
    self->position = virtual_name_position(what);
    return self->position >= 0 || error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                                            "Invalid virtual name '%s': ephemeral0 to ephemeral%d",
                                            what, MOST_STORE_DISKS - 1);
}

map_spec *
map_spec_parse(const char *text, GError **error)
{
    g_autoptr(map_spec) self = g_new0(map_spec, 1);
    const char *equals = strchr(text, '=');

    if (equals == NULL || equals == text || equals[1] == '\0') {
        error_set(error, ERROR_PARAMETER_VALUE,
                  "Invalid block device mapping '%s': expected DEVICE=WHAT, such as "
                  "/dev/sdb=ephemeral0, /dev/sdc=:100 or /dev/sdd=none",
                  text);
        return NULL;
    }
    self->text = g_strdup(text);
    self->device = g_strndup(text, (gsize)(equals - text));
    self->delete_on_termination = UNCHANGED;
    if (!take_what(self, equals + 1, error)) {
        error_prefix(error, "%s", text);
        return NULL;
    }
    return g_steal_pointer(&self);
}

static gboolean
check_repeated(const GPtrArray *specs, const map_spec *added, GError **error)
{
    for (guint i = 0; i < specs->len; i++) {
        const map_spec *other = g_ptr_array_index(specs, i);
        if (g_str_equal(other->device, added->device))
            return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                             "The device '%s' is used in more than one block-device mapping",
                             added->device);
        if (other->kind == MAP_STORE_DISK && added->kind == MAP_STORE_DISK &&
            other->position == added->position)
            return error_set(error, ERROR_BLOCK_DEVICE_MAPPING,
                             "ephemeral%" G_GINT64_FORMAT
                             " is used in more than one block-device mapping: %s, %s",
                             added->position, other->device, added->device);
    }
    return TRUE;
}

GPtrArray *
map_specs_parse(const char *const *texts, GError **error)
{
    g_autoptr(GPtrArray) specs = g_ptr_array_new_with_free_func((GDestroyNotify)map_spec_free);

    for (gsize i = 0; texts != NULL && texts[i] != NULL; i++) {
        map_spec *added = map_spec_parse(texts[i], error);
        if (added == NULL)
            return NULL;
        if (!check_repeated(specs, added, error)) {
            map_spec_free(added);
            return NULL;
        }
        g_ptr_array_add(specs, added);
    }
    return g_steal_pointer(&specs);
}
