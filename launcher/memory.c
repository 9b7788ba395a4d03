#include "launcher/memory.h"
#include "common/error.h"
#include "common/files.h"
#include "drivers/save_image.h"
#include "images/digest.h"
#include "images/home.h"
#include "launcher/launch.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#define SETTLE_MS 120000
#define LOOK_EVERY_MS 100

static char *
sum_path(launcher *self, const char *id)
{
    g_autofree char *memory = home_memory_path(self->home, id);

    return g_strdup_printf("%s.sum", memory);
}

static gboolean
memory_of_guest(launcher *self, const instance *vm, guint64 *bytes, GError **error)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(self->db, vm->id, error);
    g_autoptr(launch) what = volumes != NULL ? launch_of_instance(self, vm, volumes, error) : NULL;

    if (what == NULL)
        return FALSE;
    *bytes = what->plan->memory_mib << 20;
    return TRUE;
}

gboolean
memory_has_room(launcher *self, const instance *vm, GError **error)
{
    g_autofree char *folder = home_instance_folder(self->home, vm->id);
    struct statvfs disk;
    guint64 needed, left;

    if (!memory_of_guest(self, vm, &needed, error))
        return FALSE;
    if (statvfs(folder, &disk) != 0)
        return error_set_errno(error, errno, "can't look at %s", folder);
    left = (guint64)disk.f_bavail * disk.f_frsize;
    if (left >= needed)
        return TRUE;
    return error_set(error, ERROR_HOST_DISK,
                     "the memory of %s takes up to %" G_GUINT64_FORMAT
                     " MiB in %s, where %" G_GUINT64_FORMAT
                     " MiB are free: make room for %" G_GUINT64_FORMAT " MiB more",
                     vm->id, needed >> 20, folder, left >> 20, ((needed - left) >> 20) + 1);
}

gboolean
memory_is_whole(launcher *self, const instance *vm)
{
    g_autofree char *path = home_memory_path(self->home, vm->id);
    g_autofree char *sum = sum_path(self, vm->id);

    /* What wasn't made durable before the host went down may be there in part. */
    return save_image_is_whole(path) &&
           (g_file_test(sum, G_FILE_TEST_EXISTS) || g_strcmp0(vm->host_boot, host_boot_id()) == 0);
}

/* "QEMU 7.2.0" of "libvirt 9.0.0, QEMU 7.2.0, at qemu:///system". */
static char *
emulator(launcher *self)
{
    g_autofree char *all = hypervisor_describe(self->driver, NULL);
    const char *begin = all != NULL ? strstr(all, "QEMU ") : NULL;

    if (begin == NULL)
        return g_steal_pointer(&all);
    return g_strndup(begin, strcspn(begin, ","));
}

gboolean
memory_seal(launcher *self, instance *vm, GError **error)
{
    g_autofree char *path = home_memory_path(self->home, vm->id);
    g_autofree char *folder = home_instance_folder(self->home, vm->id);
    g_autofree char *beside = sum_path(self, vm->id);
    g_autofree char *sum = file_sha256(path, NULL, "", error);

    if (sum == NULL || !file_sync(path, error) || !file_sync(folder, error))
        return FALSE;
    /* Written last: where it is, the memory is there too. */
    if (!g_file_set_contents_full(beside, sum, -1, G_FILE_SET_CONTENTS_DURABLE, 0600, error))
        return FALSE;
    vm->hibernated = HIBERNATED_MEMORY;
    g_free(vm->saved_by);
    vm->saved_by = emulator(self);
    return TRUE;
}

/* QEMU would take memory that was changed by accident for the guest's own. Looked at on a thread
 * while the hypervisor reads the same file: the guest doesn't run before both are done. */
typedef struct {
    char *path;
    char *beside;
    GThread *thread;
    GError *problem; /* what is wrong with it; NULL if it is as it was saved */
} memory_check;

static gpointer
compare(gpointer data)
{
    memory_check *self = data;
    g_autofree char *saved = NULL;
    g_autofree char *sum = file_sha256(self->path, NULL, "", &self->problem);

    if (sum == NULL)
        return NULL;
    if (!g_file_get_contents(self->beside, &saved, NULL, NULL))
        error_set(&self->problem, ERROR_HOST_INCOMPLETE,
                  "%s is not there, which tells whether %s is as it was saved", self->beside,
                  self->path);
    else if (!g_str_equal(sum, saved))
        error_set(&self->problem, ERROR_HOST_INCOMPLETE,
                  "its saved memory is damaged: %s is not as it was written", self->path);
    return NULL;
}

gboolean
memory_is_intact(launcher *self, const char *id, GError **error)
{
    g_autofree char *path = home_memory_path(self->home, id);
    g_autofree char *beside = sum_path(self, id);
    memory_check check = {.path = path, .beside = beside};

    compare(&check);
    if (check.problem == NULL)
        return TRUE;
    g_propagate_error(error, check.problem);
    return FALSE;
}

/* Restores the guest, and leaves it paused. What is wrong with the file itself is told first. */
static gboolean
restore_checked(launcher *self, const char *id, const boot_plan *plan, GError **error)
{
    g_autofree char *path = home_memory_path(self->home, id);
    g_autofree char *beside = sum_path(self, id);
    memory_check check = {.path = path, .beside = beside};
    GError *problem = NULL;

    check.thread = g_thread_new("memory", compare, &check);
    hypervisor_restore(self->driver, plan, path, &problem);
    g_thread_join(check.thread);
    if (check.problem == NULL && problem == NULL)
        return TRUE;
    g_propagate_error(error, check.problem != NULL ? check.problem : problem);
    if (check.problem != NULL)
        g_clear_error(&problem);
    return FALSE;
}

/* What a person needs to know to go on. */
static gboolean
cannot_resume(launcher *self, const instance *vm, GError *problem, GError **error)
{
    g_autofree char *now = emulator(self);
    g_autofree char *changed = NULL;

    if (vm->saved_by != NULL && now != NULL && !g_str_equal(vm->saved_by, now))
        changed =
            g_strdup_printf(" Its memory was saved by %s, and this is %s.", vm->saved_by, now);
    g_set_error(error, problem->domain, problem->code,
                "%s can't go on where it was: %s.%s It is still hibernated; `amilaunch start "
                "--cold %s` gives its memory up and boots it",
                vm->id, problem->message, changed != NULL ? changed : "", vm->id);
    g_error_free(problem);
    return FALSE;
}

gboolean
memory_spend(launcher *self, instance *vm, GError **error)
{
    g_autofree char *saved_by = g_steal_pointer(&vm->saved_by);
    int was = vm->hibernated;

    vm->hibernated = HIBERNATED_NO;
    if (instance_update(self->db, vm, error))
        return TRUE;
    vm->hibernated = was;
    vm->saved_by = g_steal_pointer(&saved_by);
    return FALSE;
}

/* The guest was restored but doesn't run yet. */
static gboolean
let_go(launcher *self, instance *vm, GError **error)
{
    g_autofree char *saved_by = g_strdup(vm->saved_by);
    domain_status status;

    if (!memory_spend(self, vm, error))
        return FALSE;
    if (hypervisor_resume(self->driver, vm->id, error))
        return TRUE;
    /* Nothing has changed on its disks if it still doesn't run: then its memory is still good. */
    if (memory_wait_settled(self, vm->id, &status, NULL) && status.state == DOMAIN_PAUSED) {
        vm->hibernated = HIBERNATED_MEMORY;
        vm->saved_by = g_steal_pointer(&saved_by);
    }
    return FALSE;
}

gboolean
memory_resume(launcher *self, instance *vm, const boot_plan *plan, GError **error)
{
    g_autofree char *phase = g_strdup_printf("restoring the memory of %s", vm->id);
    GError *problem = NULL;

    progress_phase(self->listener, phase);
    if (!restore_checked(self, vm->id, plan, &problem) || !let_go(self, vm, &problem)) {
        if (vm->hibernated == HIBERNATED_MEMORY)
            return cannot_resume(self, vm, problem, error);
        g_propagate_error(error, problem);
        return FALSE;
    }
    /* One that stays is known to be of no use, and goes later. */
    memory_remove(self, vm->id, NULL);
    return TRUE;
}

gboolean
memory_remove(launcher *self, const char *id, GError **error)
{
    g_autofree char *path = home_memory_path(self->home, id);
    g_autofree char *sum = sum_path(self, id);

    return file_remove(sum, error) && file_remove(path, error);
}

gboolean
memory_put_aside(launcher *self, const instance *vm, GError **error)
{
    g_autofree char *path = home_memory_path(self->home, vm->id);
    g_autofree char *kept = g_strdup_printf("%s.kept", path);
    g_autofree char *sum = sum_path(self, vm->id);

    if (!memory_is_whole(self, vm))
        return memory_remove(self, vm->id, error);
    if (!file_replace(kept, path, error) || !file_remove(path, error) || !file_remove(sum, error))
        return FALSE;
    progress_note(self->listener,
                  "%s has a saved memory that amilaunch.db doesn't know: it is kept as %s", vm->id,
                  kept);
    return TRUE;
}

static gboolean
look(launcher *self, const char *id, domain_status *status, GError **error)
{
    hypervisor *driver = launcher_hypervisor(self, error);
    g_autoptr(GHashTable) domains = driver != NULL ? hypervisor_list(driver, error) : NULL;
    const domain_status *found;

    if (domains == NULL)
        return FALSE;
    found = g_hash_table_lookup(domains, id);
    *status = found != NULL ? *found : (domain_status){.state = DOMAIN_OFF, .reason = OFF_UNKNOWN};
    return TRUE;
}

gboolean
memory_wait_settled(launcher *self, const char *id, domain_status *status, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + SETTLE_MS * G_GINT64_CONSTANT(1000);

    while (look(self, id, status, error)) {
        if (status->state != DOMAIN_PAUSED || status->pause != PAUSED_BUSY)
            return TRUE;
        if (g_get_monotonic_time() > deadline)
            return error_set(error, ERROR_HOST_TIMEOUT,
                             "libvirt is still busy with the memory of %s", id);
        g_usleep(LOOK_EVERY_MS * 1000);
    }
    return FALSE;
}
