#include "images/check.h"
#include "common/times.h"
#include "images/etc.h"

#include <guestfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MOST 2000       /* that are looked at; a hostile image may have any number */
#define OS_RELEASE_MOST 65536 /* bytes */
#define PASSWD_MOST (1 << 20)

typedef struct {
    appliance *inside;
    guestfs_h *g; /* INSIDE's */
    progress *listener;
    check_facts *facts;
    char *root;
    GHashTable *seen; /* paths */
} look;

static void G_GNUC_PRINTF(2, 3) note(look *self, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(self->facts->notes, g_utf8_make_valid(text, -1));
}

/* ---- files ---- */

/* Of a link it is the link itself that is described, and what it leads to that is read. */
static void
look_at(look *self, const check_pattern *pattern, const char *path)
{
    struct guestfs_statns *info;
    seen_file *file;
    char *text = NULL;

    if (self->facts->files->len >= FILES_MOST || !g_hash_table_add(self->seen, g_strdup(path)))
        return;
    info = guestfs_lstatns(self->g, path);
    if (info == NULL)
        return;
    file = check_facts_add(self->facts, pattern->place, path);
    file->mode = (guint32)info->st_mode;
    file->size = (guint64)MAX(info->st_size, 0);
    file->mtime = info->st_mtime_sec;
    guestfs_free_statns(info);
    if (pattern->most > 0 && (S_ISREG(file->mode) || S_ISLNK(file->mode)))
        text = appliance_read(self->inside, path, pattern->most, &file->length);
    if (text != NULL)
        file->text = g_strndup(text, file->length);
    free(text);
}

static void
look_for(look *self, const check_pattern *pattern, const char *shell_pattern)
{
    char **paths = guestfs_glob_expand_opts(self->g, shell_pattern,
                                            GUESTFS_GLOB_EXPAND_OPTS_DIRECTORYSLASH, 0, -1);

    if (paths == NULL)
        note(self, "%s can't be looked for: %s", shell_pattern, appliance_error(self->inside));
    for (gsize i = 0; paths != NULL && paths[i] != NULL; i++)
        look_at(self, pattern, paths[i]);
    appliance_free_strings(paths);
}

static void
look_for_all(look *self, const GPtrArray *homes)
{
    gsize count;
    const check_pattern *patterns = check_patterns(&count);

    progress_phase(self->listener, "looking for keys, passwords and traces");
    for (gsize i = 0; i < count; i++) {
        if (!patterns[i].in_homes) {
            look_for(self, &patterns[i], patterns[i].pattern);
            continue;
        }
        for (guint j = 0; j < homes->len; j++) {
            g_autofree char *path =
                g_build_filename(g_ptr_array_index(homes, j), patterns[i].pattern, NULL);
            look_for(self, &patterns[i], path);
        }
    }
    if (self->facts->files->len >= FILES_MOST)
        note(self, "there are more than %d files to look at: the others weren't", FILES_MOST);
}

/* Those that somebody has made by hand are in /home all the same. */
static void
add_other_homes(look *self, GPtrArray *homes)
{
    char **names = guestfs_is_dir(self->g, "/home") == 1 ? guestfs_ls(self->g, "/home") : NULL;

    for (gsize i = 0; names != NULL && names[i] != NULL && i < FILES_MOST; i++) {
        g_autofree char *home = g_build_filename("/home", names[i], NULL);
        if (!g_ptr_array_find_with_equal_func(homes, home, g_str_equal, NULL))
            g_ptr_array_add(homes, g_steal_pointer(&home));
    }
    appliance_free_strings(names);
}

static GPtrArray *
find_homes(look *self)
{
    static const check_pattern of_passwd = {PLACE_PASSWD, FALSE, "/etc/passwd", PASSWD_MOST};
    guint before = self->facts->files->len;
    const seen_file *passwd = NULL;
    GPtrArray *homes;

    look_at(self, &of_passwd, of_passwd.pattern);
    if (self->facts->files->len > before)
        passwd = g_ptr_array_index(self->facts->files, before);
    homes = check_homes(passwd != NULL ? passwd->text : NULL);
    add_other_homes(self, homes);
    return homes;
}

/* ---- swap ---- */

static void
look_at_swap(look *self, const char *device)
{
    size_t length = 0;
    char *head = guestfs_pread_device(self->g, device, SWAP_HEAD, 0, &length);
    int number = guestfs_part_to_partnum(self->g, device);
    g_autofree char *name =
        number > 0 ? g_strdup_printf(APPLIANCE_DISK "%d", number) : g_strdup(device);
    seen_file *file;

    if (head == NULL)
        return;
    file = check_facts_add(self->facts, PLACE_SWAP_DEVICE, name);
    file->text = g_malloc0(length + 1);
    memcpy(file->text, head, length);
    file->length = length;
    free(head);
}

static void
look_at_swaps(look *self)
{
    char **pairs = guestfs_list_filesystems(self->g); /* name, type, name, type, ... */

    for (gsize i = 0; pairs != NULL && pairs[i] != NULL; i += 2)
        if (strcmp(pairs[i + 1], "swap") == 0 || strcmp(pairs[i + 1], "swsuspend") == 0)
            look_at_swap(self, pairs[i]);
    appliance_free_strings(pairs);
}

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
        note(self, "the registry doesn't tell RDP's port");
    free(hive);
    free(control_set);
}

/* ---- the system ---- */

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
        note(self, "%s can't be mounted at %s: %s", pair[1], pair[0],
             appliance_error(self->inside));
        good = strcmp(pair[0], "/") != 0;
    }
    appliance_free_strings(pairs);
    return good;
}

static gboolean
find_system(look *self)
{
    char **roots;

    progress_phase(self->listener, "looking for an operating system");
    roots = guestfs_inspect_os(self->g);
    if (roots == NULL)
        note(self, "an operating system can't be looked for: %s", appliance_error(self->inside));
    if (roots != NULL && roots[0] != NULL) {
        self->root = g_strdup(roots[0]);
        if (roots[1] != NULL)
            note(self, "there are %u operating systems; only the one on %s is looked at",
                 g_strv_length(roots), self->root);
    }
    appliance_free_strings(roots);
    return self->root != NULL;
}

static void
look_into(look *self)
{
    g_autoptr(GPtrArray) homes = NULL;

    look_at_swaps(self);
    if (!find_system(self))
        return;
    read_system(self);
    if (!mount_all(self))
        return;
    if (strcmp(self->facts->os_type, "windows") == 0) {
        look_at_registry(self);
        return;
    }
    read_os_release(self);
    homes = find_homes(self);
    look_for_all(self, homes);
    progress_phase(self->listener, "looking for files that everybody can write");
    check_walk(self->inside, check_system_trees, self->facts);
}

check_facts *
check_look(const char *const *disks, const appliance_place *place, GError **error)
{
    g_autoptr(appliance) inside = appliance_start(disks, place, error);
    g_autoptr(check_facts) facts = NULL;
    look self = {.inside = inside, .listener = place->listener};

    if (inside == NULL)
        return NULL;
    facts = self.facts = check_facts_new();
    facts->now = time_now();
    self.g = appliance_handle(inside);
    self.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    look_into(&self);
    g_hash_table_unref(self.seen);
    g_free(self.root);
    progress_phase(place->listener, "stopping the inspection appliance");
    return appliance_stop(inside, error) ? g_steal_pointer(&facts) : NULL;
}
