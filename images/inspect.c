#include "images/inspect.h"

#include "images/etc.h"
#include "images/inspection.h"

#include <stdlib.h>
#include <string.h>

#define FILESYSTEMS_MAX 32
#define PARTITIONS_MAX 64 /* 4 primary, 60 logical ones: what fdisk makes */

void
inspection_note(inspection *self, const char *format, ...)
{
    va_list args;
    g_autofree char *text = NULL;
    g_autofree char *valid = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    /* A menu may be read twice, for two places. */
    valid = g_utf8_make_valid(text, -1);
    if (!g_ptr_array_find_with_equal_func(self->facts->notes, valid, g_str_equal, NULL))
        g_ptr_array_add(self->facts->notes, g_steal_pointer(&valid));
}

/* ---- file systems ---- */

/* The appliance's own disk may have come first, and then what libguestfs calls APPLIANCE_DISK when
 * it is told comes back from it as another letter. */
int
inspection_number_of(const char *device)
{
    static const char *const kinds[] = {"/dev/sd", "/dev/vd", "/dev/hd"};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const char *digits;
        if (!g_str_has_prefix(device, kinds[i]))
            continue;
        digits = device + strlen(kinds[i]);
        digits += strspn(digits, "abcdefghijklmnopqrstuvwxyz");
        return *digits == '\0' ? 0 : atoi(digits);
    }
    return -1;
}

gboolean
inspection_has_files(const filesystem *at)
{
    static const char *const without[] = {"unknown", "swap", "", NULL};

    return !g_strv_contains(without, at->type) && !g_str_has_prefix(at->type, "crypto_") &&
           !g_str_has_suffix(at->type, "_member");
}

gboolean
inspection_enter(inspection *self, filesystem *at)
{
    if (self->mounted == at)
        return TRUE;
    inspection_leave(self);
    if (at->broken)
        return FALSE;
    if (guestfs_mount_ro(self->g, at->name, "/") != 0) {
        inspection_note(self, "the %s file system on %s cannot be mounted: %s", at->type, at->name,
                        appliance_error(self->inside));
        at->broken = TRUE;
        return FALSE;
    }
    self->mounted = at;
    return TRUE;
}

gboolean
inspection_enter_partition(inspection *self, guint number)
{
    for (guint i = 0; i < self->filesystems->len; i++) {
        filesystem *at = self->filesystems->pdata[i];
        if (at->number == (int)number && inspection_has_files(at))
            return inspection_enter(self, at);
    }
    return FALSE;
}

gboolean
inspection_enter_root(inspection *self)
{
    for (guint i = 0; self->root != NULL && i < self->filesystems->len; i++) {
        filesystem *at = self->filesystems->pdata[i];
        if (g_str_equal(at->name, self->root))
            return inspection_enter(self, at);
    }
    return FALSE;
}

void
inspection_leave(inspection *self)
{
    if (self->mounted != NULL && guestfs_umount_all(self->g) != 0)
        inspection_note(self, "the file system on %s cannot be left: %s", self->mounted->name,
                        appliance_error(self->inside));
    self->mounted = NULL;
}

gboolean
inspection_has_file(inspection *self, const char *path)
{
    return guestfs_is_file_opts(self->g, path, GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS, 1, -1) == 1;
}

char *
inspection_read(inspection *self, const char *path, gsize most, gsize *length)
{
    return appliance_read(self->inside, path, most, length);
}

/* ---- files ---- */

static void
read_fstab(inspection *self)
{
    gsize length;
    char *text = inspection_read(self, "/etc/fstab", INSPECT_FILE_MAX, &length);

    if (text != NULL)
        fstab_read(text, length, self->facts->fstab);
    free(text);
}

/* The name in os-release is better than libguestfs', which for Debian is no more than a number. */
static void
read_product(inspection *self)
{
    gsize length;
    char *text = inspection_read(self, "/etc/os-release", INSPECT_FILE_MAX, &length);
    char *name = text == NULL ? NULL : os_release_name(text, length);

    free(text);
    if (name == NULL)
        return;
    g_free(self->facts->product);
    self->facts->product = name;
}

/* The root's /etc; where no operating system was recognised, the first fstab that is found. */
static void
look_into_etc(inspection *self, const filesystem *at)
{
    if (self->root == NULL && self->facts->fstab->len == 0)
        read_fstab(self);
    if (self->root == NULL || strcmp(self->root, at->name) != 0)
        return;
    read_fstab(self);
    read_product(self);
}

/* Boot disks of Windows on virtio need viostor.sys; vioscsi.sys is for another bus. */
static void
look_for_windows_drivers(inspection *self, const filesystem *at)
{
    static const char driver[] = "/Windows/System32/drivers/viostor.sys";
    char *path;

    if (g_strcmp0(self->root, at->name) != 0 || g_strcmp0(self->facts->os_type, "windows") != 0)
        return;
    path = guestfs_case_sensitive_path(self->g, driver);
    self->facts->windows_virtio =
        g_strdup(path != NULL && inspection_has_file(self, path) ? "yes" : "no");
    free(path);
}

static void
look_into(inspection *self, filesystem *at)
{
    inspect_describe(self, at);
    if (!inspection_has_files(at) || !inspection_enter(self, at))
        return;
    inspect_loaders(self, at);
    inspect_efi(self, at);
    inspect_list_kernels(self, at);
    look_into_etc(self, at);
    look_for_windows_drivers(self, at);
}

static void
filesystem_free(gpointer data)
{
    filesystem *self = data;

    g_free(self->name);
    g_free(self->device);
    g_free(self->type);
    g_free(self);
}

static void
menu_file_free(gpointer data)
{
    menu_file *self = data;

    free(self->text);
    g_free(self);
}

static void
add_filesystem(inspection *self, const char *name, const char *device, const char *type)
{
    filesystem *at = g_new0(filesystem, 1);

    at->name = g_strdup(name);
    at->device = g_strdup(device);
    at->type = g_strdup(type);
    at->number = inspection_number_of(device);
    g_ptr_array_add(self->filesystems, at);
}

/* A file system that fills a partition has its name; one in a volume group, an array of disks or a
 * Btrfs subvolume hasn't. */
static gboolean
is_plain(const char *type)
{
    return !g_str_equal(type, "btrfs") && !g_str_has_suffix(type, "_member") &&
           !g_str_has_prefix(type, "crypto_");
}

static gboolean
add_plain(inspection *self, const char *device)
{
    g_autofree char *type = NULL;
    char *found = guestfs_vfs_type(self->g, device);

    if (found == NULL)
        return FALSE;
    type = g_strdup(*found == '\0' ? "unknown" : found);
    free(found);
    if (!is_plain(type))
        return FALSE;
    add_filesystem(self, device, device, type);
    return TRUE;
}

/* guestfs_list_filesystems() looks for all that Linux may make file systems of, for 5 s in an
 * emulated appliance; on most disks there is nothing but partitions, which are known by now. FALSE
 * where there may be more, and nothing was listed. */
static gboolean
list_plain_filesystems(inspection *self)
{
    const image_facts *facts = self->facts;
    gboolean all = TRUE;

    if (facts->scheme == PARTITIONS_NONE)
        return add_plain(self, APPLIANCE_DISK);
    for (guint i = 0; all && i < facts->partitions->len; i++) {
        const partition_facts *partition = facts->partitions->pdata[i];
        g_autofree char *device = g_strdup_printf(APPLIANCE_DISK "%u", partition->number);
        if (g_strcmp0(partition->type, "extended") != 0)
            all = i < FILESYSTEMS_MAX && add_plain(self, device);
    }
    if (!all)
        g_ptr_array_set_size(self->filesystems, 0);
    return all;
}

static void
list_filesystems(inspection *self)
{
    char **pairs;

    self->plain = list_plain_filesystems(self);
    if (self->plain)
        return;
    pairs = guestfs_list_filesystems(self->g); /* name, type, name, type, ... */
    if (pairs == NULL)
        inspection_note(self, "file systems cannot be listed: %s", appliance_error(self->inside));
    for (int i = 0; pairs != NULL && pairs[i] != NULL && i < 2 * FILESYSTEMS_MAX; i += 2) {
        char *device = guestfs_mountable_device(self->g, pairs[i]);
        if (device != NULL)
            add_filesystem(self, pairs[i], device, pairs[i + 1]);
        free(device);
    }
    appliance_free_strings(pairs);
}

static void
look_into_all(inspection *self)
{
    progress_phase(self->listener, "looking into file systems");
    for (guint i = 0; i < self->filesystems->len; i++)
        look_into(self, self->filesystems->pdata[i]);
    inspect_menus(self);
    self->facts->loader =
        loader_choose(self->loaders, self->facts->boot_code, (partition_scheme)self->facts->scheme);
    inspect_kernels(self);
    inspection_leave(self);
}

static void
free_other_loaders(inspection *self)
{
    for (int i = 0; i < LOADER_KINDS; i++)
        if (self->loaders[i] != self->facts->loader)
            loader_facts_free(self->loaders[i]);
}

/* A chain of tables that leads back to itself makes hundreds of one, and each is tried as each kind
 * of file system: no disk that was meant to boot has so many. */
static gboolean
has_too_many_partitions(inspection *self)
{
    char **partitions = guestfs_list_partitions(self->g);
    guint count = 0;

    while (partitions != NULL && partitions[count] != NULL)
        count++;
    appliance_free_strings(partitions);
    if (count <= PARTITIONS_MAX)
        return FALSE;
    inspection_note(self, "it has %u partitions: more than %d, so none was looked into", count,
                    PARTITIONS_MAX);
    return TRUE;
}

static gboolean
inspect(inspection *self, GError **error)
{
    if (!inspect_disk(self, error))
        return FALSE;
    if (!has_too_many_partitions(self)) {
        list_filesystems(self);
        inspect_system(self);
        look_into_all(self);
    }
    progress_phase(self->listener, "stopping the inspection appliance");
    return appliance_stop(self->inside, error);
}

image_facts *
image_inspect(const char *path, const char *scratch, gboolean force_tcg, progress *listener,
              GError **error)
{
    const char *const disks[] = {path, NULL};
    const appliance_place place = {scratch, force_tcg, listener};
    g_autoptr(appliance) inside = appliance_start(disks, &place, error);
    g_autoptr(image_facts) facts = NULL;
    inspection self = {.inside = inside, .listener = listener, .scratch = scratch};
    gboolean good;

    if (inside == NULL)
        return NULL;
    facts = self.facts = image_facts_new();
    self.g = appliance_handle(inside);
    self.filesystems = g_ptr_array_new_with_free_func(filesystem_free);
    self.menus = g_ptr_array_new_with_free_func(menu_file_free);
    good = inspect(&self, error);
    free_other_loaders(&self);
    g_ptr_array_unref(self.filesystems);
    g_ptr_array_unref(self.menus);
    g_free(self.root);
    return good ? g_steal_pointer(&facts) : NULL;
}
