/* Attaching volumes to instances, and detaching them. A stopped instance's are a matter of records;
 * into a running guest they are plugged. */
#include "launcher/attach.h"
#include "common/error.h"
#include "common/times.h"
#include "images/volume.h"
#include "launcher/chain.h"
#include "launcher/claim.h"
#include "launcher/claim_volumes.h"
#include "launcher/device_name.h"
#include "launcher/launch.h"
#include "launcher/plan.h"
#include "launcher/plan_kind.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/scope.h"
#include "launcher/teardown.h"

#define PATIENCE_S 30
#define PATIENCE_FORCED_S 5

/* The shim's disks are arguments of its emulator. Asked for one of them, libvirt would say that the
 * guest has it no more. */
gboolean
attach_disks_are_known(const instance *vm, GError **error)
{
    return vm->state != INSTANCE_RUNNING || g_strcmp0(vm->pv, pv_word(BOOT_SHIM)) != 0 ||
           error_set(error, ERROR_UNSUPPORTED,
                     "The disks of '%s' can't be changed or copied while it runs by Xen's PV shim: "
                     "stop it first",
                     vm->id);
}

gboolean
attach_is_settled(const instance *vm, GError **error)
{
    if (!attach_disks_are_known(vm, error))
        return FALSE;
    if (vm->state != INSTANCE_RUNNING && vm->state != INSTANCE_STOPPED)
        return error_set(error, ERROR_INSTANCE_STATE,
                         "The instance '%s' is %s: its volumes can be changed while it is running "
                         "or stopped.",
                         vm->id, instance_state_words[vm->state]);
    if (vm->hibernated == HIBERNATED_MEMORY)
        return error_set(error, ERROR_INSTANCE_STATE,
                         "The instance '%s' is hibernated: its saved memory goes with the volumes "
                         "as they are. Start it first.",
                         vm->id);
    return TRUE;
}

static volume *
only_volume(const volume_claim *mine)
{
    return g_ptr_array_index(mine->volumes, 0);
}

/* What the hypervisor says: whether the guest has the disk now. */
static gboolean
is_plugged(launcher *self, const volume_claim *mine, gboolean *plugged, GError **error)
{
    g_autofree char *alias = plan_alias_of_volume(only_volume(mine)->id);
    g_autofree char *path = NULL;
    g_autoptr(GError) problem = NULL;
    hypervisor *driver = launcher_hypervisor(self, error);

    if (driver == NULL)
        return FALSE;
    path = hypervisor_disk_file(driver, mine->vm->id, alias, &problem);
    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    *plugged = path != NULL;
    return TRUE;
}

/* ---- attach ---- */

/* Device names that VM has: char *, owned by the rows in VOLUMES and DISKS. */
static GPtrArray *
devices_taken(const GPtrArray *volumes, const GPtrArray *disks)
{
    GPtrArray *taken = g_ptr_array_new();

    for (guint i = 0; i < volumes->len; i++)
        g_ptr_array_add(taken, ((volume *)g_ptr_array_index(volumes, i))->device);
    for (guint i = 0; i < disks->len; i++)
        g_ptr_array_add(taken, ((store_disk *)g_ptr_array_index(disks, i))->device);
    return taken;
}

static char *
choose_device(const instance *vm, const char *asked, const GPtrArray *taken, GError **error)
{
    /* A root that was detached can come back where it was. */
    gboolean root = g_strcmp0(asked, vm->root_device) == 0;

    if (asked == NULL) {
        char *chosen = device_name_choose(taken, 'f');
        if (chosen == NULL)
            error_set(error, ERROR_ATTACHMENT_LIMIT, "All device names of '%s' are in use", vm->id);
        return chosen;
    }
    if (!root && !device_name_check((virtualization)vm->virtualization, asked, error))
        return NULL;
    for (guint i = 0; i < taken->len; i++)
        if (device_name_same_disk(g_ptr_array_index(taken, i), asked)) {
            error_set(error, ERROR_PARAMETER_VALUE,
                      "Invalid value '%s' for unixDevice. Attachment point %s is already in use",
                      asked, asked);
            return NULL;
        }
    return g_strdup(asked);
}

static gboolean
check_limit(launcher *self, const instance *vm, guint attached, GError **error)
{
    const instance_types *types = launcher_types(self, error);
    const instance_type *type = types != NULL ? instance_types_find(types, vm->type, error) : NULL;

    if (type == NULL)
        return FALSE;
    if (attached < type->max_ebs)
        return TRUE;
    return error_set(error, ERROR_ATTACHMENT_LIMIT,
                     "The maximum number of volumes (%u) that an instance of type %s can have is "
                     "attached to '%s'",
                     type->max_ebs, type->name, vm->id);
}

static gboolean
can_be_attached(launcher *self, const volume *what, const instance *vm, GError **error)
{
    if (what->instance != NULL)
        return error_set(error, ERROR_VOLUME_IN_USE, "%s is already attached to an instance: %s",
                         what->id, what->instance);
    if (what->state != VOLUME_AVAILABLE)
        return error_set(error, ERROR_VOLUME_STATE, "Volume '%s' is in the '%s' state.", what->id,
                         volume_state_words[what->state]);
    if (!volume_file_exists(self->home, what->id))
        return error_set(error, ERROR_VOLUME_STATE,
                         "Volume '%s' is in the 'error' state: its file is gone.", what->id);
    if (g_strcmp0(what->zone, vm->zone) != 0)
        return error_set(error, ERROR_VOLUME_ZONE,
                         "The volume '%s' is not in the same availability zone as instance '%s'",
                         what->id, vm->id);
    return TRUE;
}

/* In use, but not attached yet: ATTACHED is 0 as long as that is under way. */
static gboolean
check_attach(launcher *self, volume_claim *made, gpointer asked, GError **error)
{
    volume *what = only_volume(made);
    const instance *vm = made->vm;
    g_autoptr(GPtrArray) volumes = NULL;
    g_autoptr(GPtrArray) disks = NULL;
    g_autoptr(GPtrArray) taken = NULL;
    char *device;

    if (!can_be_attached(self, what, vm, error) || !attach_is_settled(vm, error))
        return FALSE;
    volumes = volume_list_of_instance(self->db, vm->id, error);
    disks = volumes != NULL ? store_disk_list(self->db, vm->id, error) : NULL;
    if (disks == NULL || !check_limit(self, vm, volumes->len, error))
        return FALSE;
    taken = devices_taken(volumes, disks);
    device = choose_device(vm, asked, taken, error);
    if (device == NULL)
        return FALSE;
    what->state = VOLUME_IN_USE;
    what->instance = g_strdup(vm->id);
    what->device = device;
    what->attached = 0;
    what->delete_on_termination = 0;
    return TRUE;
}

static gboolean
plug(launcher *self, const volume_claim *mine, GError **error)
{
    const volume *what = only_volume(mine);
    g_autoptr(GPtrArray) chain = chain_below(self, what->backing, error);
    g_autoptr(boot_disk) disk = boot_disk_new();
    hypervisor *driver = launcher_hypervisor(self, error);

    if (chain == NULL || driver == NULL)
        return FALSE;
    disk->device = g_strdup(what->device);
    disk->origin = g_strdup(what->snapshot != NULL ? what->snapshot : "empty");
    disk->size = (guint64)what->size_gib << 30;
    plan_bind_volume(disk, self->home, what, chain);
    return launch_check_disk(disk, error) && access_grant_disk(self, disk, error) &&
           hypervisor_attach(driver, mine->vm->id, disk, error);
}

static gboolean
settle_attached(launcher *self, volume_claim *mine, gboolean attached, GError **error)
{
    volume *what = only_volume(mine);

    if (attached)
        what->attached = time_now();
    else
        volume_detached(what);
    return claim_volumes_settle(self, mine, NULL, NULL, error);
}

/* What is so becomes what is recorded: a guest that has the disk keeps it. */
static gboolean
settle_attach(launcher *self, volume_claim *mine, gboolean *attached, GError **error)
{
    *attached = TRUE;
    if (mine->vm->state == INSTANCE_RUNNING && !is_plugged(self, mine, attached, error))
        return FALSE;
    return settle_attached(self, mine, *attached, error);
}

/* Said before anything is recorded; the driver looks again when it is at it. */
static gboolean
may_plug(launcher *self, const char *id, GError **error)
{
    g_autoptr(instance) vm = scope_instance(self, id, NULL);
    hypervisor *driver;

    if (vm == NULL || vm->state != INSTANCE_RUNNING)
        return TRUE;
    driver = launcher_hypervisor(self, error);
    return driver != NULL && hypervisor_can_plug(driver, vm->id, error);
}

static gboolean
may_unplug(launcher *self, const char *id, GError **error)
{
    g_autoptr(volume) what = scope_volume(self, id, NULL);

    return what == NULL || what->instance == NULL || may_plug(self, what->instance, error);
}

volume *
launcher_volume_attach(launcher *self, const char *id, const char *instance_id, const char *device,
                       GError **error)
{
    const char *const ids[] = {id, NULL};
    const char *const instances[] = {instance_id, NULL};
    g_autoptr(volume_claim) mine = NULL;
    g_autoptr(GError) problem = NULL;
    gboolean attached = FALSE;

    if (!claim_check_volume_ids(ids, error) || !claim_check_ids(instances, error) ||
        !reconcile(self, error) || !may_plug(self, instance_id, error))
        return NULL;
    mine = claim_volumes(self, ids, instance_id, "attach", check_attach, (gpointer)device, error);
    if (mine == NULL)
        return NULL;
    if (mine->vm->state != INSTANCE_RUNNING || plug(self, mine, &problem)) {
        if (settle_attached(self, mine, TRUE, error))
            return g_ptr_array_steal_index(mine->volumes, 0);
        operation_abandon(self->db, mine->operation);
        return NULL;
    }
    if (!settle_attach(self, mine, &attached, NULL))
        operation_abandon(self->db, mine->operation);
    else if (attached)
        return g_ptr_array_steal_index(mine->volumes, 0);
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

gboolean
recover_attach(launcher *self, const operation *cut, GError **error)
{
    g_autoptr(volume_claim) mine = claim_volumes_of_operation(self, cut, error);
    gboolean attached;

    return mine != NULL && settle_attach(self, mine, &attached, error);
}

/* ---- detach ---- */

static gboolean
check_detach(launcher *self G_GNUC_UNUSED, volume_claim *made, gpointer data G_GNUC_UNUSED,
             GError **error)
{
    const volume *what = only_volume(made);
    const instance *vm = made->vm;

    if (what->instance == NULL)
        return error_set(error, ERROR_VOLUME_STATE, "Volume '%s' is in the '%s' state.", what->id,
                         volume_state_words[what->state]);
    if (!attach_is_settled(vm, error))
        return FALSE;
    if (vm->state == INSTANCE_RUNNING && g_strcmp0(what->device, vm->root_device) == 0)
        return error_set(error, ERROR_NOT_PERMITTED,
                         "Unable to detach root volume '%s' from instance '%s'", what->id, vm->id);
    return TRUE;
}

static gboolean
unplug(launcher *self, const volume_claim *mine, gboolean force, GError **error)
{
    const volume *what = only_volume(mine);
    g_autofree char *alias = plan_alias_of_volume(what->id);
    g_autofree char *phase =
        g_strdup_printf("waiting for %s to let go of %s", mine->vm->id, what->device);
    int patience_s = force ? PATIENCE_FORCED_S : PATIENCE_S;
    hypervisor *driver = launcher_hypervisor(self, error);
    gboolean gone = FALSE;

    progress_phase(self->listener, phase);
    if (driver == NULL ||
        !hypervisor_detach(driver, mine->vm->id, alias, patience_s * G_GINT64_CONSTANT(1000), force,
                           &gone, error))
        return FALSE;
    return gone ||
           error_set(error, ERROR_HOST_TIMEOUT,
                     "The guest of '%s' did not let go of volume '%s' (%s) in %d s: end what uses "
                     "it there and try again, or take it away with --force",
                     mine->vm->id, what->id, what->device, patience_s);
}

/* Started through libvirt, a stopped instance's guest would write to a volume that isn't its own.
 */
static gboolean
forget_disk(launcher *self, const instance *vm, GError **error)
{
    hypervisor *driver;

    if (vm->state != INSTANCE_STOPPED)
        return TRUE;
    driver = launcher_hypervisor(self, error);
    return driver != NULL && hypervisor_forget(driver, vm->id, error);
}

static gboolean
settle_detached(launcher *self, volume_claim *mine, GError **error)
{
    volume *what = only_volume(mine);

    if (!forget_disk(self, mine->vm, error) ||
        !volume_file_unlink_extras(self->home, what->id, error))
        return FALSE;
    volume_detached(what);
    return claim_volumes_settle(self, mine, NULL, NULL, error);
}

/* As with attaching: a guest that still has the disk keeps it. */
static gboolean
settle_detach(launcher *self, volume_claim *mine, gboolean *detached, GError **error)
{
    gboolean plugged = FALSE;

    if (mine->vm->state == INSTANCE_RUNNING && !is_plugged(self, mine, &plugged, error))
        return FALSE;
    *detached = !plugged;
    return plugged ? claim_volumes_settle(self, mine, NULL, NULL, error)
                   : settle_detached(self, mine, error);
}

volume *
launcher_volume_detach(launcher *self, const char *id, gboolean force, GError **error)
{
    const char *const ids[] = {id, NULL};
    g_autoptr(volume_claim) mine = NULL;
    g_autoptr(GError) problem = NULL;
    gboolean detached = FALSE;

    if (!claim_check_volume_ids(ids, error) || !reconcile(self, error) ||
        !may_unplug(self, id, error))
        return NULL;
    mine = claim_volumes(self, ids, NULL, "detach", check_detach, NULL, error);
    if (mine == NULL)
        return NULL;
    if (mine->vm->state != INSTANCE_RUNNING || unplug(self, mine, force, &problem)) {
        if (settle_detached(self, mine, error))
            return g_ptr_array_steal_index(mine->volumes, 0);
        operation_abandon(self->db, mine->operation);
        return NULL;
    }
    if (!settle_detach(self, mine, &detached, NULL))
        operation_abandon(self->db, mine->operation);
    else if (detached)
        return g_ptr_array_steal_index(mine->volumes, 0);
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

gboolean
recover_detach(launcher *self, const operation *cut, GError **error)
{
    g_autoptr(volume_claim) mine = claim_volumes_of_operation(self, cut, error);
    gboolean detached;

    return mine != NULL && settle_detach(self, mine, &detached, error);
}
