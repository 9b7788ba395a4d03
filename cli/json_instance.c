#include "cli/json.h"
#include "cli/json_network.h"
#include "cli/json_put.h"
#include "launcher/states.h"

static json_t *
state(instance_state value)
{
    json_t *object = json_object();

    json_put_int(object, "Code", state_code(value));
    json_put_text(object, "Name", instance_state_words[value]);
    return object;
}

static json_t *
attached_volume(const volume *what)
{
    json_t *entry = json_object();
    json_t *ebs = json_object();

    json_put_text(entry, "DeviceName", what->device);
    json_put_time(ebs, "AttachTime", what->attached != 0 ? what->attached : what->created);
    json_put_flag(ebs, "DeleteOnTermination", what->delete_on_termination != 0);
    json_put_text(ebs, "Status", what->attached != 0 ? "attached" : "attaching");
    json_put_text(ebs, "VolumeId", what->id);
    json_object_set_new(entry, "Ebs", ebs);
    return entry;
}

static void
put_reason(json_t *object, const instance *vm)
{
    json_t *reason;

    if (vm->reason_code == NULL)
        return;
    reason = json_object();
    json_put_text(reason, "Code", vm->reason_code);
    json_put_text(reason, "Message", vm->reason_message);
    json_object_set_new(object, "StateReason", reason);
}

/* DescribeInstanceAttribute's shape. */
static void
put_attribute(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, json_pack("{s:o}", "Value", value));
}

/* What DescribeInstances leaves to DescribeInstanceAttribute, under the latter's keys. */
static void
put_attributes(json_t *object, const instance_view *view)
{
    const instance *vm = view->vm;

    put_attribute(object, "DisableApiTermination", json_boolean(vm->no_api_termination));
    put_attribute(object, "DisableApiStop", json_boolean(vm->no_api_stop));
    put_attribute(object, "InstanceInitiatedShutdownBehavior",
                  json_text(shutdown_behavior_words[vm->shutdown_behavior]));
    if (view->user_data != NULL)
        put_attribute(object, "UserData", json_text(view->user_data));
}

static json_t *
instance_object(const instance_view *view)
{
    const instance *vm = view->vm;
    json_t *object = json_object();
    json_t *placement = json_object();
    json_t *mappings = json_array();

    json_put_int(object, "AmiLaunchIndex", vm->launch_index);
    json_put_text(object, "ImageId", vm->image);
    json_put_text(object, "InstanceId", vm->id);
    json_put_text(object, "InstanceType", vm->type);
    json_put_text(object, "KernelId", vm->kernel);
    json_put_text(object, "RamdiskId", vm->ramdisk);
    json_put_time(object, "LaunchTime", vm->launched);
    json_put_text(placement, "AvailabilityZone", vm->zone);
    json_object_set_new(object, "Placement", placement);
    json_object_set_new(object, "State", state((instance_state)vm->state));
    json_put_text(object, "StateTransitionReason", vm->transition != NULL ? vm->transition : "");
    put_reason(object, vm);
    json_put_text(object, "Architecture", vm->architecture);
    json_put_text(object, "BootMode", vm->boot_mode);
    for (guint i = 0; i < view->volumes->len; i++)
        json_array_append_new(mappings, attached_volume(g_ptr_array_index(view->volumes, i)));
    json_object_set_new(object, "BlockDeviceMappings", mappings);
    json_put_text(object, "RootDeviceName", vm->root_device);
    json_put_text(object, "RootDeviceType", root_device_type_words[vm->root_device_type]);
    json_put_text(object, "VirtualizationType", virtualization_words[vm->virtualization]);
    json_put_text(object, "Hypervisor", "xen");
    json_put_flag(object, "EbsOptimized", vm->ebs_optimized != 0);
    json_object_set_new(object, "HibernationOptions",
                        json_pack("{s:b}", "Configured", (int)(vm->hibernation_configured != 0)));
    json_put_network(object, view);
    json_put_product_codes(object, view->product_codes);
    json_put_tags(object, view->tags);
    put_attributes(object, view);
    return object;
}

json_t *
ec2_reservation(const GPtrArray *views, const char *id)
{
    json_t *object = json_object();
    json_t *instances = json_array();
    const char *owner = NULL;

    for (guint i = 0; i < views->len; i++) {
        const instance_view *view = g_ptr_array_index(views, i);
        if (!g_str_equal(view->vm->reservation, id))
            continue;
        owner = view->vm->owner;
        json_array_append_new(instances, instance_object(view));
    }
    json_put_text(object, "ReservationId", id);
    json_put_text(object, "OwnerId", owner);
    json_object_set_new(object, "Groups", json_array());
    json_object_set_new(object, "Instances", instances);
    return object;
}

json_t *
ec2_reservations(const GPtrArray *views)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    json_t *all = json_array();

    for (guint i = 0; i < views->len; i++) {
        const instance_view *view = g_ptr_array_index(views, i);
        if (g_hash_table_add(seen, view->vm->reservation))
            json_array_append_new(all, ec2_reservation(views, view->vm->reservation));
    }
    return json_pack("{s:o}", "Reservations", all);
}

json_t *
ec2_changes(const char *key, const GPtrArray *changes)
{
    json_t *all = json_array();

    for (guint i = 0; i < changes->len; i++) {
        const state_change *change = g_ptr_array_index(changes, i);
        json_t *object = json_object();
        json_put_text(object, "InstanceId", change->id);
        json_object_set_new(object, "CurrentState", state(change->current));
        json_object_set_new(object, "PreviousState", state(change->previous));
        json_array_append_new(all, object);
    }
    return json_pack("{s:o}", key, all);
}
