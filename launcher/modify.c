/* Changing an instance's attributes. */
#include "common/error.h"
#include "launcher/attributes.h"
#include "launcher/claim.h"
#include "launcher/kernel_check.h"
#include "launcher/launch.h"
#include "launcher/reconcile.h"
#include "launcher/scope.h"

/* An instance that is being changed, within one transaction. */
typedef struct {
    launcher *engine;
    const modify_request *request;
    instance *vm;
    GPtrArray *volumes; /* volume* */
} change;

static gboolean
only_while_stopped(const modify_request *request)
{
    return request->type != NULL || request->user_data != NULL || request->kernel != NULL ||
           request->ramdisk != NULL || request->ebs_optimized != UNCHANGED;
}

static gboolean
asks_nothing(const modify_request *request)
{
    return !only_while_stopped(request) && request->shutdown == NULL &&
           request->termination_protection == UNCHANGED && request->stop_protection == UNCHANGED &&
           request->imds == NULL && request->imds_hop_limit == 0 &&
           request->imds_tags == UNCHANGED && (request->map == NULL || request->map[0] == NULL);
}

/* ---- whether it may be changed ---- */

/* Termination protection isn't the disk's matter, nor is what becomes of volumes. */
static gboolean
fixed_for_life(const change *self, GError **error)
{
    const modify_request *request = self->request;

    if (self->vm->root_device_type == ROOT_EBS ||
        (!only_while_stopped(request) && request->shutdown == NULL &&
         request->stop_protection == UNCHANGED))
        return FALSE;
    error_set(error, ERROR_UNSUPPORTED,
              "The instance '%s' does not have an 'ebs' root device type: of its attributes only "
              "termination protection, the metadata service and its volumes' "
              "DeleteOnTermination can be modified.",
              self->vm->id);
    return TRUE;
}

static gboolean
check_state(const change *self, GError **error)
{
    const instance *vm = self->vm;

    if (!claim_check_idle(vm, error))
        return FALSE;
    if (vm->state == INSTANCE_SHUTTING_DOWN || vm->state == INSTANCE_TERMINATED)
        return error_set(error, ERROR_INSTANCE_STATE,
                         "The instance '%s' is %s: its attributes can't be modified any more.",
                         vm->id, instance_state_words[vm->state]);
    if (fixed_for_life(self, error))
        return FALSE;
    if (only_while_stopped(self->request) && vm->state != INSTANCE_STOPPED)
        return error_set(error, ERROR_INSTANCE_STATE,
                         "The instance '%s' is not in the 'stopped' state.", vm->id);
    return TRUE;
}

/* ---- the changes ---- */

static void
set_text(char **place, const char *text)
{
    if (text == NULL)
        return;
    g_free(*place);
    *place = g_strdup(text);
}

static void
set_flag(gint64 *place, flag_change wanted)
{
    if (wanted != UNCHANGED)
        *place = wanted;
}

static guint64
memory_on(const change *self, const instance_type *type)
{
    guint64 limit = (guint64)self->vm->memory_limit_mib;

    if (limit == 0)
        limit = self->engine->conf->memory_limit_mib;
    return limit != 0 ? MIN(limit, type->memory_mib) : type->memory_mib;
}

/* What a launch on TYPE would be refused for. */
static gboolean
check_type(const change *self, const instance_type *type, GError **error)
{
    const instance *vm = self->vm;
    const plan_input input = {.type = type,
                              .architecture = vm->architecture,
                              .virtualization = (virtualization)vm->virtualization,
                              .root_device_type = (root_device_type)vm->root_device_type,
                              .boot_mode = vm->boot_mode};

    if (vm->hibernated != HIBERNATED_NO)
        return error_set(error, ERROR_UNSUPPORTED,
                         "The instance '%s' is hibernated: its type can't be changed until it was "
                         "started and stopped.",
                         vm->id);
    return plan_check(&input, error) &&
           (!vm->hibernation_configured ||
            hibernation_check(vm, self->volumes, type, memory_on(self, type), error));
}

static gboolean
change_type(change *self, GError **error)
{
    const instance_types *types;
    const instance_type *type;
    g_autoptr(GError) problem = NULL;

    if (self->request->type == NULL)
        return TRUE;
    types = launcher_types(self->engine, error);
    if (types == NULL)
        return FALSE;
    type = instance_types_find(types, self->request->type, &problem);
    if (type == NULL)
        return error_set(error, ERROR_ATTRIBUTE_VALUE, "%s", problem->message);
    if (!check_type(self, type, error))
        return FALSE;
    set_text(&self->vm->type, type->name);
    return TRUE;
}

static gboolean
change_shutdown(change *self, GError **error)
{
    shutdown_behavior behavior;

    if (self->request->shutdown == NULL)
        return TRUE;
    if (!shutdown_behavior_parse(self->request->shutdown, ROOT_EBS, &behavior, error))
        return FALSE;
    self->vm->shutdown_behavior = behavior;
    return TRUE;
}

static volume *
mapped_at(const change *self, const char *device)
{
    for (guint i = 0; i < self->volumes->len; i++) {
        volume *what = g_ptr_array_index(self->volumes, i);
        if (g_strcmp0(what->device, device) == 0)
            return what;
    }
    return NULL;
}

static gboolean
change_mapping(change *self, const char *entry, GError **error)
{
    g_autofree char *device = NULL;
    gboolean deleted;
    volume *what;

    if (!delete_flag_parse(entry, &device, &deleted, error))
        return FALSE;
    what = mapped_at(self, device);
    if (what == NULL)
        return error_set(error, ERROR_ATTRIBUTE_VALUE, "No device is currently mapped at %s",
                         device);
    what->delete_on_termination = deleted;
    return volume_update(self->engine->db, what, error);
}

static gboolean
change_mappings(change *self, GError **error)
{
    const char *const *map = self->request->map;

    for (gsize i = 0; map != NULL && map[i] != NULL; i++)
        if (!change_mapping(self, map[i], error))
            return FALSE;
    return TRUE;
}

static gboolean
change_user_data(const change *self, GError **error)
{
    const char *data = self->request->user_data;

    return data == NULL || user_data_set(self->engine->db, self->vm->id,
                                         user_data_length(data) > 0 ? data : NULL, error);
}

static gboolean
change_imds(change *self, GError **error)
{
    const modify_request *request = self->request;
    imds_access access;

    if (!imds_check(request->imds, request->imds_hop_limit, &access, error))
        return FALSE;
    if (request->imds != NULL)
        self->vm->imds = access;
    if (request->imds_hop_limit != 0)
        self->vm->imds_hop_limit = request->imds_hop_limit;
    set_flag(&self->vm->imds_tags, request->imds_tags);
    return TRUE;
}

static gboolean
check_kernel(const change *self, GError **error)
{
    const modify_request *request = self->request;
    const instance *vm = self->vm;

    return request->kernel == NULL ||
           kernel_check(self->engine->kernels, request->kernel, vm->region, vm->architecture,
                        request->ramdisk, error) != NULL;
}

static gboolean
make_changes(change *self, GError **error)
{
    const modify_request *request = self->request;
    instance *vm = self->vm;

    if (!boot_image_check("aki", request->kernel, (virtualization)vm->virtualization, error) ||
        !boot_image_check("ari", request->ramdisk, (virtualization)vm->virtualization, error) ||
        !check_kernel(self, error) || !change_type(self, error) || !change_shutdown(self, error) ||
        !change_imds(self, error))
        return FALSE;
    set_text(&vm->kernel, request->kernel);
    set_text(&vm->ramdisk, request->ramdisk);
    set_flag(&vm->ebs_optimized, request->ebs_optimized);
    set_flag(&vm->no_api_termination, request->termination_protection);
    set_flag(&vm->no_api_stop, request->stop_protection);
    return change_mappings(self, error) && change_user_data(self, error) &&
           instance_update(self->engine->db, vm, error);
}

static gboolean
modify(launcher *self, const char *id, const modify_request *request, GError **error)
{
    g_autoptr(transaction) all = transaction_begin(self->db, error);
    g_autoptr(instance) vm = all != NULL ? scope_instance(self, id, error) : NULL;
    g_autoptr(GPtrArray) volumes = vm != NULL ? volume_list_of_instance(self->db, id, error) : NULL;
    change wanted = {self, request, vm, volumes};

    return volumes != NULL && check_state(&wanted, error) && make_changes(&wanted, error) &&
           transaction_commit(all, error);
}

instance_view *
launcher_modify(launcher *self, const char *id, const modify_request *request, GError **error)
{
    const char *const ids[] = {id, NULL};
    g_autoptr(GPtrArray) views = NULL;

    if (asks_nothing(request)) {
        error_set(error, ERROR_PARAMETER_COMBINATION, "No attributes specified.");
        return NULL;
    }
    /* The types and kernel images are read before the transaction: nobody has to wait for that. */
    if (!claim_check_ids(ids, error) || !user_data_check(request->user_data, error) ||
        !reconcile(self, error) || launcher_types(self, error) == NULL ||
        launcher_kernel_images(self, error) == NULL || !modify(self, id, request, error))
        return NULL;
    views = launcher_instances(self, ids, TRUE, error);
    return views != NULL ? g_ptr_array_steal_index(views, 0) : NULL;
}
