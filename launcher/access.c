/* qemu:///system runs guests as a user of its own, who must reach the disks in a HOME that is
 * closed to everybody. libvirt itself lends the guest its writable disks for as long as it runs.
 * What is left to do: let that user pass through the folders (not list them), and read, never
 * write, the snapshots and templates under them. */
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "drivers/xen_appliance.h"
#include "images/home.h"
#include "launcher/internal.h"
#include "launcher/network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASS_THROUGH 0711
#define GROUP_READS 0440
#define OWNER_READS 0400

/* "self" or "UID:GID", and "confined" or "free". */
static gboolean
owner_parse(const char *known, guest_user *owner)
{
    char rights[9];

    if (sscanf(known, "self %8s", rights) == 1)
        owner->other = FALSE;
    else if (sscanf(known, "%u:%u %8s", &owner->uid, &owner->gid, rights) == 3)
        owner->other = TRUE;
    else
        return FALSE;
    owner->confined = g_str_equal(rights, "confined");
    return owner->confined || g_str_equal(rights, "free");
}

static char *
owner_text(const guest_user *owner)
{
    const char *rights = owner->confined ? "confined" : "free";

    return owner->other ? g_strdup_printf("%u:%u %s", owner->uid, owner->gid, rights)
                        : g_strdup_printf("self %s", rights);
}

/* Asking libvirt takes it some time, and the answer seldom changes: once for each boot of the host.
 */
static gboolean
find_owner(launcher *self, guest_user *owner, GError **error)
{
    g_autofree char *key = g_strdup_printf("guest-rights %s %s", host_boot_id(), self->uri);
    g_autofree char *known = host_fact_get(self->db, key);
    g_autofree char *found = NULL;

    if (known != NULL && owner_parse(known, owner))
        return TRUE;
    if (!hypervisor_guest_user(self->driver, owner, error))
        return FALSE;
    found = owner_text(owner);
    return host_fact_set(self->db, key, found, error);
}

static gboolean
can_pass(const struct stat *info, const guest_user *owner)
{
    if (info->st_uid == owner->uid)
        return (info->st_mode & S_IXUSR) != 0;
    if (info->st_gid == owner->gid)
        return (info->st_mode & S_IXGRP) != 0;
    return (info->st_mode & S_IXOTH) != 0;
}

static gboolean
open_folder(const char *path, const guest_user *owner, GError **error)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return error_set_errno(error, errno, "can't look at %s", path);
    if (can_pass(&info, owner))
        return TRUE;
    FAILPOINT_AROUND("chmod");
    if (chmod(path, PASS_THROUGH) != 0)
        return error_set_errno(error, errno, "can't let guests pass through %s", path);
    return TRUE;
}

/* Folders above HOME aren't ours to change. */
static gboolean
check_way_to(const char *path, const guest_user *owner, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    struct stat info;

    while (!g_str_equal(folder, "/")) {
        char *parent = g_path_get_dirname(folder);
        if (stat(folder, &info) == 0 && !can_pass(&info, owner)) {
            g_free(parent);
            return error_set(error, ERROR_HOST_PERMISSION,
                             "libvirt runs guests as user %u, who can't get through %s to %s: "
                             "chmod o+x %s, or choose another place with --home",
                             owner->uid, folder, path, folder);
        }
        g_free(folder);
        folder = parent;
    }
    return TRUE;
}

static gboolean
open_home(launcher *self, const guest_user *owner, const char *id, GError **error)
{
    g_autofree char *snapshots = g_build_filename(self->home, "snapshots", NULL);
    g_autofree char *volumes = g_build_filename(self->home, "volumes", NULL);
    g_autofree char *templates = g_build_filename(self->home, "templates", NULL);
    g_autofree char *boot = g_build_filename(self->home, "boot", NULL);
    g_autofree char *instances = g_build_filename(self->home, "instances", NULL);
    g_autofree char *own = home_instance_folder(self->home, id);

    return check_way_to(self->home, owner, error) && open_folder(self->home, owner, error) &&
           open_folder(snapshots, owner, error) && open_folder(volumes, owner, error) &&
           open_folder(templates, owner, error) && open_folder(boot, owner, error) &&
           open_folder(instances, owner, error) && open_folder(own, owner, error);
}

/* The appliance's files are for everybody to read; its folder may be HOME's, or somebody else's. */
static gboolean
open_appliance(launcher *self, const guest_user *owner, const char *appliance, GError **error)
{
    g_autofree char *own = appliance != NULL ? xen_appliance_own(self->home) : NULL;

    if (appliance == NULL)
        return TRUE;
    return g_str_equal(appliance, own) ? open_folder(appliance, owner, error)
                                       : check_way_to(appliance, owner, error);
}

/* A snapshot that was a running guest's volume until a moment ago may still belong to the guest. */
static gboolean
let_read(const char *path, const guest_user *owner, GError **error)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return error_set_errno(error, errno, "can't look at %s", path);
    if (info.st_uid != owner->uid && info.st_gid == owner->gid &&
        (info.st_mode & 0777) == GROUP_READS)
        return TRUE;
    FAILPOINT_AROUND("chown");
    if (chown(path, info.st_uid == owner->uid ? geteuid() : (uid_t)-1, owner->gid) != 0 ||
        chmod(path, GROUP_READS) != 0)
        return error_set_errno(error, errno, "can't let guests read %s", path);
    return TRUE;
}

static gboolean
let_read_layers(const boot_disk *disk, const guest_user *owner, GError **error)
{
    for (guint i = 0; i < disk->layers->len; i++) {
        const boot_layer *layer = g_ptr_array_index(disk->layers, i);
        if (!let_read(layer->path, owner, error))
            return FALSE;
    }
    return TRUE;
}

/* The folders between HOME and PATH, a file under it. */
static gboolean
open_way(launcher *self, const char *path, const guest_user *owner, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    while (strlen(folder) > strlen(self->home)) {
        char *parent = g_path_get_dirname(folder);
        gboolean open = open_folder(folder, owner, error);
        g_free(folder);
        folder = parent;
        if (!open)
            return FALSE;
    }
    return TRUE;
}

/* What a guest starts with. That which isn't in HOME is the distribution's or the person's, and not
 * ours to change. */
static gboolean
let_start(launcher *self, const char *path, const guest_user *owner, GError **error)
{
    struct stat info;

    if (path == NULL || !g_str_has_prefix(path, self->home) || path[strlen(self->home)] != '/')
        return TRUE;
    if (!open_way(self, path, owner, error))
        return FALSE;
    if (stat(path, &info) != 0)
        return error_set_errno(error, errno, "can't look at %s", path);
    return (info.st_mode & S_IROTH) != 0 || let_read(path, owner, error);
}

gboolean
access_grant_disk(launcher *self, const boot_disk *disk, GError **error)
{
    guest_user owner = {0};

    return find_owner(self, &owner, error) &&
           (!owner.other || let_read_layers(disk, &owner, error));
}

gboolean
access_grant(launcher *self, const boot_plan *plan, GError **error)
{
    guest_user owner = {0};

    if (!find_owner(self, &owner, error))
        return FALSE;
    if (!owner.other)
        return TRUE;
    if (!open_home(self, &owner, plan->name, error) ||
        !open_appliance(self, &owner, plan->appliance, error))
        return FALSE;
    for (guint i = 0; i < plan->disks->len; i++)
        if (!let_read_layers(g_ptr_array_index(plan->disks, i), &owner, error))
            return FALSE;
    return let_start(self, plan->kernel, &owner, error) &&
           let_start(self, plan->initrd, &owner, error);
}

gboolean
access_protect_snapshot(launcher *self, const char *path, GError **error)
{
    guest_user owner = {.other = FALSE};

    /* Without a connection there is no guest; who starts one later lets it read. */
    if (self->driver != NULL && !find_owner(self, &owner, error))
        return FALSE;
    if (owner.other)
        return let_read(path, &owner, error);
    FAILPOINT_AROUND("chmod");
    if (chmod(path, OWNER_READS) != 0)
        return error_set_errno(error, errno, "can't protect %s", path);
    return TRUE;
}

/* ---- network ---- */

/* Guests make their sockets in it, and the network process, which is of the same user, its own. */
static gboolean
own_folder(const char *path, const guest_user *owner, GError **error)
{
    struct stat info;

    if (!folder_make(path, 0700, error))
        return FALSE;
    if (!owner->other)
        return TRUE;
    if (stat(path, &info) != 0)
        return error_set_errno(error, errno, "can't look at %s", path);
    if (info.st_uid == owner->uid && info.st_gid == owner->gid)
        return TRUE;
    FAILPOINT_AROUND("chown");
    if (chown(path, owner->uid, owner->gid) != 0)
        return error_set_errno(error, errno, "can't let guests have %s", path);
    return TRUE;
}

gboolean
access_open_network(launcher *self, guest_user *owner, GError **error)
{
    g_autofree char *folder = network_folder(self->home);

    if (launcher_hypervisor(self, error) == NULL || !find_owner(self, owner, error))
        return FALSE;
    return (!owner->other ||
            (check_way_to(self->home, owner, error) && open_folder(self->home, owner, error))) &&
           own_folder(folder, owner, error);
}

gboolean
access_grant_network(launcher *self, boot_plan *plan, GError **error)
{
    guest_user owner = {0};

    if (plan->mac == NULL)
        return TRUE;
    if (!access_open_network(self, &owner, error))
        return FALSE;
    if (!owner.confined)
        return TRUE;
    g_clear_pointer(&plan->mac, g_free);
    g_clear_pointer(&plan->network_socket, g_free);
    progress_note(self->listener,
                  "%s has no network: libvirt confines its guests here (security_driver in "
                  "qemu.conf), and they can't have the socket that carries it; those of "
                  "qemu:///session can",
                  plan->name);
    return TRUE;
}

/* ---- events ---- */

static gboolean
give(const char *path, const guest_user *owner, GError **error)
{
    if (owner->other && lchown(path, owner->uid, owner->gid) != 0)
        return error_set_errno(error, errno, "can't let guests have %s", path);
    return TRUE;
}

static gboolean
make_fifo(const char *path, const guest_user *owner, GError **error)
{
    if (!file_remove(path, error))
        return FALSE;
    FAILPOINT_AROUND("mkfifo");
    if (mkfifo(path, 0600) != 0)
        return error_set_errno(error, errno, "can't make %s", path);
    return give(path, owner, error);
}

static gboolean
make_empty(const char *path, const guest_user *owner, GError **error)
{
    return file_remove(path, error) && file_make_sparse(path, 0, error) && give(path, owner, error);
}

gboolean
access_grant_events(launcher *self, boot_plan *plan, GError **error)
{
    g_autofree char *events = home_events(self->home, plan->name);
    g_autofree char *in = g_strconcat(events, ".in", NULL);
    g_autofree char *out = g_strconcat(events, ".out", NULL);
    guest_user owner = {0};

    if (!find_owner(self, &owner, error))
        return FALSE;
    g_clear_pointer(&plan->events, g_free);
    if (owner.confined)
        return TRUE;
    if (!make_fifo(in, &owner, error) || !make_empty(out, &owner, error))
        return FALSE;
    plan->events = g_steal_pointer(&events);
    return TRUE;
}

gboolean
access_clear_events(launcher *self, const instance *vm, GError **error)
{
    g_autofree char *events = home_events(self->home, vm->id);
    g_autofree char *out = g_strconcat(events, ".out", NULL);

    if (truncate(out, 0) != 0 && errno != ENOENT)
        return error_set_errno(error, errno, "can't empty %s", out);
    return TRUE;
}
