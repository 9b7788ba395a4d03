#include "launcher/seed.h"
#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "images/home.h"
#include "launcher/subnet.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define LABEL "CIDATA"
#define SIZE_KIB "2048" /* for 16 KiB of user data and one key, with room */
#define ALIAS "ua-seed"
#define META_DATA "meta-data"
#define USER_DATA "user-data"

/* ---- what is on it ---- */

/* A string of YAML: what is in it is printable ASCII. */
static void
add_quoted(GString *text, const char *value)
{
    g_string_append_c(text, '"');
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            g_string_append_c(text, '\\');
        g_string_append_c(text, *value);
    }
    g_string_append(text, "\"\n");
}

char *
seed_meta_data(const instance *vm, const char *host)
{
    GString *text = g_string_new("");

    g_string_append(text, "instance-id: ");
    add_quoted(text, vm->id);
    if (host != NULL) {
        g_string_append(text, "local-hostname: ");
        add_quoted(text, host);
    }
    if (vm->public_key != NULL) {
        g_string_append(text, "public-keys:\n  - ");
        add_quoted(text, vm->public_key);
    }
    return g_string_free(text, FALSE);
}

static gboolean
write_file(const char *folder, const char *name, const char *bytes, gsize length, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) problem = NULL;

    return g_file_set_contents(path, bytes, (gssize)length, &problem) ||
           error_set(error, ERROR_HOST_DISK, "%s", problem->message);
}

static gboolean
write_meta_data(launcher *self, const instance *vm, const char *folder, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(interface) nic = interface_get(self->db, vm->id, &problem);
    g_autofree char *host =
        nic != NULL ? subnet_host_name((guint32)nic->address, vm->region) : NULL;
    g_autofree char *text = seed_meta_data(vm, host);

    if (problem == NULL)
        return write_file(folder, META_DATA, text, strlen(text), error);
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

/* NoCloud wants the file also where there is none. */
static gboolean
write_user_data(launcher *self, const instance *vm, const char *folder, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *base64 = user_data_get(self->db, vm->id, &problem);
    g_autofree guchar *bytes = NULL;
    gsize length = 0;

    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    bytes = g_base64_decode(base64 != NULL ? base64 : "", &length);
    return write_file(folder, USER_DATA, (const char *)bytes, length, error);
}

/* ---- the disk ---- */

/* It isn't in everybody's PATH. */
static char *
formatter(void)
{
    static const char *const paths[] = {"/usr/sbin/mkfs.vfat", "/sbin/mkfs.vfat"};
    char *found = process_find("mkfs.vfat");

    for (gsize i = 0; found == NULL && i < G_N_ELEMENTS(paths); i++)
        if (g_file_test(paths[i], G_FILE_TEST_IS_EXECUTABLE))
            found = g_strdup(paths[i]);
    return found != NULL ? found : g_strdup("mkfs.vfat");
}

static gboolean
make_disk(const char *path, const char *folder, GError **error)
{
    g_autofree char *meta_data = g_build_filename(folder, META_DATA, NULL);
    g_autofree char *user_data = g_build_filename(folder, USER_DATA, NULL);
    g_autofree char *program = formatter();
    const char *const format[] = {program, "-n", LABEL, "-C", path, SIZE_KIB, NULL};
    const char *const copy[] = {"mcopy", "-i", path, meta_data, user_data, "::", NULL};

    if (!file_remove(path, error) || !process_run(format, ERROR_HOST_DISK, NULL, error))
        return FALSE;
    if (chmod(path, 0600) != 0)
        return error_set_errno(error, errno, "can't protect %s", path);
    return process_run(copy, ERROR_HOST_DISK, NULL, error) && file_sync(path, error);
}

gboolean
seed_make(launcher *self, const instance *vm, GError **error)
{
    g_autofree char *own = home_instance_folder(self->home, vm->id);
    g_autofree char *folder = g_build_filename(own, "seed", NULL);
    g_autofree char *path = home_seed(self->home, vm->id);

    return !vm->seed ||
           (folder_make(own, 0700, error) && folder_remove(folder, error) &&
            folder_make(folder, 0700, error) && write_meta_data(self, vm, folder, error) &&
            write_user_data(self, vm, folder, error) && make_disk(path, folder, error) &&
            folder_remove(folder, error));
}

/* ---- in a plan ---- */

gboolean
seed_check(const boot_plan *plan, GError **error)
{
    guint places = disk_bus_places(plan->bus);

    if (plan->kind == BOOT_XEN || plan->kind == BOOT_SHIM || plan->kind == BOOT_XEN_HOST)
        return error_set(error, ERROR_UNSUPPORTED,
                         "A guest under Xen can't have a seed disk; one that is run by --pv grub "
                         "or --pv direct can");
    return places == 0 || plan->disks->len < places ||
           error_set(error, ERROR_UNSUPPORTED,
                     "A seed disk has no place beside %u disks on %s: map fewer of them",
                     plan->disks->len, disk_bus_word(plan->bus));
}

/* A plan is bound to one instance after the other, and has at most one. */
static boot_disk *
seed_of(boot_plan *plan)
{
    guint place = plan->disks->len;
    boot_disk *disk = place > 0 ? g_ptr_array_index(plan->disks, place - 1) : NULL;

    if (disk != NULL && g_strcmp0(disk->alias, ALIAS) == 0)
        return disk;
    disk = boot_plan_add_disk(plan);
    disk->device = g_strdup("seed");
    disk->target = disk_bus_target(plan->bus, place);
    disk->format = g_strdup("raw");
    disk->serial = g_strdup("seed");
    disk->alias = g_strdup(ALIAS);
    return disk;
}

/* On the other buses QEMU knows no disks that can't be written; what a guest writes there is gone
 * with the next start. */
void
seed_bind(boot_plan *plan, const char *home, const instance *vm)
{
    boot_disk *disk;

    if (!vm->seed)
        return;
    disk = seed_of(plan);
    disk->read_only = plan->bus == DISK_BUS_VIRTIO;
    g_free(disk->path);
    disk->path = home_seed(home, vm->id);
}
