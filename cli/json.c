#include "cli/json.h"
#include "common/times.h"
#include "launcher/states.h"

#include <stdio.h>

/* Strings come from files that others made: what isn't UTF-8 must not make the whole answer vanish.
 */
static json_t *
text(const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value != NULL ? value : "", -1);

    return json_string(valid);
}

static void
put_text(json_t *object, const char *key, const char *value)
{
    if (value != NULL)
        json_object_set_new(object, key, text(value));
}

static void
put_time(json_t *object, const char *key, gint64 when)
{
    g_autofree char *spelled = time_iso8601(when);

    put_text(object, key, spelled);
}

static void
put_int(json_t *object, const char *key, gint64 value)
{
    json_object_set_new(object, key, json_integer(value));
}

static void
put_flag(json_t *object, const char *key, gboolean value)
{
    json_object_set_new(object, key, json_boolean(value));
}

void
ec2_print(json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(4) | JSON_ENSURE_ASCII);
    putchar('\n');
    json_decref(value);
}

static json_t *
state(instance_state value)
{
    json_t *object = json_object();

    put_int(object, "Code", state_code(value));
    put_text(object, "Name", instance_state_words[value]);
    return object;
}

static json_t *
attached_volume(const volume *what)
{
    json_t *entry = json_object();
    json_t *ebs = json_object();

    put_text(entry, "DeviceName", what->device);
    put_time(ebs, "AttachTime", what->attached != 0 ? what->attached : what->created);
    put_flag(ebs, "DeleteOnTermination", what->delete_on_termination != 0);
    put_text(ebs, "Status", what->attached != 0 ? "attached" : "attaching");
    put_text(ebs, "VolumeId", what->id);
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
    put_text(reason, "Code", vm->reason_code);
    put_text(reason, "Message", vm->reason_message);
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
                  text(shutdown_behavior_words[vm->shutdown_behavior]));
    if (view->user_data != NULL)
        put_attribute(object, "UserData", text(view->user_data));
}

static json_t *
instance_object(const instance_view *view)
{
    const instance *vm = view->vm;
    json_t *object = json_object();
    json_t *placement = json_object();
    json_t *mappings = json_array();

    put_int(object, "AmiLaunchIndex", vm->launch_index);
    put_text(object, "ImageId", vm->image);
    put_text(object, "InstanceId", vm->id);
    put_text(object, "InstanceType", vm->type);
    put_text(object, "KernelId", vm->kernel);
    put_text(object, "RamdiskId", vm->ramdisk);
    put_time(object, "LaunchTime", vm->launched);
    put_text(placement, "AvailabilityZone", vm->zone);
    json_object_set_new(object, "Placement", placement);
    json_object_set_new(object, "State", state((instance_state)vm->state));
    put_text(object, "StateTransitionReason", vm->transition != NULL ? vm->transition : "");
    put_reason(object, vm);
    put_text(object, "Architecture", vm->architecture);
    for (guint i = 0; i < view->volumes->len; i++)
        json_array_append_new(mappings, attached_volume(g_ptr_array_index(view->volumes, i)));
    json_object_set_new(object, "BlockDeviceMappings", mappings);
    put_text(object, "RootDeviceName", vm->root_device);
    put_text(object, "RootDeviceType", root_device_type_words[vm->root_device_type]);
    put_text(object, "VirtualizationType", virtualization_words[vm->virtualization]);
    put_text(object, "Hypervisor", "xen");
    put_flag(object, "EbsOptimized", vm->ebs_optimized != 0);
    json_object_set_new(object, "HibernationOptions",
                        json_pack("{s:b}", "Configured", (int)(vm->hibernation_configured != 0)));
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
    put_text(object, "ReservationId", id);
    put_text(object, "OwnerId", owner);
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
        put_text(object, "InstanceId", change->id);
        json_object_set_new(object, "CurrentState", state(change->current));
        json_object_set_new(object, "PreviousState", state(change->previous));
        json_array_append_new(all, object);
    }
    return json_pack("{s:o}", key, all);
}

static json_t *
mapping_object(const image_mapping *entry)
{
    json_t *object = json_object();
    json_t *ebs;

    put_text(object, "DeviceName", entry->device);
    if (entry->virtual_name != NULL) {
        put_text(object, "VirtualName", entry->virtual_name);
        return object;
    }
    ebs = json_object();
    put_flag(ebs, "DeleteOnTermination", entry->delete_on_termination != 0);
    put_text(ebs, "SnapshotId", entry->snapshot);
    put_int(ebs, "VolumeSize", entry->size_gib);
    put_text(ebs, "VolumeType", entry->volume_type);
    put_flag(ebs, "Encrypted", entry->encrypted != 0);
    json_object_set_new(object, "Ebs", ebs);
    return object;
}

json_t *
ec2_image(const image *ami, const GPtrArray *mapping)
{
    json_t *object = json_object();
    json_t *mappings = json_array();
    g_autofree char *location = g_strdup_printf("%s/%s", ami->owner, ami->name);

    put_text(object, "Architecture", ami->architecture);
    put_time(object, "CreationDate", ami->created);
    put_text(object, "ImageId", ami->id);
    put_text(object, "ImageLocation", location);
    put_text(object, "ImageType", "machine");
    put_flag(object, "Public", FALSE);
    put_text(object, "KernelId", ami->kernel);
    put_text(object, "RamdiskId", ami->ramdisk);
    put_text(object, "OwnerId", ami->owner);
    put_text(object, "State", image_state_words[ami->state]);
    for (guint i = 0; i < mapping->len; i++)
        json_array_append_new(mappings, mapping_object(g_ptr_array_index(mapping, i)));
    json_object_set_new(object, "BlockDeviceMappings", mappings);
    put_text(object, "Description", ami->description);
    put_text(object, "Hypervisor", "xen");
    put_text(object, "Name", ami->name);
    put_text(object, "RootDeviceName", ami->root_device);
    put_text(object, "RootDeviceType", root_device_type_words[ami->root_device_type]);
    put_text(object, "VirtualizationType", virtualization_words[ami->virtualization]);
    return object;
}

json_t *
ec2_snapshot(const snapshot *what)
{
    json_t *object = json_object();

    put_text(object, "Description", what->description != NULL ? what->description : "");
    put_flag(object, "Encrypted", what->secret != NULL);
    put_text(object, "OwnerId", what->owner);
    put_text(object, "Progress", what->state == SNAPSHOT_COMPLETED ? "100%" : "0%");
    put_text(object, "SnapshotId", what->id);
    put_time(object, "StartTime", what->started);
    put_text(object, "State", snapshot_state_words[what->state]);
    /* An imported disk had no volume; EC2 has an id for that. */
    put_text(object, "VolumeId", what->volume != NULL ? what->volume : "vol-ffffffff");
    put_int(object, "VolumeSize", what->size_gib);
    return object;
}

json_t *
ec2_attachment(const volume *what, const char *state_word)
{
    json_t *object = json_object();

    if (what->attached != 0)
        put_time(object, "AttachTime", what->attached);
    put_text(object, "Device", what->device);
    put_text(object, "InstanceId", what->instance);
    put_text(object, "State", state_word);
    put_text(object, "VolumeId", what->id);
    put_flag(object, "DeleteOnTermination", what->delete_on_termination != 0);
    return object;
}

json_t *
ec2_volume(const volume *what)
{
    json_t *object = json_object();
    json_t *attachments = json_array();

    if (what->instance != NULL)
        json_array_append_new(attachments,
                              ec2_attachment(what, what->attached != 0 ? "attached" : "attaching"));
    json_object_set_new(object, "Attachments", attachments);
    put_text(object, "AvailabilityZone", what->zone);
    put_time(object, "CreateTime", what->created);
    put_flag(object, "Encrypted", what->secret != NULL);
    put_int(object, "Size", what->size_gib);
    put_text(object, "SnapshotId", what->snapshot != NULL ? what->snapshot : "");
    put_text(object, "State", volume_state_words[what->state]);
    put_text(object, "VolumeId", what->id);
    put_text(object, "VolumeType", what->type);
    return object;
}

json_t *
ec2_volumes(const GPtrArray *volumes)
{
    json_t *all = json_array();

    for (guint i = 0; i < volumes->len; i++)
        json_array_append_new(all, ec2_volume(g_ptr_array_index(volumes, i)));
    return json_pack("{s:o}", "Volumes", all);
}

json_t *
ec2_volume_modification(const volume *what)
{
    json_t *object = json_object();

    put_text(object, "VolumeId", what->id);
    put_text(object, "ModificationState", "completed");
    put_int(object, "TargetSize", what->size_gib);
    put_text(object, "TargetVolumeType", what->type);
    put_int(object, "Progress", 100);
    return json_pack("{s:o}", "VolumeModification", object);
}

static json_t *
words_of(guint set, const word *words)
{
    json_t *list = json_array();

    for (; words->text != NULL; words++)
        if (set & words->value)
            json_array_append_new(list, text(words->text));
    return list;
}

static json_t *
storage_object(const instance_type *type)
{
    json_t *object = json_object();
    json_t *disk = json_object();
    json_t *disks = json_array();

    put_int(disk, "SizeInGB", type->store_gb);
    put_int(disk, "Count", type->store_count);
    put_text(disk, "Type", type->store_ssd ? "ssd" : "hdd");
    json_array_append_new(disks, disk);
    put_int(object, "TotalSizeInGB", (gint64)type->store_gb * type->store_count);
    json_object_set_new(object, "Disks", disks);
    put_text(object, "NvmeSupport", type->store_nvme ? "required" : "unsupported");
    return object;
}

static const char *
hypervisor_text(const instance_type *type)
{
    switch (type->hypervisor) {
    case HYPERVISOR_NITRO:
        return "nitro";
    case HYPERVISOR_XEN:
        return "xen";
    default:
        return NULL;
    }
}

json_t *
ec2_type(const instance_type *type)
{
    json_t *object = json_object();

    put_text(object, "InstanceType", type->name);
    put_flag(object, "CurrentGeneration", type->current_generation);
    json_object_set_new(object, "SupportedRootDeviceTypes", words_of(type->roots, type_roots));
    json_object_set_new(object, "SupportedVirtualizationTypes",
                        words_of(type->virtualization, type_virtualizations));
    put_flag(object, "BareMetal", type->bare_metal);
    put_text(object, "Hypervisor", hypervisor_text(type));
    json_object_set_new(object, "ProcessorInfo",
                        json_pack("{s:o}", "SupportedArchitectures",
                                  words_of(type->architectures, type_architectures)));
    json_object_set_new(object, "VCpuInfo", json_pack("{s:i}", "DefaultVCpus", (int)type->vcpus));
    json_object_set_new(object, "MemoryInfo",
                        json_pack("{s:i}", "SizeInMiB", (int)type->memory_mib));
    put_flag(object, "InstanceStorageSupported", type->store_count > 0);
    if (type->store_count > 0)
        json_object_set_new(object, "InstanceStorageInfo", storage_object(type));
    json_object_set_new(object, "EbsInfo",
                        json_pack("{s:i}", "MaximumEbsAttachments", (int)type->max_ebs));
    put_flag(object, "HibernationSupported", type->hibernation);
    json_object_set_new(object, "SupportedBootModes", words_of(type->boot_modes, type_boot_modes));
    return object;
}

static json_t *
plan_disk(const boot_disk *disk)
{
    json_t *object = json_object();

    put_text(object, "DeviceName", disk->device);
    put_text(object, "GuestDevice", disk->guest);
    put_text(object, disk->store || g_str_equal(disk->origin, "ami") ? "VirtualName" : "SnapshotId",
             disk->origin);
    put_int(object, "SizeInBytes", (gint64)disk->size);
    return object;
}

static json_t *
plan_link(const boot_link *link)
{
    json_t *object = json_object();

    put_text(object, "Link", link->name);
    put_text(object, "Found", link->found);
    put_text(object, "Where", link->where);
    return object;
}

static json_t *
plan_warning(const boot_warning *warning)
{
    json_t *object = json_object();

    put_text(object, "Name", warning->name);
    put_text(object, "Text", warning->text);
    put_text(object, "Remedy", warning->remedy);
    return object;
}

json_t *
plan_json(const boot_plan *plan, const char *ami, const char *type)
{
    json_t *object = json_object();
    json_t *guest = json_object();
    json_t *disks = json_array();
    json_t *links = json_array();
    json_t *warnings = json_array();

    put_text(object, "ImageId", ami);
    put_text(object, "InstanceType", type);
    put_text(guest, "Machine", plan->machine);
    put_text(guest, "Accelerator", plan->kvm ? "kvm" : "tcg");
    put_int(guest, "VCpus", plan->vcpus);
    put_int(guest, "MemoryMiB", (gint64)plan->memory_mib);
    json_object_set_new(object, "Guest", guest);
    for (guint i = 0; i < plan->links->len; i++)
        json_array_append_new(links, plan_link(g_ptr_array_index(plan->links, i)));
    json_object_set_new(object, "Chain", links);
    for (guint i = 0; i < plan->disks->len; i++)
        json_array_append_new(disks, plan_disk(g_ptr_array_index(plan->disks, i)));
    json_object_set_new(object, "BlockDevices", disks);
    for (guint i = 0; i < plan->warnings->len; i++)
        json_array_append_new(warnings, plan_warning(g_ptr_array_index(plan->warnings, i)));
    json_object_set_new(object, "Warnings", warnings);
    return object;
}
