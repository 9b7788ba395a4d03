/* start, stop, reboot and terminate. */
#include "common/error.h"
#include "common/files.h"
#include "common/times.h"
#include "launcher/launch.h"
#include "launcher/mapping.h"
#include "launcher/memory.h"
#include "launcher/netd.h"
#include "launcher/nic.h"
#include "launcher/power.h"
#include "launcher/publishing.h"
#include "launcher/reason.h"
#include "launcher/reconcile.h"
#include "launcher/scope.h"
#include "launcher/seed.h"
#include "launcher/store_disks.h"
#include "launcher/teardown.h"
#include "store/operation.h"

#define TERMINATE_PATIENCE_MS 60000
#define PRESS_AGAIN_MS 5000 /* a guest that has heard the button doesn't mind */

/* The first error is kept, the rest of the list still gets its turn. */
static void
keep_first(GError **first, GError *problem)
{
    if (*first == NULL)
        *first = problem;
    else
        g_error_free(problem);
}

/* What the records say now becomes what is reported. */
static void
refresh(launcher *self, GPtrArray *changes)
{
    for (guint i = 0; i < changes->len; i++) {
        state_change *change = g_ptr_array_index(changes, i);
        g_autoptr(instance) vm = instance_get(self->db, change->id, NULL);
        if (vm != NULL)
            change->current = (instance_state)vm->state;
    }
}

/* Nobody owns an instance that reboots or stops, so another command may end its guest meanwhile.
 * What the hypervisor says about that is not what went wrong. */
static void
tell_if_overtaken(launcher *self, const instance *vm, GError **problem)
{
    g_autoptr(instance) now = instance_get(self->db, vm->id, NULL);

    if (now == NULL || !error_is(*problem, ERROR_HOST_LIBVIRT))
        return;
    if (now->state == vm->state && now->starts == vm->starts && now->operation == vm->operation)
        return;
    g_clear_error(problem);
    error_set(problem, ERROR_INSTANCE_STATE,
              "The instance '%s' is %s now: another command was at work on it meanwhile.", vm->id,
              instance_state_words[now->state]);
}

GPtrArray *
power_act_on_each(launcher *self, claim *mine, gboolean (*act)(launcher *, instance *, GError **),
                  GError **error)
{
    GError *first = NULL;

    for (guint i = 0; i < mine->instances->len; i++) {
        instance *vm = g_ptr_array_index(mine->instances, i);
        GError *problem = NULL;
        if (act(self, vm, &problem))
            continue;
        if (mine->operation == 0)
            tell_if_overtaken(self, vm, &problem);
        keep_first(&first, problem);
    }
    if (first != NULL) {
        /* What failed half way is taken on or back by the next command. */
        if (mine->operation != 0)
            operation_abandon(self->db, mine->operation);
        g_propagate_error(error, first);
        return NULL;
    }
    refresh(self, mine->changes);
    return g_ptr_array_ref(mine->changes);
}

GPtrArray *
power_end_each(launcher *self, claim *mine, gboolean (*act)(launcher *, instance *, GError **),
               GError **error)
{
    GPtrArray *changes = power_act_on_each(self, mine, act, error);

    network_tell(self);
    return changes;
}

static gboolean
is_paused(launcher *self, const instance *vm)
{
    hypervisor *driver = launcher_hypervisor(self, NULL);
    g_autoptr(GHashTable) domains = driver != NULL ? hypervisor_list(driver, NULL) : NULL;
    const domain_status *status = domains != NULL ? g_hash_table_lookup(domains, vm->id) : NULL;

    return status != NULL && status->state == DOMAIN_PAUSED;
}

/* One that was found off or paused was not stopped by EC2's rules, and may go on. */
static gboolean
may_go_on(launcher *self, const instance *vm, const char *verb)
{
    return vm->state == INSTANCE_TERMINATED ||
           (g_str_equal(verb, "started") && (vm->state == INSTANCE_STOPPED || is_paused(self, vm)));
}

/* ---- start ---- */

gboolean
power_needs_ebs_root(launcher *self, const char *const *ids, const char *verb, GError **error)
{
    for (gsize i = 0; ids[i] != NULL; i++) {
        g_autoptr(instance) vm = scope_instance(self, ids[i], NULL);
        if (vm != NULL && vm->root_device_type == ROOT_INSTANCE_STORE && !may_go_on(self, vm, verb))
            return error_set(error, ERROR_UNSUPPORTED,
                             "The instance '%s' does not have an 'ebs' root device type and cannot "
                             "be %s.",
                             vm->id, verb);
    }
    return TRUE;
}

/* How a guest whose disks are ready gets to run. */
typedef gboolean (*start_way)(launcher *self, instance *vm, const boot_plan *plan, GError **error);

static gboolean
boot(launcher *self, instance *vm, const boot_plan *plan, GError **error)
{
    /* A memory that isn't in the record any more is of no use. */
    return memory_remove(self, vm->id, error) && hypervisor_start(self->driver, plan, error);
}

static gboolean
go_on_or_boot(launcher *self, instance *vm, const boot_plan *plan, GError **error)
{
    return vm->hibernated == HIBERNATED_MEMORY ? memory_resume(self, vm, plan, error)
                                               : boot(self, vm, plan, error);
}

/* Only when all else is ready is the memory given up. */
static gboolean
boot_cold(launcher *self, instance *vm, const boot_plan *plan, GError **error)
{
    if (vm->hibernated == HIBERNATED_GUEST)
        progress_note(self->listener,
                      "%s hibernated by itself: its memory is on its own disk, and it goes on from "
                      "there if it wants to",
                      vm->id);
    return memory_spend(self, vm, error) && boot(self, vm, plan, error);
}

/* A guest that goes on with its memory has the hardware that it had. */
static gboolean
start_bind(launcher *self, const launch *what, const instance *vm, const GPtrArray *volumes,
           const GPtrArray *disks, start_way way, GError **error)
{
    gboolean goes_on = way == go_on_or_boot && vm->hibernated == HIBERNATED_MEMORY;
    g_autoptr(GError) problem = NULL;
    g_autoptr(interface) nic = NULL;

    if (goes_on)
        nic = interface_get(self->db, vm->id, &problem);
    else if (plan_has_network(what->plan))
        nic = nic_of(self, vm->id, &problem);
    if (problem == NULL) {
        publishing_note_taken(self, vm->id);
        return launch_bind(self, what->plan, vm, volumes, disks, nic, error);
    }
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

static gboolean
start_guest(launcher *self, instance *vm, start_way way, GError **error)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(self->db, vm->id, error);
    g_autoptr(launch) what = NULL;
    g_autoptr(GPtrArray) disks = NULL;
    hypervisor *driver = launcher_hypervisor(self, error);

    if (volumes == NULL || driver == NULL)
        return FALSE;
    what = launch_of_instance(self, vm, volumes, error);
    if (what == NULL || !plan_fits(what->plan, &what->input, error))
        return FALSE;
    disks = store_disks_replace(self, vm, what->devices, error);
    if (disks == NULL || !store_disks_make(self, vm, disks, error) || !seed_make(self, vm, error))
        return FALSE;
    return start_bind(self, what, vm, volumes, disks, way, error) &&
           access_grant(self, what->plan, error) && access_grant_events(self, what->plan, error) &&
           access_grant_network(self, what->plan, error) && way(self, vm, what->plan, error);
}

static gboolean
start_by(launcher *self, instance *vm, start_way way, GError **error)
{
    hypervisor *driver = launcher_hypervisor(self, NULL);
    GError *problem = NULL;

    if (start_guest(self, vm, way, &problem)) {
        reason_set(vm, NULL, NULL);
        g_clear_pointer(&vm->transition, g_free);
        vm->launched = time_now();
        vm->hibernated = HIBERNATED_NO;
        vm->state = INSTANCE_RUNNING;
        return claim_settle(self, vm, error);
    }
    /* It is stopped only if its guest is known to be off; else the next command finds out. */
    if (driver != NULL && hypervisor_destroy(driver, vm->id, NULL) &&
        teardown_store_disks(self, vm, NULL)) {
        /* One that is hibernated still is what it was before. */
        if (vm->hibernated == HIBERNATED_NO)
            reason_set(vm, REASON_INTERNAL, problem->message);
        vm->state = INSTANCE_STOPPED;
        claim_settle(self, vm, NULL);
    }
    g_propagate_error(error, problem);
    return FALSE;
}

static gboolean
start_one(launcher *self, instance *vm, GError **error)
{
    return start_by(self, vm, go_on_or_boot, error);
}

static gboolean
start_cold(launcher *self, instance *vm, GError **error)
{
    return start_by(self, vm, boot_cold, error);
}

/* One that is paused counts as running, as to EC2 it would be; who starts it wants it to go on. */
static gboolean
let_paused_go_on(launcher *self, const GPtrArray *changes, GError **error)
{
    g_autoptr(GHashTable) domains = NULL;

    for (guint i = 0; i < changes->len; i++) {
        const state_change *change = g_ptr_array_index(changes, i);
        const domain_status *status;
        if (change->previous != INSTANCE_RUNNING)
            continue;
        if (domains == NULL)
            domains = hypervisor_list(self->driver, error);
        if (domains == NULL)
            return FALSE;
        status = g_hash_table_lookup(domains, change->id);
        if (status == NULL || status->state != DOMAIN_PAUSED || status->pause == PAUSED_BUSY ||
            status->pause == PAUSED_CRASHED)
            continue;
        if (!hypervisor_resume(self->driver, change->id, error))
            return FALSE;
        progress_note(self->listener, "%s was paused, and goes on", change->id);
    }
    return TRUE;
}

static void
prepare_start(launcher *self G_GNUC_UNUSED, instance *vm)
{
    g_free(vm->host_boot);
    vm->host_boot = g_strdup(host_boot_id());
    vm->starts++;
}

/* What can't be started as it is, is refused before anything is recorded. */
static gboolean
may_all_start(launcher *self, const char *const *ids, GError **error)
{
    for (gsize i = 0; ids[i] != NULL; i++) {
        g_autoptr(instance) vm = scope_instance(self, ids[i], NULL);
        g_autoptr(GPtrArray) volumes = NULL;
        g_autoptr(launch) what = NULL;
        if (vm == NULL || vm->state != INSTANCE_STOPPED || vm->operation != 0)
            continue;
        volumes = volume_list_of_instance(self->db, vm->id, error);
        what = volumes != NULL ? launch_of_instance(self, vm, volumes, error) : NULL;
        if (what == NULL || !plan_fits(what->plan, &what->input, error))
            return FALSE;
    }
    return TRUE;
}

GPtrArray *
launcher_start(launcher *self, const char *const *ids, gboolean cold, GError **error)
{
    g_autoptr(claim) mine = NULL;
    g_autoptr(GPtrArray) changes = NULL;

    if (!claim_check_ids(ids, error) || !reconcile(self, error) ||
        !power_needs_ebs_root(self, ids, "started", error) ||
        launcher_hypervisor(self, error) == NULL || !network_check_home(self->home, error) ||
        !may_all_start(self, ids, error))
        return NULL;
    mine = claim_instances(self, ids, ACTION_START, "start", prepare_start, error);
    if (mine == NULL)
        return NULL;
    if (mine->instances->len > 0)
        network_ensure(self);
    changes = power_act_on_each(self, mine, cold ? start_cold : start_one, error);
    network_settle(self);
    return changes != NULL && let_paused_go_on(self, changes, error) ? g_steal_pointer(&changes)
                                                                     : NULL;
}

/* ---- stop ---- */

static void
prepare_stop(launcher *self, instance *vm)
{
    vm->stop_deadline = time_now() + self->conf->stop_timeout;
    vm->stop_pressed = FALSE;
    reason_set(vm, REASON_USER_SHUTDOWN, NULL);
    reason_user_initiated(vm);
}

static gboolean
press_power(launcher *self, instance *vm, GError **error)
{
    return reconcile_press_power(self, vm, error);
}

static gboolean
cut_power(launcher *self, instance *vm, GError **error)
{
    return reconcile_cut_power(self, vm, error);
}

gboolean
power_wait_pressing(launcher *self, const instance *vm,
                    gboolean (*button)(hypervisor *, const char *name, GError **), gint64 again_ms,
                    gboolean *off, GError **error)
{
    for (;;) {
        gint64 left_ms = (vm->stop_deadline - time_now()) * 1000;
        if (!hypervisor_wait_off(self->driver, vm->id, CLAMP(left_ms, 0, again_ms), off, error))
            return FALSE;
        if (*off || left_ms <= again_ms || !reconcile_still_stopping(self, vm))
            return TRUE;
        if (!button(self->driver, vm->id, error))
            return FALSE;
    }
}

/* Nobody owns an instance that is stopping: who sees its guest off finishes the stop, be it this
 * command, another one, or the next. */
gboolean
power_finish_stop(launcher *self, instance *vm, GError **error)
{
    g_autofree char *phase = g_strdup_printf("waiting for %s to power off", vm->id);
    gboolean off = FALSE;

    if (!reconcile_still_stopping(self, vm))
        return TRUE;
    progress_phase(self->listener, phase);
    if (!power_wait_pressing(self, vm, hypervisor_press_power, PRESS_AGAIN_MS, &off, error))
        return FALSE;
    if (off)
        return reconcile_stopped(self, vm, error);
    if (reconcile_still_stopping(self, vm))
        progress_note(self->listener, "%s did not power off in %u s: its power is cut", vm->id,
                      self->conf->stop_timeout);
    return reconcile_cut_power(self, vm, error);
}

GPtrArray *
launcher_stop(launcher *self, const char *const *ids, gboolean force, GError **error)
{
    g_autoptr(claim) mine = NULL;
    g_autoptr(GPtrArray) pressed = NULL;

    if (!claim_check_ids(ids, error) || !reconcile(self, error) ||
        !power_needs_ebs_root(self, ids, "stopped", error) ||
        launcher_hypervisor(self, error) == NULL)
        return NULL;
    mine = claim_instances(self, ids, ACTION_STOP, NULL, prepare_stop, error);
    if (mine == NULL)
        return NULL;
    pressed = power_act_on_each(self, mine, force ? cut_power : press_power, error);
    return pressed != NULL ? power_end_each(self, mine, power_finish_stop, error) : NULL;
}

/* ---- reboot ---- */

static gboolean
reboot_one(launcher *self, instance *vm, GError **error)
{
    g_autofree char *phase = g_strdup_printf("waiting for %s to reboot", vm->id);
    reboot_result result;

    progress_phase(self->listener, phase);
    if (!hypervisor_reboot(self->driver, vm->id,
                           self->conf->reboot_timeout * G_GINT64_CONSTANT(1000), &result, error))
        return FALSE;
    if (result == REBOOT_OFF)
        return error_set(error, ERROR_INSTANCE_STATE, "The instance '%s' powered off instead",
                         vm->id);
    if (result == REBOOT_DONE)
        return TRUE;
    progress_note(self->listener, "%s did not reboot in %u s: it is reset", vm->id,
                  self->conf->reboot_timeout);
    return hypervisor_reset(self->driver, vm->id, error);
}

static gboolean
reset_one(launcher *self, instance *vm, GError **error)
{
    return hypervisor_reset(self->driver, vm->id, error);
}

GPtrArray *
launcher_reboot(launcher *self, const char *const *ids, gboolean force, GError **error)
{
    g_autoptr(claim) mine = NULL;

    if (!claim_check_ids(ids, error) || !reconcile(self, error) ||
        launcher_hypervisor(self, error) == NULL)
        return NULL;
    mine = claim_instances(self, ids, ACTION_REBOOT, NULL, NULL, error);
    return mine != NULL ? power_act_on_each(self, mine, force ? reset_one : reboot_one, error)
                        : NULL;
}

/* ---- terminate ---- */

static void
prepare_terminate(launcher *self G_GNUC_UNUSED, instance *vm)
{
    reason_set(vm, REASON_USER_SHUTDOWN, NULL);
    reason_user_initiated(vm);
}

/* Whether data outlives the instance, so that its guest should end its work first. */
static gboolean
leaves_volumes(launcher *self, const instance *vm)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(self->db, vm->id, NULL);

    for (guint i = 0; volumes != NULL && i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        if (!what->delete_on_termination)
            return TRUE;
    }
    return FALSE;
}

static gboolean
let_guest_end(launcher *self, const instance *vm, GError **error)
{
    g_autoptr(GHashTable) domains = hypervisor_list(self->driver, error);
    const domain_status *status;
    gboolean off;

    if (domains == NULL)
        return FALSE;
    status = g_hash_table_lookup(domains, vm->id);
    if (status == NULL || status->state == DOMAIN_OFF)
        return TRUE;
    progress_phase(self->listener, "waiting for the guest to end its work");
    return hypervisor_press_power(self->driver, vm->id, error) &&
           hypervisor_wait_off(self->driver, vm->id, TERMINATE_PATIENCE_MS, &off, error);
}

static gboolean
terminate_hard(launcher *self, instance *vm, GError **error)
{
    return teardown_instance(self, vm, error) && claim_settle_ended(self, vm, error);
}

static gboolean
terminate_one(launcher *self, instance *vm, GError **error)
{
    if (leaves_volumes(self, vm) && !let_guest_end(self, vm, error))
        return FALSE;
    return terminate_hard(self, vm, error);
}

GPtrArray *
launcher_terminate(launcher *self, const char *const *ids, gboolean force, GError **error)
{
    g_autoptr(claim) mine = NULL;

    if (!claim_check_ids(ids, error) || !reconcile(self, error) ||
        launcher_hypervisor(self, error) == NULL)
        return NULL;
    mine = claim_instances(self, ids, ACTION_TERMINATE, "terminate", prepare_terminate, error);
    return mine != NULL ? power_end_each(self, mine, force ? terminate_hard : terminate_one, error)
                        : NULL;
}
