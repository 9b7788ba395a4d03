#include "launcher/recover.h"
#include "common/error.h"
#include "common/times.h"
#include "images/import.h"
#include "launcher/claim.h"
#include "launcher/costing.h"
#include "launcher/memory.h"
#include "launcher/reason.h"
#include "launcher/recycle_bin.h"
#include "launcher/teardown.h"

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

gboolean
recover_finish_stop(launcher *self, instance *vm, GError **error)
{
    return memory_put_aside(self, vm, error) && teardown_store_disks(self, vm, error) &&
           access_clear_events(self, vm, error) && end_as(self, vm, INSTANCE_STOPPED, error);
}

gboolean
recover_cut_power(launcher *self, instance *vm, GError **error)
{
    hypervisor *driver = launcher_hypervisor(self, error);

    return driver != NULL && hypervisor_destroy(driver, vm->id, error) &&
           recover_finish_stop(self, vm, error);
}

gboolean
recover_finish_terminate(launcher *self, instance *vm, GError **error)
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
    return recover_instances(self, cut, recover_cut_power, error);
}

static gboolean
recover_terminate(launcher *self, const operation *cut, GError **error)
{
    return recover_instances(self, cut, recover_finish_terminate, error);
}

static const struct {
    const char *kind;
    gboolean (*recover)(launcher *self, const operation *cut, GError **error);
    gboolean of_images; /* who looks at images, snapshots or keys wants to see it done, too */
} kinds[] = {
    {"import", recover_import, TRUE},
    {"run", recover_run, FALSE},
    {"start", recover_start, FALSE},
    {"stop", recover_stop, FALSE},
    {"terminate", recover_terminate, FALSE},
    {"hibernate", recover_hibernate, FALSE},
    {"volume-create", recover_volume_create, FALSE},
    {"volume-delete", recover_volume_delete, FALSE},
    {"volume-modify", recover_volume_modify, FALSE},
    {"attach", recover_attach, FALSE},
    {"detach", recover_detach, FALSE},
    {"snapshot", recover_snapshot, TRUE},
    {"snapshot-delete", recover_snapshot_delete, TRUE},
    {"image-create", recover_image_create, TRUE},
    {"image-create-reboot", recover_image_create, TRUE},
    {"deregister", recover_deregister, TRUE},
    {"deregister-snapshots", recover_deregister, TRUE},
    {"bin-empty", recover_deregister, TRUE},
    {"copy", recover_copy, TRUE},
    {"image-check", recover_image_check, TRUE},
    {"bundle", recover_bundle, TRUE},
    {"unbundle", recover_bundle, TRUE},
    {"bundle-keys", recover_bundle, TRUE},
    {"bundle-register", recover_bundle, TRUE},
    {"bundle-unpack", recover_bundle, TRUE},
    {"gc", recover_gc, TRUE},
    {"gc-snapshot", recover_gc_snapshot, TRUE},
    {"gc-volume", recover_gc_volume, FALSE},
    {"image-customize", recover_image_customize, TRUE},
    {"register", recover_register, TRUE},
    {"key-create", recover_keys, TRUE},
    {"key-delete", recover_keys, TRUE},
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

static gboolean
is_of_images(const operation *cut)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(cut->kind, kinds[i].kind))
            return kinds[i].of_images;
    return FALSE;
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

gboolean
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
        if (images_only && !is_of_images(cut))
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
