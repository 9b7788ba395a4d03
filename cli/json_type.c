#include "cli/json.h"
#include "cli/json_put.h"

static json_t *
words_of(guint set, const word *words)
{
    json_t *list = json_array();

    for (; words->text != NULL; words++)
        if (set & words->value)
            json_array_append_new(list, json_text(words->text));
    return list;
}

static json_t *
storage_object(const instance_type *type)
{
    json_t *object = json_object();
    json_t *disk = json_object();
    json_t *disks = json_array();

    json_put_int(disk, "SizeInGB", type->store_gb);
    json_put_int(disk, "Count", type->store_count);
    json_put_text(disk, "Type", type->store_ssd ? "ssd" : "hdd");
    json_array_append_new(disks, disk);
    json_put_int(object, "TotalSizeInGB", (gint64)type->store_gb * type->store_count);
    json_object_set_new(object, "Disks", disks);
    json_put_text(object, "NvmeSupport", type->store_nvme ? "required" : "unsupported");
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

    json_put_text(object, "InstanceType", type->name);
    json_put_flag(object, "CurrentGeneration", type->current_generation);
    json_object_set_new(object, "SupportedRootDeviceTypes", words_of(type->roots, type_roots));
    json_object_set_new(object, "SupportedVirtualizationTypes",
                        words_of(type->virtualization, type_virtualizations));
    json_put_flag(object, "BareMetal", type->bare_metal);
    json_put_text(object, "Hypervisor", hypervisor_text(type));
    json_object_set_new(object, "ProcessorInfo",
                        json_pack("{s:o}", "SupportedArchitectures",
                                  words_of(type->architectures, type_architectures)));
    json_object_set_new(object, "VCpuInfo", json_pack("{s:i}", "DefaultVCpus", (int)type->vcpus));
    json_object_set_new(object, "MemoryInfo",
                        json_pack("{s:i}", "SizeInMiB", (int)type->memory_mib));
    json_put_flag(object, "InstanceStorageSupported", type->store_count > 0);
    if (type->store_count > 0)
        json_object_set_new(object, "InstanceStorageInfo", storage_object(type));
    json_object_set_new(object, "EbsInfo",
                        json_pack("{s:i}", "MaximumEbsAttachments", (int)type->max_ebs));
    json_put_flag(object, "HibernationSupported", type->hibernation);
    json_object_set_new(object, "SupportedBootModes", words_of(type->boot_modes, type_boot_modes));
    return object;
}
