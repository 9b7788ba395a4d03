#include "launcher/reconcile.h"
#include "common/error.h"
#include "common/files.h"
#include "common/times.h"
#include "images/import.h"
#include "launcher/claim.h"
#include "launcher/costing.h"
#include "launcher/ending.h"
#include "launcher/memory.h"
#include "launcher/reason.h"
#include "launcher/records.h"
#include "launcher/recover.h"
#include "launcher/recycle_bin.h"
#include "launcher/teardown.h"
#include "store/operation.h"

#define KEEP_TERMINATED_S 3600
#define ENDING_MS 3000

/* ---- operations that were cut off ---- */

static gboolean
end_as(launcher *self, instance *vm, instance_state state, GError **error)
{
    vm->state = state;
    return claim_settle(self, vm, error);
}

/* Nobody was told the new instance's id: it goes, and its row says why. */
static gboolean
undo_run(launcher *self, instance *vm, GError **error)
{
    if (!teardown_launch(self, vm, error))
        return FALSE;
    reason_set(vm, REASON_INTERNAL, "The launch was interrupted and undone");
    progress_note(self->listener, "%s: its launch was interrupted; undone", vm->id);
    return claim_settle_ended(self, vm, error);
}

/* The guest is there: the start was done, but for the end of a resume. Its memory is given up
 * before it runs, as memory_resume() does. */
static gboolean
finish_start(launcher *self, instance *vm, const domain_status *status, GError **error)
{
    if (!memory_spend(self, vm, error))
        return FALSE;
    if (status->state == DOMAIN_PAUSED && status->pause != PAUSED_CRASHED &&
        !hypervisor_resume(self->driver, vm->id, error))
        return FALSE;
    if (!memory_remove(self, vm->id, error))
        return FALSE;
    reason_set(vm, NULL, NULL);
    vm->launched = time_now();
    return end_as(self, vm, INSTANCE_RUNNING, error);
}

/* The guest may have got as far as running: then the start was done. Until then a hibernated one
 * still is. */
static gboolean
settle_start(launcher *self, instance *vm, GError **error)
{
    domain_status status;

    if (!memory_wait_settled(self, vm->id, &status, error))
        return FALSE;
    if (status.state != DOMAIN_OFF &&
        (vm->hibernated != HIBERNATED_MEMORY || memory_is_intact(self, vm->id, NULL)))
        return finish_start(self, vm, &status, error);
    /* It may wait in a memory that nobody has looked at, and must not run in it. */
    if (status.state != DOMAIN_OFF && !hypervisor_destroy(self->driver, vm->id, error))
        return FALSE;
    if (!teardown_store_disks(self, vm, error))
        return FALSE;
    reason_set(vm, REASON_INTERNAL, "The start was interrupted");
    progress_note(self->listener, "%s: its start was interrupted; it is stopped", vm->id);
    return end_as(self, vm, INSTANCE_STOPPED, error);
}

static gboolean
finish_stop(launcher *self, instance *vm, GError **error)
{
    return memory_put_aside(self, vm, error) && teardown_store_disks(self, vm, error) &&
           access_clear_events(self, vm, error) && end_as(self, vm, INSTANCE_STOPPED, error);
}

static gboolean
cut_power(launcher *self, instance *vm, GError **error)
{
    hypervisor *driver = launcher_hypervisor(self, error);

    return driver != NULL && hypervisor_destroy(driver, vm->id, error) &&
           finish_stop(self, vm, error);
}

static gboolean
finish_terminate(launcher *self, instance *vm, GError **error)
{
    return teardown_instance(self, vm, error) && claim_settle_ended(self, vm, error);
}

static gboolean
recover_instances(launcher *self, const operation *cut,
                  gboolean (*recover)(launcher *, instance *, GError **), GError **error)
{
    g_autoptr(GPtrArray) touched = instance_list_of_operation(self->db, cut->id, error);

    if (touched == NULL)
        return FALSE;
    for (guint i = 0; i < touched->len; i++)
        if (!recover(self, g_ptr_array_index(touched, i), error))
            return FALSE;
    /* claim_settle() ended it with its last instance; one without any ends here. */
    return touched->len > 0 || operation_end(self->db, cut->id, error);
}

static gboolean
recover_import(launcher *self, const operation *cut, GError **error)
{
    return image_import_undo(self->db, self->home, cut->id, error);
}

static gboolean
recover_run(launcher *self, const operation *cut, GError **error)
{
    return recover_instances(self, cut, undo_run, error);
}

static gboolean
recover_start(launcher *self, const operation *cut, GError **error)
{
    return recover_instances(self, cut, settle_start, error);
}

static gboolean
recover_stop(launcher *self, const operation *cut, GError **error)
{
    return recover_instances(self, cut, cut_power, error);
}

static gboolean
recover_terminate(launcher *self, const operation *cut, GError **error)
{
    return recover_instances(self, cut, finish_terminate, error);
}

static const struct {
    const char *kind;
    gboolean (*recover)(launcher *self, const operation *cut, GError **error);
} kinds[] = {
    {"import", recover_import},
    {"run", recover_run},
    {"start", recover_start},
    {"stop", recover_stop},
    {"terminate", recover_terminate},
    {"hibernate", recover_hibernate},
    {"volume-create", recover_volume_create},
    {"volume-delete", recover_volume_delete},
    {"volume-modify", recover_volume_modify},
    {"attach", recover_attach},
    {"detach", recover_detach},
    {"snapshot", recover_snapshot},
    {"snapshot-delete", recover_snapshot_delete},
    {"image-create", recover_image_create},
    {"image-create-reboot", recover_image_create},
    {"deregister", recover_deregister},
    {"deregister-snapshots", recover_deregister},
    {"bin-empty", recover_deregister},
    {"copy", recover_copy},
    {"image-check", recover_image_check},
    {"bundle", recover_bundle},
    {"unbundle", recover_bundle},
    {"bundle-keys", recover_bundle},
    {"bundle-register", recover_bundle},
    {"bundle-unpack", recover_bundle},
    {"gc", recover_gc},
    {"gc-snapshot", recover_gc_snapshot},
    {"gc-volume", recover_gc_volume},
    {"image-customize", recover_image_customize},
    {"register", recover_register},
};

/* Those that who looks at images or snapshots wants to see done. */
static const char *const kinds_of_images[] = {
    "import",
    "snapshot",
    "snapshot-delete",
    "image-create",
    "image-create-reboot",
    "deregister",
    "deregister-snapshots",
    "bin-empty",
    "copy",
    "image-check",
    "bundle",
    "unbundle",
    "bundle-keys",
    "bundle-register",
    "bundle-unpack",
    "gc",
    "gc-snapshot",
    "image-customize",
    "register",
    NULL,
};

static gboolean
recover(launcher *self, const operation *cut, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(cut->kind, kinds[i].kind))
            return kinds[i].recover(self, cut, error);
    return error_set(error, ERROR_HOST_DATABASE, "amilaunch.db has an unknown operation: %s",
                     cut->kind);
}

/* What is only recorded and not done yet must not keep people from their work. */
static void
empty_bin(launcher *self)
{
    g_autoptr(GError) problem = NULL;

    if (!bin_empty(self, &problem))
        progress_note(self->listener, "the recycle bin can't be emptied now: %s", problem->message);
}

/* What was cut off may have told the hypervisor a passphrase. */
static void
forget_secrets(launcher *self)
{
    hypervisor *driver = launcher_hypervisor(self, NULL);

    if (driver != NULL)
        hypervisor_forget_secret(driver, NULL, NULL);
}

static gboolean
recover_operations(launcher *self, gboolean images_only, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;

    if (launcher_store(self, error) == NULL)
        return FALSE;
    all = operation_list(self->db, error);
    if (all == NULL)
        return FALSE;
    for (guint i = 0; i < all->len; i++) {
        const operation *cut = g_ptr_array_index(all, i);
        g_autoptr(GError) problem = NULL;
        if (images_only && !g_strv_contains(kinds_of_images, cut->kind))
            continue;
        if (!operation_adopt(self->db, cut->id))
            continue;
        if (!g_str_equal(cut->kind, "import"))
            forget_secrets(self);
        if (!recover(self, cut, &problem)) {
            operation_abandon(self->db, cut->id);
            progress_note(self->listener, "an interrupted %s can't be put right now: %s", cut->kind,
                          problem->message);
        }
    }
    costing_measure_new(self);
    empty_bin(self);
    return TRUE;
}

/* ---- guests that changed by themselves ---- */

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
    if (ends ? finish_terminate(self, vm, error) : finish_stop(self, vm, error))
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
    if (mine == NULL || cut_power(self, g_ptr_array_index(mine->instances, 0), error))
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
    return !forget || instance_forget_ended(self->db, limit, error);
}
