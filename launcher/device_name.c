#include "launcher/device_name.h"
#include "common/error.h"

#include <stdlib.h>
#include <string.h>

#define MOST_PARTITIONS 15

typedef enum { BUS_SD, BUS_XVD, BUS_HD, BUS_UNKNOWN } bus;

typedef struct {
    bus on;
    char letters[3]; /* "b", "ba" */
    guint partition; /* 0: the whole disk */
} device_parts;

static const char *
skip_bus(const char *name, bus *on)
{
    static const char *const prefixes[] = {"sd", "xvd", "hd"};

    if (g_str_has_prefix(name, "/dev/"))
        name += strlen("/dev/");
    for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_has_prefix(name, prefixes[i])) {
            *on = (bus)i;
            return name + strlen(prefixes[i]);
        }
    return NULL;
}

static gboolean
take_apart(const char *name, device_parts *parts)
{
    const char *at;
    size_t count;

    *parts = (device_parts){.on = BUS_UNKNOWN};
    at = skip_bus(name, &parts->on);
    count = at != NULL ? strspn(at, G_CSET_a_2_z) : 0;
    if (count == 0 || count > 2)
        return FALSE;
    memcpy(parts->letters, at, count);
    at += count;
    if (*at == '\0')
        return TRUE;
    if (*at == '0' || strspn(at, G_CSET_DIGITS) != strlen(at) || strlen(at) > 2)
        return FALSE;
    parts->partition = (guint)strtoul(at, NULL, 10);
    return parts->partition <= MOST_PARTITIONS;
}

gboolean
device_name_is_valid(virtualization kind, const char *name)
{
    device_parts parts;
    gboolean two_letters;

    if (!take_apart(name, &parts))
        return FALSE;
    two_letters = parts.letters[1] != '\0';
    if (kind == VIRTUALIZATION_PARAVIRTUAL)
        return parts.on != BUS_XVD && !two_letters;
    if (parts.partition != 0 || parts.on == BUS_HD)
        return FALSE;
    if (two_letters)
        return parts.on == BUS_XVD && parts.letters[0] <= 'd';
    return parts.letters[0] != 'a';
}

gboolean
device_name_is_root(virtualization kind, const char *name)
{
    device_parts parts;

    return g_str_has_prefix(name, "/dev/") && take_apart(name, &parts) &&
           g_str_equal(parts.letters, "a") &&
           (parts.on == BUS_SD || (parts.on == BUS_XVD && kind == VIRTUALIZATION_HVM));
}

gboolean
device_name_check(virtualization kind, const char *name, GError **error)
{
    return device_name_is_valid(kind, name) ||
           error_set(error, ERROR_PARAMETER_VALUE,
                     "Value (%s) for parameter device is invalid. %s is not a valid EBS device "
                     "name.",
                     name, name);
}

/* Whether the two are on one disk. A guest's hda is another disk than its sda. */
static gboolean
on_one_disk(const char *one, const char *other, device_parts *first, device_parts *second)
{
    return take_apart(one, first) && take_apart(other, second) &&
           (first->on == BUS_HD) == (second->on == BUS_HD) &&
           g_str_equal(first->letters, second->letters);
}

gboolean
device_name_same_disk(const char *one, const char *other)
{
    device_parts first, second;

    if (g_str_equal(one, other))
        return TRUE;
    return on_one_disk(one, other, &first, &second) &&
           (first.partition == second.partition || first.partition == 0 || second.partition == 0);
}

gboolean
device_name_mixed(const char *one, const char *other)
{
    device_parts first, second;

    return on_one_disk(one, other, &first, &second) &&
           (first.partition == 0) != (second.partition == 0);
}

static int
order_of(guint one, guint other)
{
    return (one > other) - (one < other);
}

int
device_name_compare(const char *one, const char *other)
{
    device_parts first, second;
    int order;

    /* What can't be read comes last. */
    order = order_of(!take_apart(one, &first), !take_apart(other, &second));
    if (order == 0)
        order = order_of(first.on == BUS_HD, second.on == BUS_HD);
    if (order == 0)
        order = order_of((guint)strlen(first.letters), (guint)strlen(second.letters));
    if (order == 0)
        order = strcmp(first.letters, second.letters);
    if (order == 0)
        order = order_of(first.partition, second.partition);
    return order != 0 ? order : strcmp(one, other);
}

static gboolean
is_taken(const GPtrArray *taken, const char *name)
{
    for (guint i = 0; i < taken->len; i++)
        if (device_name_same_disk(g_ptr_array_index(taken, i), name))
            return TRUE;
    return FALSE;
}

char *
device_name_choose(const GPtrArray *taken, char first)
{
    for (char letter = first; letter <= 'z'; letter++) {
        g_autofree char *name = g_strdup_printf("/dev/sd%c", letter);
        if (!is_taken(taken, name))
            return g_steal_pointer(&name);
    }
    for (guint i = 26; i < 4 * 26; i++) {
        g_autofree char *name = g_strdup_printf("/dev/xvd%c%c", 'a' + i / 26, 'a' + i % 26);
        if (!is_taken(taken, name))
            return g_steal_pointer(&name);
    }
    return NULL;
}
