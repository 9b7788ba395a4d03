/* Which operating system an image has, with all its file systems in place. */
#include "images/check_look.h"
#include "images/etc.h"

#include <stdlib.h>
#include <string.h>

#define OS_RELEASE_MOST 65536 /* bytes */

/* ---- Windows ---- */

/* The number of the control set that is in use is part of its path. */
static int64_t
find_node(look *self, const char *control_set)
{
    const char *const path[] = {control_set,   "Control", "Terminal Server",
                                "WinStations", "RDP-Tcp", NULL};
    int64_t node = guestfs_hivex_root(self->g);

    for (gsize i = 0; path[i] != NULL && node > 0; i++)
        node = guestfs_hivex_node_get_child(self->g, node, path[i]);
    return node;
}

static void
read_rdp_port(look *self, const char *control_set)
{
    int64_t node = find_node(self, control_set);
    int64_t value = node > 0 ? guestfs_hivex_node_get_value(self->g, node, "PortNumber") : 0;
    size_t length = 0;
    char *bytes = value > 0 ? guestfs_hivex_value_value(self->g, value, &length) : NULL;

    /* A little-endian REG_DWORD. */
    if (bytes != NULL && length == 4)
        self->facts->rdp_port = (guint8)bytes[0] | (guint8)bytes[1] << 8;
    free(bytes);
}

static void
look_at_registry(look *self)
{
    char *hive = guestfs_inspect_get_windows_system_hive(self->g, self->root);
    char *control_set = guestfs_inspect_get_windows_current_control_set(self->g, self->root);

    if (hive != NULL && control_set != NULL && guestfs_hivex_open(self->g, hive, -1) == 0) {
        read_rdp_port(self, control_set);
        guestfs_hivex_close(self->g);
    }
    if (self->facts->rdp_port == 0)
        look_note(self, "the registry doesn't tell RDP's port");
    free(hive);
    free(control_set);
}

/* ---- Linux ---- */

static void
read_os_release(look *self)
{
    gsize length = 0;
    char *text = appliance_read(self->inside, "/etc/os-release", OS_RELEASE_MOST, &length);
    check_facts *facts = self->facts;

    if (text == NULL)
        return;
    g_free(facts->distribution);
    g_free(facts->version);
    g_free(facts->product);
    facts->distribution = os_release_value(text, length, "ID");
    facts->version = os_release_value(text, length, "VERSION_ID");
    facts->product = os_release_name(text, length);
    free(text);
}

static void
read_system(look *self)
{
    check_facts *facts = self->facts;
    char *manager = guestfs_inspect_get_package_management(self->g, self->root);

    facts->os_type = appliance_take(guestfs_inspect_get_type(self->g, self->root));
    facts->distribution = appliance_take(guestfs_inspect_get_distro(self->g, self->root));
    facts->product = appliance_take(guestfs_inspect_get_product_name(self->g, self->root));
    facts->version = appliance_version(self->inside, self->root);
    facts->has_package_manager = manager != NULL && strcmp(manager, "unknown") != 0;
    free(manager);
    if (facts->os_type == NULL)
        facts->os_type = g_strdup("unknown");
}

static gint
by_length(gconstpointer a, gconstpointer b)
{
    return (gint)strlen((*(char **const *)a)[0]) - (gint)strlen((*(char **const *)b)[0]);
}

/* What others stand on first. A file system that can't be mounted is left out; the root isn't. */
static gboolean
mount_all(look *self)
{
    char **pairs = guestfs_inspect_get_mountpoints(self->g, self->root); /* folder, device, ... */
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    gboolean good = pairs != NULL;

    for (gsize i = 0; pairs != NULL && pairs[i] != NULL; i += 2)
        g_ptr_array_add(sorted, &pairs[i]);
    g_ptr_array_sort(sorted, by_length);
    for (guint i = 0; i < sorted->len && good; i++) {
        char **pair = g_ptr_array_index(sorted, i);
        if (guestfs_mount_ro(self->g, pair[1], pair[0]) == 0)
            continue;
        look_note(self, "%s can't be mounted at %s: %s", pair[1], pair[0],
                  appliance_error(self->inside));
        good = strcmp(pair[0], "/") != 0;
    }
    appliance_free_strings(pairs);
    return good;
}

void
look_note(look *self, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(self->facts->notes, g_utf8_make_valid(text, -1));
}

static gboolean
find_root(look *self)
{
    char **roots;

    progress_phase(self->listener, "looking for an operating system");
    roots = guestfs_inspect_os(self->g);
    if (roots == NULL)
        look_note(self, "an operating system can't be looked for: %s",
                  appliance_error(self->inside));
    if (roots != NULL && roots[0] != NULL) {
        self->root = g_strdup(roots[0]);
        if (roots[1] != NULL)
            look_note(self, "there are %u operating systems; only the one on %s is looked at",
                      g_strv_length(roots), self->root);
    }
    appliance_free_strings(roots);
    return self->root != NULL;
}

gboolean
look_for_system(look *self)
{
    if (!find_root(self))
        return FALSE;
    read_system(self);
    if (!mount_all(self))
        return FALSE;
    if (strcmp(self->facts->os_type, "windows") == 0)
        look_at_registry(self);
    else
        read_os_release(self);
    return TRUE;
}
