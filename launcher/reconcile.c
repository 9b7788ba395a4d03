#include "launcher/reconcile.h"
#include "common/error.h"
#include "common/files.h"
#include "common/times.h"
#include "launcher/claim.h"
#include "launcher/ending.h"
#include "launcher/memory.h"
#include "launcher/netd.h"
#include "launcher/reason.h"
#include "launcher/records.h"
#include "launcher/recover.h"
#include "launcher/teardown.h"
#include "store/operation.h"

#define KEEP_TERMINATED_S 3600
#define ENDING_MS 3000

/* Only a poweroff that was seen ends an instance for good: a guess must not cost a volume, nor a
 * root on instance store. */
static gboolean
ends_with_guest(const instance *vm, const ending *end)
{
    /* There is no hibernating on instance store: to EC2 that guest has powered off. */
    if (vm->root_device_type == ROOT_INSTANCE_STORE)
        return end->powered_off || end->hibernated;
    return end->powered_off && vm->shutdown_behavior == ON_SHUTDOWN_TERMINATE;
}

/* EC2 knows no stopped instance without an EBS root. One whose host failed is gone there, but one
 * whose host was restarted goes on, and so may this one. */
static void
note_kept(launcher *self, const instance *vm)
{
    if (vm->root_device_type == ROOT_INSTANCE_STORE)
        progress_note(self->listener,
                      "%s is off, and didn't power off by itself as far as is known: its disks on "
                      "instance store are kept; `amilaunch start %s` goes on with them, `amilaunch "
                      "terminate %s` ends it",
                      vm->id, vm->id, vm->id);
}

/* Takes what was found to where it has to go. FOUND is the record on which that was decided. */
static gboolean
settle_off(launcher *self, const instance *found, const ending *end, GError **error)
{
    gboolean ends = ends_with_guest(found, end);
    g_autoptr(GError) problem = NULL;
    g_autoptr(instance) wanted = instance_get(self->db, found->id, &problem);
    g_autoptr(claim) mine = NULL;
    instance *vm;

    if (wanted != NULL && wanted->starts == found->starts) {
        wanted->state = ends ? INSTANCE_SHUTTING_DOWN : INSTANCE_STOPPING;
        wanted->hibernated = end->hibernated && !ends ? HIBERNATED_GUEST : HIBERNATED_NO;
        if (end->code != NULL)
            reason_set(wanted, end->code, end->message);
        wanted->stop_deadline = 0;
        wanted->stop_pressed = 0;
        mine = claim_found(self, wanted, (instance_state)found->state, ends ? "terminate" : "stop",
                           &problem);
    }
    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (mine == NULL)
        return TRUE;
    vm = g_ptr_array_index(mine->instances, 0);
    if (!ends)
        note_kept(self, vm);
    if (ends ? recover_finish_terminate(self, vm, error) : recover_finish_stop(self, vm, error))
        return TRUE;
    operation_abandon(self->db, mine->operation);
    return FALSE;
}

gboolean
reconcile_stopped(launcher *self, const instance *found, GError **error)
{
    ending end = ending_of_stop(self, found);

    return settle_off(self, found, &end, error);
}

gboolean
reconcile_cut_power(launcher *self, const instance *found, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(claim) mine = claim_found(self, found, INSTANCE_STOPPING, "stop", &problem);

    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (mine == NULL || recover_cut_power(self, g_ptr_array_index(mine->instances, 0), error))
        return TRUE;
    operation_abandon(self->db, mine->operation);
    return FALSE;
}

static gboolean
note_guest_gone(launcher *self, const instance *vm, const domain_status *status, GError **error)
{
    ending end = ending_of_guest(self, vm, status);

    if (end.message != NULL)
        progress_note(self->listener, "%s: %s", vm->id, end.message);
    return settle_off(self, vm, &end, error);
}

gboolean
reconcile_still_stopping(launcher *self, const instance *found)
{
    g_autoptr(instance) vm = instance_get(self->db, found->id, NULL);

    return vm != NULL && vm->state == INSTANCE_STOPPING && vm->operation == 0 &&
           vm->starts == found->starts;
}

static gboolean
press(launcher *self, const instance *vm,
      gboolean (*button)(hypervisor *self, const char *name, GError **error), GError **error)
{
    g_autoptr(instance) wanted = instance_get(self->db, vm->id, error);
    g_autoptr(claim) noted = NULL;

    if (wanted == NULL)
        return FALSE;
    /* Another command may have ended this stop, and started the guest's next life. */
    if (wanted->state != INSTANCE_STOPPING || wanted->starts != vm->starts)
        return TRUE;
    if (!button(self->driver, vm->id, error))
        return FALSE;
    wanted->stop_pressed = TRUE;
    noted = claim_found(self, wanted, INSTANCE_STOPPING, NULL, NULL);
    return TRUE;
}

gboolean
reconcile_press_power(launcher *self, const instance *vm, GError **error)
{
    return press(self, vm, hypervisor_press_power, error);
}

gboolean
reconcile_press_sleep(launcher *self, instance *vm, GError **error)
{
    return press(self, vm, hypervisor_press_sleep, error);
}

gboolean
reconcile_stop_instead(launcher *self, const instance *vm, GError **error)
{
    g_autoptr(instance) wanted = instance_get(self->db, vm->id, error);
    g_autoptr(GError) problem = NULL;
    g_autoptr(claim) noted = NULL;

    if (wanted == NULL)
        return FALSE;
    reason_set(wanted, REASON_USER_SHUTDOWN, "The guest did not hibernate and was shut down");
    wanted->stop_deadline = time_now() + self->conf->stop_timeout;
    wanted->stop_pressed = FALSE;
    noted = claim_found(self, wanted, INSTANCE_STOPPING, NULL, &problem);
    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (noted == NULL)
        return TRUE;
    progress_note(self->listener, "%s did not hibernate in %u s: it is shut down", vm->id,
                  self->conf->hibernate_timeout);
    return reconcile_press_power(self, vm, error);
}

/* A stop that nobody waits for: the guest may not have been told, and has its time from then on. */
static gboolean
go_on_stopping(launcher *self, instance *vm, GError **error)
{
    gboolean hibernates = g_strcmp0(vm->reason_code, REASON_USER_HIBERNATE) == 0;
    gboolean late = time_now() > vm->stop_deadline;

    if (!vm->stop_pressed && !(hibernates && late))
        return hibernates ? reconcile_press_sleep(self, vm, error)
                          : reconcile_press_power(self, vm, error);
    if (!late || !reconcile_still_stopping(self, vm))
        return TRUE;
    if (hibernates)
        return reconcile_stop_instead(self, vm, error);
    return reconcile_cut_power(self, vm, error);
}

/* What it was hibernated with doesn't fit its disks any more: it may have booted from them. */
static gboolean
note_guest_started(launcher *self, const instance *vm, GError **error)
{
    g_autoptr(instance) wanted = instance_get(self->db, vm->id, error);
    gboolean had_memory = vm->hibernated == HIBERNATED_MEMORY;
    g_autoptr(claim) noted = NULL;

    if (wanted == NULL)
        return FALSE;
    /* Its guest may have been started by another command since, and stopped again. */
    if (wanted->state != vm->state || wanted->starts != vm->starts)
        return TRUE;
    progress_note(self->listener, "%s: its guest was started through libvirt%s", vm->id,
                  had_memory ? "; the memory that it was hibernated with is given up" : "");
    wanted->state = INSTANCE_RUNNING;
    wanted->hibernated = HIBERNATED_NO;
    g_clear_pointer(&wanted->saved_by, g_free);
    reason_set(wanted, NULL, NULL);
    noted = claim_found(self, wanted, INSTANCE_STOPPED, NULL, NULL);
    return noted == NULL || memory_remove(self, vm->id, error);
}

static void
note_paused(launcher *self, const instance *vm, pause_reason why)
{
    if (why == PAUSED_IO_ERROR)
        progress_note(self->listener,
                      "%s is paused: a disk of it could not be written, most likely as the host's "
                      "disk is full; make room, then `amilaunch start %s` lets it go on",
                      vm->id, vm->id);
    else if (why == PAUSED_BY_USER)
        progress_note(self->listener,
                      "%s is paused through libvirt; `amilaunch start %s` lets it go on", vm->id,
                      vm->id);
}

static gboolean
reconcile_instance(launcher *self, instance *vm, const domain_status *status, GError **error)
{
    gboolean on = status != NULL && status->state != DOMAIN_OFF;

    if (vm->operation != 0)
        return TRUE;
    if (vm->state == INSTANCE_RUNNING && !on)
        return note_guest_gone(self, vm, status, error);
    if (vm->state == INSTANCE_STOPPING)
        return on ? go_on_stopping(self, vm, error) : reconcile_stopped(self, vm, error);
    if (vm->state == INSTANCE_STOPPED && on)
        return note_guest_started(self, vm, error);
    if (vm->state == INSTANCE_RUNNING && status->state == DOMAIN_PAUSED)
        note_paused(self, vm, status->pause);
    return TRUE;
}

/* A terminated instance has no domain. If there is one, a command died after it had told libvirt to
 * make it, and libvirt did so afterwards. */
static gboolean
reconcile_ended(launcher *self, const instance *vm, GHashTable *domains, GError **error)
{
    return g_hash_table_lookup(domains, vm->id) == NULL ||
           hypervisor_discard(self->driver, vm->id, error);
}

static gboolean
may_run(const instance *vm)
{
    return vm->state == INSTANCE_RUNNING || vm->state == INSTANCE_STOPPING ||
           vm->state == INSTANCE_STOPPED;
}

/* One that ended as it should needs no second look. */
static gboolean
ended_badly(const instance *vm)
{
    return vm->state == INSTANCE_TERMINATED && g_strcmp0(vm->reason_code, REASON_INTERNAL) == 0;
}

/* Who has just seen a guest power off expects it to be stopped, not almost. */
static gboolean
let_ending_end(launcher *self, GPtrArray *all, GHashTable **domains, GError **error)
{
    gboolean waited = FALSE;
    gboolean off;

    for (guint i = 0; i < all->len; i++) {
        const instance *vm = g_ptr_array_index(all, i);
        const domain_status *status = g_hash_table_lookup(*domains, vm->id);
        if (!may_run(vm) || status == NULL || status->state != DOMAIN_ENDING)
            continue;
        if (!hypervisor_wait_off(self->driver, vm->id, ENDING_MS, &off, error))
            return FALSE;
        waited = TRUE;
    }
    if (!waited)
        return TRUE;
    g_hash_table_unref(*domains);
    *domains = hypervisor_list(self->driver, error);
    return *domains != NULL;
}

static void
note_strangers(launcher *self, const GPtrArray *all, GHashTable *domains)
{
    g_autoptr(GPtrArray) sentences = g_ptr_array_new_with_free_func(g_free);

    records_find_strangers(self, all, domains, sentences);
    for (guint i = 0; i < sentences->len; i++)
        progress_note(self->listener, "%s", (char *)g_ptr_array_index(sentences, i));
}

static gboolean
look_at_domains(launcher *self, GPtrArray *all, GError **error)
{
    g_autoptr(GHashTable) domains = NULL;
    hypervisor *driver = launcher_hypervisor(self, error);

    if (driver == NULL)
        return FALSE;
    domains = hypervisor_list(driver, error);
    if (domains == NULL || !let_ending_end(self, all, &domains, error))
        return FALSE;
    note_strangers(self, all, domains);
    for (guint i = 0; i < all->len; i++) {
        instance *vm = g_ptr_array_index(all, i);
        g_autoptr(GError) problem = NULL;
        gboolean right = TRUE;
        if (may_run(vm))
            right = reconcile_instance(self, vm, g_hash_table_lookup(domains, vm->id), &problem);
        else if (vm->state == INSTANCE_TERMINATED)
            right = reconcile_ended(self, vm, domains, &problem);
        /* One that is stuck must not keep people from the others. */
        if (!right)
            progress_note(self->listener, "%s can't be put right now: %s", vm->id,
                          problem->message);
    }
    return TRUE;
}

gboolean
reconcile_images(launcher *self, GError **error)
{
    return recover_operations(self, TRUE, error);
}

gboolean
reconcile(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;
    gboolean look = FALSE;
    gboolean forget = FALSE;
    gint64 limit = time_now() - KEEP_TERMINATED_S;

    if (!recover_operations(self, FALSE, error))
        return FALSE;
    all = instance_list(self->db, error);
    if (all == NULL)
        return FALSE;
    for (guint i = 0; i < all->len; i++) {
        const instance *vm = g_ptr_array_index(all, i);
        look = look || may_run(vm) || ended_badly(vm);
        forget = forget || (vm->state == INSTANCE_TERMINATED && vm->ended < limit);
    }
    if (look && !look_at_domains(self, all, error))
        return FALSE;
    network_tell(self);
    network_reconcile(self, all);
    return !forget || instance_forget_ended(self->db, limit, error);
}
