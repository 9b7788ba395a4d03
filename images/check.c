#include "images/check_look.h"
#include "common/times.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MOST 2000 /* that are looked at; a hostile image may have any number */
#define PASSWD_MOST (1 << 20)

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
        look_note(self, "%s can't be looked for: %s", shell_pattern, appliance_error(self->inside));
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
                check_pattern_in(g_ptr_array_index(homes, j), patterns[i].pattern);
            look_for(self, &patterns[i], path);
        }
    }
    if (self->facts->files->len >= FILES_MOST)
        look_note(self, "there are more than %d files to look at: the others weren't", FILES_MOST);
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

static void
look_into(look *self)
{
    g_autoptr(GPtrArray) homes = NULL;

    look_at_swaps(self);
    if (!look_for_system(self) || strcmp(self->facts->os_type, "windows") == 0)
        return;
    homes = find_homes(self);
    look_for_all(self, homes);
    progress_phase(self->listener, "looking for files that everybody can write");
    look_for_open(self, check_system_trees);
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
