/* Which operating system a disk has. */
#include "images/inspection.h"

#include "images/etc.h"
#include "images/linux_system.h"

#include <stdlib.h>
#include <string.h>

#define OS_RELEASE "/etc/os-release"

/* ---- a Linux, by its own files ---- */

/* What a Linux has its root on, where nothing is under it but a partition; on a vfat there is none
 * ever. Of all else libguestfs knows more. */
static gboolean
may_be_root(const filesystem *at)
{
    static const char *const types[] = {"ext2", "ext3", "ext4", "xfs", NULL};

    return g_strv_contains(types, at->type);
}

/* NULL if there is none, more than one, or a file system that may have something else. */
static filesystem *
find_linux(inspection *self)
{
    filesystem *root = NULL;

    for (guint i = 0; self->plain && i < self->filesystems->len; i++) {
        filesystem *at = self->filesystems->pdata[i];
        if (!inspection_has_files(at) || g_str_equal(at->type, "vfat"))
            continue;
        if (!may_be_root(at))
            return NULL;
        if (!inspection_enter(self, at) || !inspection_has_file(self, OS_RELEASE))
            continue;
        if (root != NULL)
            return NULL;
        root = at;
    }
    return root;
}

/* Of the first program that there is. */
static const char *
read_program(inspection *self)
{
    static const char *const programs[] = {"/bin/sh", "/bin/bash", "/bin/ls"};
    const char *found = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(programs) && found == NULL; i++) {
        gsize length = 0;
        char *head = inspection_read(self, programs[i], LINUX_PROGRAM_HEAD, &length);
        if (head != NULL)
            found = linux_architecture((const guint8 *)head, length);
        free(head);
    }
    return found;
}

/* By what its package manager keeps: the names are libguestfs'. */
static const char *
find_packages(inspection *self)
{
    static const char *const kept[][2] = {
        {"/var/lib/dpkg/status", "deb"},
        {"/lib/apk/db/installed", "apk"},
        {"/usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm"},
        {"/var/lib/rpm/rpmdb.sqlite", "rpm"},
        {"/usr/lib/sysimage/rpm/Packages.db", "rpm"},
        {"/var/lib/rpm/Packages.db", "rpm"},
        {"/var/lib/rpm/Packages", "rpm"},
        {"/var/lib/pacman/local/ALPM_DB_VERSION", "pacman"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
        if (inspection_has_file(self, kept[i][0]))
            return kept[i][1];
    return NULL;
}

static void
read_version(inspection *self, const char *text, gsize length)
{
    gsize point_length = 0;
    char *point = inspection_read(self, "/etc/debian_version", INSPECT_FILE_MAX, &point_length);

    self->facts->version = linux_version(text, length, point, point_length);
    free(point);
}

static void
read_hostname(inspection *self)
{
    gsize length = 0;
    char *text = inspection_read(self, "/etc/hostname", INSPECT_FILE_MAX, &length);

    if (text != NULL)
        self->facts->hostname = linux_hostname(text, length);
    free(text);
}

/* libguestfs' own search takes a third of an inspection where the appliance is emulated: it looks
 * for volume groups and arrays, and reads /etc by Augeas. FALSE, and nothing is set, if this is
 * nothing that can be told without. */
static gboolean
read_linux(inspection *self)
{
    image_facts *facts = self->facts;
    filesystem *root = find_linux(self);
    gsize length = 0;
    char *text = root != NULL && inspection_enter(self, root)
                     ? inspection_read(self, OS_RELEASE, INSPECT_FILE_MAX, &length)
                     : NULL;
    g_autofree char *distribution = text != NULL ? linux_distribution(text, length) : NULL;
    const char *architecture = distribution != NULL ? read_program(self) : NULL;

    if (architecture != NULL) {
        self->root = g_strdup(root->name);
        facts->os_type = g_strdup("linux");
        facts->distribution = g_steal_pointer(&distribution);
        facts->architecture = g_strdup(architecture);
        facts->package_format = g_strdup(find_packages(self));
        read_version(self, text, length);
        read_hostname(self);
    }
    free(text);
    return architecture != NULL;
}

/* ---- any, by libguestfs ---- */

/* As EC2 names it. */
static char *
read_architecture(guestfs_h *g, const char *root)
{
    g_autofree char *name = appliance_take(guestfs_inspect_get_arch(g, root));

    return g_strcmp0(name, "aarch64") == 0 ? g_strdup("arm64") : g_steal_pointer(&name);
}

static void
read_system(inspection *self)
{
    image_facts *facts = self->facts;
    guestfs_h *g = self->g;

    facts->os_type = appliance_take(guestfs_inspect_get_type(g, self->root));
    facts->distribution = appliance_take(guestfs_inspect_get_distro(g, self->root));
    facts->product = appliance_take(guestfs_inspect_get_product_name(g, self->root));
    facts->version = appliance_version(self->inside, self->root);
    facts->hostname = appliance_take(guestfs_inspect_get_hostname(g, self->root));
    facts->package_format = appliance_take(guestfs_inspect_get_package_format(g, self->root));
    facts->architecture = read_architecture(g, self->root);
}

static void
search(inspection *self)
{
    char **roots;

    inspection_leave(self);
    roots = guestfs_inspect_os(self->g);
    if (roots == NULL) {
        inspection_note(self, "an operating system cannot be looked for: %s",
                        appliance_error(self->inside));
        return;
    }
    if (roots[0] != NULL) {
        self->root = g_strdup(roots[0]);
        read_system(self);
        if (roots[1] != NULL)
            inspection_note(self, "there are %u operating systems; the one on %s is described",
                            g_strv_length(roots), self->root);
    }
    appliance_free_strings(roots);
}

/* ---- where it is ---- */

static void
read_root(inspection *self)
{
    char *device = guestfs_mountable_device(self->g, self->root);
    int number = device == NULL ? -1 : inspection_number_of(device);

    if (number > 0)
        self->facts->root_device = g_strdup_printf(APPLIANCE_DISK "%d", number);
    else
        self->facts->root_device =
            number == 0 ? g_strdup(APPLIANCE_DISK) : g_utf8_make_valid(self->root, -1);
    self->facts->root_partition = (guint)MAX(number, 0);
    self->facts->root_filesystem = appliance_take(guestfs_vfs_type(self->g, self->root));
    if (number < 0)
        inspection_note(self, "the root file system is not on a partition by itself but on %s",
                        self->root);
    free(device);
}

void
inspect_system(inspection *self)
{
    progress_phase(self->listener, "looking for an operating system");
    if (!read_linux(self))
        search(self);
    if (self->root != NULL)
        read_root(self);
}
