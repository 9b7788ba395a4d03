/* Launching: record the intent, make the disks, start the domains, record the result. */
#include "common/error.h"
#include "common/files.h"
#include "common/ids.h"
#include "common/times.h"
#include "images/boot_files.h"
#include "images/home.h"
#include "images/template.h"
#include "images/volume.h"
#include "launcher/attributes.h"
#include "launcher/image_codes.h"
#include "launcher/launch.h"
#include "launcher/mapping.h"
#include "launcher/netd.h"
#include "launcher/nic.h"
#include "launcher/publishing.h"
#include "launcher/reason.h"
#include "launcher/reconcile.h"
#include "launcher/secrets.h"
#include "launcher/seed.h"
#include "launcher/store_disks.h"
#include "launcher/tagging.h"
#include "launcher/teardown.h"
#include "launcher/zone.h"
#include "store/key_pair.h"
#include "store/operation.h"

#define MOST_AT_ONCE 100

/* A random UUID, but for the first three digits: that is how guests know EC2. */
static char *
uuid_new(void)
{
    g_autofree char *random = g_uuid_string_random();

    return g_strdup_printf("ec2%s", random + 3);
}

static instance *
instance_of_launch(launcher *self, const launch *what, const run_request *request, const char *zone)
{
    const image *ami = what->source->ami;
    instance *vm = g_new0(instance, 1);

    vm->id = id_new("i");
    vm->uuid = uuid_new();
    vm->image = g_strdup(ami->id);
    vm->type = g_strdup(what->type->name);
    vm->state = INSTANCE_PENDING;
    vm->created = time_now();
    vm->launched = vm->created;
    vm->host_boot = g_strdup(host_boot_id());
    vm->owner = g_strdup(self->conf->account);
    vm->region = g_strdup(self->conf->region);
    vm->zone = g_strdup(zone);
    vm->architecture = g_strdup(ami->architecture);
    vm->virtualization = ami->virtualization;
    vm->root_device_type = ami->root_device_type;
    vm->root_device = g_strdup(ami->root_device);
    vm->kernel = g_strdup(what->input.kernel);
    vm->ramdisk = g_strdup(ami->ramdisk);
    vm->pv = g_strdup(request->pv);
    vm->boot_mode = g_strdup(ami->boot_mode);
    vm->content = g_strdup(ami->content);
    vm->store_mapping = g_strdup(what->store_mapping);
    vm->memory_limit_mib = (gint64)request->memory_limit_mib;
    vm->no_api_termination = request->protect;
    vm->no_api_stop = request->protect_stop;
    vm->hibernation_configured = request->hibernation;
    vm->imds_hop_limit = MAX(request->imds_hop_limit, 1);
    vm->imds_tags = request->imds_tags;
    vm->seed = request->seed;
    return vm;
}

static volume *
volume_of_device(const block_device *device, const instance *vm)
{
    volume *what = g_new0(volume, 1);

    what->id = id_new("vol");
    what->state = VOLUME_CREATING;
    what->size_gib = device->size >> 30;
    what->type = g_strdup(device->volume_type);
    what->snapshot = g_strdup(device->snapshot);
    what->backing = g_strdup(device->snapshot);
    what->zone = g_strdup(vm->zone);
    what->owner = g_strdup(vm->owner);
    what->created = vm->launched;
    what->instance = g_strdup(vm->id);
    what->device = g_strdup(device->device);
    what->delete_on_termination = device->delete_on_termination;
    if (device->encrypted)
        what->secret = device->secret != NULL ? g_strdup(device->secret) : g_uuid_string_random();
    return what;
}

static instance_view *
view_of_launch(launcher *self, const launch *what, const run_request *request, const char *zone,
               guint index)
{
    instance_view *view = g_new0(instance_view, 1);

    view->vm = instance_of_launch(self, what, request, zone);
    view->vm->launch_index = index;
    view->type = what->type;
    if (user_data_length(request->user_data) > 0)
        view->user_data = g_strdup(request->user_data);
    view->volumes = g_ptr_array_new_with_free_func((GDestroyNotify)volume_free);
    view->store_disks = g_ptr_array_new_with_free_func((GDestroyNotify)store_disk_free);
    for (guint i = 0; i < what->devices->len; i++) {
        const block_device *device = g_ptr_array_index(what->devices, i);
        if (device->virtual_name != NULL)
            g_ptr_array_add(view->store_disks, store_disk_of_device(device, view->vm));
        else
            g_ptr_array_add(view->volumes, volume_of_device(device, view->vm));
    }
    return view;
}

/* Within the transaction: two launches at once get two addresses. */
static gboolean
insert_network(launcher *self, const launch *what, instance_view *view, GError **error)
{
    const instance *vm = view->vm;

    if (!plan_has_network(what->plan))
        return TRUE;
    if (!publishing_check(self, view->published, error) ||
        (vm->key_name != NULL && !publishing_add_ssh(self, view->published, error)))
        return FALSE;
    view->nic = nic_take(self, vm->id, error);
    return view->nic != NULL && publishing_record(self, view->published, vm->id, error);
}

static gboolean
insert_view(launcher *self, const launch *what, instance_view *view, GError **error)
{
    if (!instance_insert(self->db, view->vm, error) || !insert_network(self, what, view, error) ||
        !user_data_set(self->db, view->vm->id, view->user_data, error) ||
        !tags_put(self->db, view->vm->id, view->tags, error))
        return FALSE;
    for (guint i = 0; i < view->volumes->len; i++)
        if (!volume_insert(self->db, g_ptr_array_index(view->volumes, i), error))
            return FALSE;
    for (guint i = 0; i < view->store_disks->len; i++)
        if (!store_disk_insert(self->db, g_ptr_array_index(view->store_disks, i), error))
            return FALSE;
    return image_codes_of_launch(self->db, what->source, view, error);
}

static gint64
record_intent(launcher *self, const launch *what, GPtrArray *views, GError **error)
{
    g_autofree char *reservation = id_new("r");
    g_autoptr(transaction) intent = transaction_begin(self->db, error);
    gint64 number = intent != NULL && launch_is_still_right(self, what, error)
                        ? operation_begin(self->db, "run", error)
                        : 0;

    if (number == 0)
        return 0;
    for (guint i = 0; i < views->len; i++) {
        instance_view *view = g_ptr_array_index(views, i);
        view->vm->reservation = g_strdup(reservation);
        view->vm->operation = number;
        if (!insert_view(self, what, view, error))
            return 0;
    }
    return transaction_commit(intent, error) ? number : 0;
}

static gboolean
make_disks(launcher *self, const instance_view *view, GError **error)
{
    for (guint i = 0; i < view->volumes->len; i++)
        if (!secret_make_volume_file(self, g_ptr_array_index(view->volumes, i), error))
            return FALSE;
    return store_disks_make(self, view->vm, view->store_disks, error);
}

/* All that a guest needs to be started: its plan, for its own disks. The first has WHAT's. */
static boot_plan *
prepare(launcher *self, launch *what, const instance_view *view, GError **error)
{
    g_autoptr(boot_plan) plan =
        what->plan != NULL ? g_steal_pointer(&what->plan) : launch_plan_again(self, what, error);

    if (plan == NULL || !make_disks(self, view, error) || !seed_make(self, view->vm, error) ||
        !launch_bind(self, plan, view->vm, view->volumes, view->store_disks, view->nic, error) ||
        !access_grant(self, plan, error) || !access_grant_events(self, plan, error) ||
        !access_grant_network(self, plan, error))
        return NULL;
    return g_steal_pointer(&plan);
}

static gboolean
record_result(launcher *self, GPtrArray *views, gint64 number, GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);

    if (result == NULL)
        return FALSE;
    for (guint i = 0; i < views->len; i++) {
        instance_view *view = g_ptr_array_index(views, i);
        view->vm->state = INSTANCE_RUNNING;
        view->vm->operation = 0;
        for (guint j = 0; j < view->volumes->len; j++) {
            volume *what = g_ptr_array_index(view->volumes, j);
            what->state = VOLUME_IN_USE;
            what->attached = time_now();
            if (!volume_update(self->db, what, error))
                return FALSE;
        }
        if (!instance_update(self->db, view->vm, error))
            return FALSE;
    }
    self->untold = TRUE;
    return operation_end(self->db, number, error) && transaction_commit(result, error);
}

/* Its image may have been deregistered in the meantime. */
static gboolean
forget(launcher *self, const instance *vm, GError **error)
{
    g_autoptr(transaction) change = transaction_begin(self->db, error);

    return change != NULL && instance_delete(self->db, vm->id, error) &&
           boot_files_remove(self->db, self->home, vm->content, error) &&
           (vm->root_device_type != ROOT_INSTANCE_STORE ||
            template_remove(self->db, self->home, vm->content, error)) &&
           transaction_commit(change, error);
}

/* Nothing of a launch that failed stays, not even its record. What can't be undone now is left
 * recorded, for the next command. */
static void
undo(launcher *self, GPtrArray *views, gint64 number)
{
    for (guint i = 0; i < views->len; i++) {
        const instance_view *view = g_ptr_array_index(views, i);
        if (!teardown_launch(self, view->vm, NULL) || !forget(self, view->vm, NULL)) {
            operation_abandon(self->db, number);
            return;
        }
    }
    operation_end(self->db, number, NULL);
    self->untold = TRUE;
}

static gboolean
act(launcher *self, launch *what, GPtrArray *views, GError **error)
{
    g_autoptr(GPtrArray) plans = g_ptr_array_new_with_free_func((GDestroyNotify)boot_plan_free);
    hypervisor *driver = launcher_hypervisor(self, error);

    for (guint i = 0; driver != NULL && i < views->len; i++) {
        boot_plan *plan = prepare(self, what, g_ptr_array_index(views, i), error);
        if (plan == NULL)
            return FALSE;
        g_ptr_array_add(plans, plan);
    }
    return driver != NULL && hypervisor_start_all(driver, plans, self->listener, error);
}

/* What the image and the type don't decide alone. */
static gboolean
check_request(const launch *what, const run_request *request, shutdown_behavior *behavior,
              GError **error)
{
    root_device_type root = (root_device_type)what->source->ami->root_device_type;

    if (request->count > MOST_AT_ONCE)
        return error_set(error, ERROR_PARAMETER_VALUE, "at most %d instances at once, not %u",
                         MOST_AT_ONCE, request->count);
    if (request->protect_stop && root != ROOT_EBS)
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "The attribute disableApiStop can only be used for EBS-backed images.");
    if (request->seed && !seed_check(what->plan, error))
        return FALSE;
    return shutdown_behavior_parse(request->shutdown, root, behavior, error) &&
           user_data_check(request->user_data, error);
}

/* What is published, for the one instance that can have it. */
static GPtrArray *
check_network(launcher *self, const launch *what, const run_request *request, GError **error)
{
    g_autoptr(GPtrArray) ports = publishing_parse(request->publish, error);

    if (ports == NULL)
        return NULL;
    if (ports->len > 0 && request->count > 1) {
        error_set(error, ERROR_PARAMETER_COMBINATION,
                  "--publish is for one instance: a port of the host can't lead to %u",
                  request->count);
        return NULL;
    }
    if (!plan_has_network(what->plan)) {
        if (ports->len == 0)
            return g_steal_pointer(&ports);
        error_set(error, ERROR_UNSUPPORTED, "a guest of a Xen host has no port to publish here");
        return NULL;
    }
    if (!network_check_home(self->home, error) ||
        !nic_check_room(self, MAX(request->count, 1), error) ||
        !publishing_check(self, ports, error))
        return NULL;
    return g_steal_pointer(&ports);
}

/* *KEY is NULL if none is asked for. */
static gboolean
check_key(launcher *self, const run_request *request, key_pair **key, GError **error)
{
    *key = request->key == NULL ? NULL
                                : key_pair_find(self->db, self->conf->account, self->conf->region,
                                                request->key, error);
    return request->key == NULL || *key != NULL;
}

static void
give_key(instance *vm, const key_pair *key)
{
    vm->key_name = key != NULL ? g_strdup(key->name) : NULL;
    vm->public_key = key != NULL ? g_strdup(key->public_key) : NULL;
}

static gboolean
check_hibernation(const launch *what, const instance_view *view, GError **error)
{
    return !view->vm->hibernation_configured ||
           hibernation_check(view->vm, view->volumes, view->type, what->plan->memory_mib, error);
}

static GPtrArray *
views_of_launch(launcher *self, const launch *what, const run_request *request, GError **error)
{
    g_autoptr(GPtrArray) views = g_ptr_array_new_with_free_func((GDestroyNotify)instance_view_free);
    g_autofree char *zone = zone_choose(self->conf->region, request->zone, error);
    g_autoptr(GPtrArray) ports = NULL;
    g_autoptr(key_pair) key = NULL;
    shutdown_behavior behavior;
    imds_access imds;

    if (zone == NULL || !check_request(what, request, &behavior, error) ||
        !imds_check(request->imds, request->imds_hop_limit, &imds, error) ||
        !check_key(self, request, &key, error) ||
        (ports = check_network(self, what, request, error)) == NULL)
        return NULL;
    for (guint i = 0; i < MAX(request->count, 1); i++) {
        instance_view *view = view_of_launch(self, what, request, zone, i);
        g_ptr_array_add(views, view);
        view->vm->shutdown_behavior = behavior;
        view->vm->imds = imds;
        give_key(view->vm, key);
        view->published = i == 0
                              ? g_steal_pointer(&ports)
                              : g_ptr_array_new_with_free_func((GDestroyNotify)published_port_free);
        view->tags = tags_parse(request->tags, error);
        if (view->tags == NULL || !check_hibernation(what, view, error))
            return NULL;
    }
    return g_steal_pointer(&views);
}

GPtrArray *
launcher_run(launcher *self, const run_request *request, GError **error)
{
    g_autoptr(launch) what = NULL;
    g_autoptr(GPtrArray) views = NULL;
    hypervisor *driver;
    gint64 number;

    if (!reconcile(self, error))
        return NULL;
    what = launch_of_request(self, request, error);
    driver = what != NULL ? launcher_hypervisor(self, error) : NULL;
    if (driver == NULL || !hypervisor_can_boot(driver, what->plan, error) ||
        !plan_fits(what->plan, &what->input, error))
        return NULL;
    views = views_of_launch(self, what, request, error);
    if (views == NULL)
        return NULL;
    image_tell_terms(self, what->source);
    if (request->dry_run) {
        g_ptr_array_set_size(views, 0);
        return g_steal_pointer(&views);
    }
    number = record_intent(self, what, views, error);
    if (number == 0)
        return NULL;
    if (plan_has_network(what->plan))
        network_ensure(self);
    if (act(self, what, views, error) && record_result(self, views, number, error)) {
        network_settle(self);
        return g_steal_pointer(&views);
    }
    undo(self, views, number);
    return NULL;
}
