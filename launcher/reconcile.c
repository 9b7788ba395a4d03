#include "launcher/reconcile.h"
#include "common/error.h"
#include "common/files.h"
#include "common/times.h"
#include "images/import.h"
#include "launcher/claim.h"
#include "launcher/reason.h"
#include "launcher/teardown.h"
#include "store/operation.h"

#define KEEP_TERMINATED_S 3600
#define ENDING_MS 3000

/* ---- operations that were cut off ---- */

static gboolean
end_as(launcher *self, instance *vm, instance_state state, GError **error)
{
    vm->state = state;
    if (state == INSTANCE_TERMINATED)
        vm->ended = time_now();
    return claim_settle(self, vm, error);
}

/* Nobody was told the new instance's id: it goes, and its row says why. */
static gboolean
recover_run(launcher *self, instance *vm, GError **error)
{
    if (!teardown_launch(self, vm, error))
        return FALSE;
    reason_set(vm, REASON_INTERNAL, "The launch was interrupted and undone");
    progress_note(self->listener, "%s: its launch was interrupted; undone", vm->id);
    return end_as(self, vm, INSTANCE_TERMINATED, error);
}

/* The guest may have got as far as running: then the start was done. */
static gboolean
recover_start(launcher *self, instance *vm, GError **error)
{
    hypervisor *driver = launcher_hypervisor(self, error);
    g_autoptr(GHashTable) domains = driver != NULL ? hypervisor_list(driver, error) : NULL;
    const domain_status *status;

    if (domains == NULL)
        return FALSE;
    status = g_hash_table_lookup(domains, vm->id);
    if (status != NULL && status->state != DOMAIN_OFF) {
        reason_set(vm, NULL, NULL);
        return end_as(self, vm, INSTANCE_RUNNING, error);
    }
    if (!teardown_store_disks(self, vm, error))
        return FALSE;
    reason_set(vm, REASON_INTERNAL, "The start was interrupted");
    progress_note(self->listener, "%s: its start was interrupted; it is stopped", vm->id);
    return end_as(self, vm, INSTANCE_STOPPED, error);
}

static gboolean
recover_stop(launcher *self, instance *vm, GError **error)
{
    return teardown_store_disks(self, vm, error) && end_as(self, vm, INSTANCE_STOPPED, error);
}

static gboolean
recover_terminate(launcher *self, instance *vm, GError **error)
{
    return teardown_instance(self, vm, error) && end_as(self, vm, INSTANCE_TERMINATED, error);
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
recover(launcher *self, const operation *cut, GError **error)
{
    if (g_str_equal(cut->kind, "import"))
        return image_import_undo(self->db, self->home, cut->id, error);
    if (g_str_equal(cut->kind, "run"))
        return recover_instances(self, cut, recover_run, error);
    if (g_str_equal(cut->kind, "start"))
        return recover_instances(self, cut, recover_start, error);
    if (g_str_equal(cut->kind, "stop"))
        return recover_instances(self, cut, recover_stop, error);
    if (g_str_equal(cut->kind, "terminate"))
        return recover_instances(self, cut, recover_terminate, error);
    return error_set(error, ERROR_HOST_DATABASE, "amilaunch.db has an unknown operation: %s",
                     cut->kind);
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
        if (images_only && !g_str_equal(cut->kind, "import"))
            continue;
        if (!operation_adopt(self->db, cut->id))
            continue;
        if (!recover(self, cut, error)) {
            operation_abandon(self->db, cut->id);
            return error_prefix(error, "an interrupted %s can't be put right now", cut->kind);
        }
    }
    return TRUE;
}

/* ---- guests that changed by themselves ---- */

static gboolean
ends_with_guest(const instance *vm, const char *code)
{
    if (vm->root_device_type == ROOT_INSTANCE_STORE)
        return TRUE;
    return vm->shutdown_behavior == ON_SHUTDOWN_TERMINATE &&
           g_strcmp0(code, REASON_GUEST_SHUTDOWN) == 0;
}

gboolean
reconcile_guest_off(launcher *self, const instance *found, const char *code, const char *message,
                    GError **error)
{
    gboolean ends = ends_with_guest(found, code);
    g_autoptr(GError) problem = NULL;
    g_autoptr(instance) wanted = instance_get(self->db, found->id, &problem);
    g_autoptr(claim) mine = NULL;
    instance *vm;

    if (wanted != NULL) {
        wanted->state = ends ? INSTANCE_SHUTTING_DOWN : INSTANCE_STOPPING;
        reason_set(wanted, code, message);
        wanted->stop_deadline = 0;
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
    if (ends ? recover_terminate(self, vm, error) : recover_stop(self, vm, error))
        return TRUE;
    operation_abandon(self->db, mine->operation);
    return FALSE;
}

static gboolean
note_guest_gone(launcher *self, const instance *vm, const domain_status *status, GError **error)
{
    const char *message = NULL;

    if (status == NULL)
        message = "Its domain is gone from libvirt";
    else if (g_strcmp0(vm->host_boot, host_boot_id()) != 0)
        message = "The host was restarted";
    else if (status->reason == OFF_CRASHED)
        message = "Its QEMU process ended, or the guest crashed";
    else if (status->reason == OFF_DESTROYED)
        message = "Its domain was destroyed through libvirt";
    else if (status->reason == OFF_FAILED)
        message = "Its domain failed";
    if (message == NULL)
        return reconcile_guest_off(self, vm, REASON_GUEST_SHUTDOWN, NULL, error);
    progress_note(self->listener, "%s: %s", vm->id, message);
    return reconcile_guest_off(self, vm, REASON_INTERNAL, message, error);
}

static gboolean
reconcile_instance(launcher *self, const instance *vm, const domain_status *status, GError **error)
{
    gboolean on = status != NULL && status->state != DOMAIN_OFF;

    if (vm->operation != 0)
        return TRUE;
    if (vm->state == INSTANCE_RUNNING && !on)
        return note_guest_gone(self, vm, status, error);
    if (vm->state == INSTANCE_STOPPING && on && time_now() > vm->stop_deadline) {
        if (!hypervisor_destroy(self->driver, vm->id, error))
            return FALSE;
        on = FALSE;
    }
    if (vm->state == INSTANCE_STOPPING && !on)
        return reconcile_guest_off(self, vm, vm->stop_reason, NULL, error);
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
is_live(const instance *vm)
{
    return vm->state == INSTANCE_RUNNING || vm->state == INSTANCE_STOPPING;
}

/* One that ended well long ago needs no second look. */
static gboolean
ended_lately(const instance *vm)
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
        if (!is_live(vm) || status == NULL || status->state != DOMAIN_ENDING)
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
    for (guint i = 0; i < all->len; i++) {
        const instance *vm = g_ptr_array_index(all, i);
        gboolean right = TRUE;
        if (is_live(vm))
            right = reconcile_instance(self, vm, g_hash_table_lookup(domains, vm->id), error);
        else if (ended_lately(vm))
            right = reconcile_ended(self, vm, domains, error);
        if (!right)
            return FALSE;
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
        look = look || is_live(vm) || ended_lately(vm);
        forget = forget || (vm->state == INSTANCE_TERMINATED && vm->ended < limit);
    }
    if (look && !look_at_domains(self, all, error))
        return FALSE;
    return !forget || instance_forget_ended(self->db, limit, error);
}
