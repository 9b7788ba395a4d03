/* Hibernation: a guest's memory is saved, and its next start goes on where it was.
 *
 * By the host: an operation, as others are. By the guest itself: a stop with another button, which
 * like a stop has no owner: who sees the guest off finds out what it did. */
#include "common/error.h"
#include "common/times.h"
#include "images/home.h"
#include "launcher/memory.h"
#include "launcher/power.h"
#include "launcher/reason.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/scope.h"
#include "launcher/teardown.h"

#include <string.h>

/* A guest that is at it should not hear the key too often: it might take it for the next time. */
#define PRESS_AGAIN_MS 30000

/* ---- what it takes ---- */

static gboolean
root_is_encrypted(launcher *self, const instance *vm, GError **error)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(self->db, vm->id, error);

    if (volumes == NULL)
        return FALSE;
    for (guint i = 0; i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        if (g_strcmp0(what->device, vm->root_device) == 0 && what->secret != NULL)
            return TRUE;
    }
    return error_set(error, ERROR_HIBERNATION,
                     "For hibernation, the root device volume must be encrypted.");
}

static gboolean
may_hibernate(launcher *self, const instance *vm, GError **error)
{
    if (!vm->hibernation_configured)
        return error_set(error, ERROR_HIBERNATION,
                         "The instance can't be hibernated because it was not configured at "
                         "launch for hibernation: %s",
                         vm->id);
    return root_is_encrypted(self, vm, error);
}

static gboolean
may_all_hibernate(launcher *self, const char *const *ids, gboolean by_guest, GError **error)
{
    for (gsize i = 0; ids[i] != NULL; i++) {
        g_autoptr(instance) vm = scope_instance(self, ids[i], NULL);
        /* What isn't running is refused when it is claimed, in its own words. */
        if (vm == NULL || vm->state == INSTANCE_TERMINATED)
            continue;
        if (!may_hibernate(self, vm, error))
            return FALSE;
        if (!by_guest && vm->state == INSTANCE_RUNNING && !memory_has_room(self, vm, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- by the host ---- */

static void
prepare_save(launcher *self G_GNUC_UNUSED, instance *vm)
{
    vm->stop_deadline = 0;
    vm->stop_pressed = FALSE;
    reason_set(vm, REASON_USER_HIBERNATE, NULL);
    reason_user_initiated(vm);
}

static gboolean
record_hibernated(launcher *self, instance *vm, GError **error)
{
    if (!memory_seal(self, vm, error) || !teardown_store_disks(self, vm, error) ||
        !access_clear_events(self, vm, error))
        return FALSE;
    vm->state = INSTANCE_STOPPED;
    return claim_settle(self, vm, error);
}

/* If it isn't running, whoever looks at the domains next sees that, and why. */
static gboolean
record_running(launcher *self, instance *vm, GError **error)
{
    if (!memory_remove(self, vm->id, error))
        return FALSE;
    reason_set(vm, NULL, NULL);
    g_clear_pointer(&vm->transition, g_free);
    vm->state = INSTANCE_RUNNING;
    return claim_settle(self, vm, error);
}

/* Whether a guest that is off can be so because its memory was saved. It may have been started
 * again since, behind our back: then its memory is an old one. */
static gboolean
may_be_saved(const domain_status *status)
{
    return status->state == DOMAIN_OFF &&
           (status->reason == OFF_SAVED || status->reason == OFF_UNKNOWN);
}

/* After a save that failed, or that nobody saw the end of: what has become of it? */
static gboolean
settle(launcher *self, instance *vm, GError **error)
{
    domain_status status;

    if (!memory_wait_settled(self, vm->id, &status, error))
        return FALSE;
    if (may_be_saved(&status) && memory_is_whole(self, vm))
        return record_hibernated(self, vm, error);
    if (status.state == DOMAIN_OFF)
        progress_note(self->listener, "%s: it went off before its memory was saved", vm->id);
    else if (status.state == DOMAIN_PAUSED && status.pause == PAUSED_UNKNOWN &&
             !hypervisor_resume(self->driver, vm->id, error))
        return FALSE;
    return record_running(self, vm, error);
}

static gboolean
save_one(launcher *self, instance *vm, GError **error)
{
    g_autofree char *path = home_memory_path(self->home, vm->id);
    g_autofree char *phase = g_strdup_printf("saving the memory of %s", vm->id);
    GError *problem = NULL;

    progress_phase(self->listener, phase);
    if (memory_remove(self, vm->id, &problem) &&
        hypervisor_save(self->driver, vm->id, path, &problem))
        return record_hibernated(self, vm, error);
    g_prefix_error(&problem, "the memory of %s can't be saved: ", vm->id);
    settle(self, vm, NULL);
    g_propagate_error(error, problem);
    return FALSE;
}

gboolean
recover_hibernate(launcher *self, const operation *cut, GError **error)
{
    g_autoptr(GPtrArray) touched = instance_list_of_operation(self->db, cut->id, error);

    if (touched == NULL)
        return FALSE;
    for (guint i = 0; i < touched->len; i++)
        if (!settle(self, g_ptr_array_index(touched, i), error))
            return FALSE;
    return touched->len > 0 || operation_end(self->db, cut->id, error);
}

/* An old memory that stayed could later pass for the one that is to be saved now. */
static gboolean
remove_old_memories(launcher *self, const char *const *ids, GError **error)
{
    for (gsize i = 0; ids[i] != NULL; i++) {
        g_autoptr(instance) vm = scope_instance(self, ids[i], NULL);
        if (vm != NULL && vm->state == INSTANCE_RUNNING && vm->operation == 0 &&
            !memory_remove(self, vm->id, error))
            return FALSE;
    }
    return TRUE;
}

static GPtrArray *
save_guests(launcher *self, const char *const *ids, GError **error)
{
    g_autoptr(claim) mine = NULL;

    if (!remove_old_memories(self, ids, error))
        return NULL;
    mine = claim_instances(self, ids, ACTION_HIBERNATE, "hibernate", prepare_save, error);
    return mine != NULL ? power_end_each(self, mine, save_one, error) : NULL;
}

/* ---- by the guest ---- */

static void
prepare_ask(launcher *self, instance *vm)
{
    prepare_save(self, vm);
    vm->stop_deadline = time_now() + self->conf->hibernate_timeout;
}

static gboolean
finish_one(launcher *self, instance *vm, GError **error)
{
    g_autofree char *phase = g_strdup_printf("waiting for %s to hibernate", vm->id);
    g_autoptr(instance) now = NULL;
    gboolean off = FALSE;

    progress_phase(self->listener, phase);
    if (!power_wait_pressing(self, vm, hypervisor_press_sleep, PRESS_AGAIN_MS, &off, error))
        return FALSE;
    if (off || !reconcile_still_stopping(self, vm))
        return reconcile_stopped(self, vm, error);
    if (!reconcile_stop_instead(self, vm, error))
        return FALSE;
    now = instance_get(self->db, vm->id, error);
    return now != NULL && power_finish_stop(self, now, error);
}

static GPtrArray *
ask_guests(launcher *self, const char *const *ids, GError **error)
{
    g_autoptr(claim) mine = claim_instances(self, ids, ACTION_HIBERNATE, NULL, prepare_ask, error);
    g_autoptr(GPtrArray) pressed = NULL;

    if (mine == NULL)
        return NULL;
    pressed = power_act_on_each(self, mine, reconcile_press_sleep, error);
    return pressed != NULL ? power_end_each(self, mine, finish_one, error) : NULL;
}

GPtrArray *
launcher_hibernate(launcher *self, const char *const *ids, gboolean by_guest, GError **error)
{
    if (!claim_check_ids(ids, error) || !reconcile(self, error) ||
        !power_needs_ebs_root(self, ids, "hibernated", error) ||
        !may_all_hibernate(self, ids, by_guest, error) || launcher_hypervisor(self, error) == NULL)
        return NULL;
    return by_guest ? ask_guests(self, ids, error) : save_guests(self, ids, error);
}
