#include "cli/json.h"
#include "cli/json_put.h"

static json_t *
plan_disk(const boot_disk *disk)
{
    json_t *object = json_object();

    json_put_text(object, "DeviceName", disk->device);
    json_put_text(object, "GuestDevice", disk->guest);
    json_put_text(object,
                  disk->store || g_str_equal(disk->origin, "ami") ? "VirtualName" : "SnapshotId",
                  disk->origin);
    json_put_int(object, "SizeInBytes", (gint64)disk->size);
    return object;
}

/* NEXT: the link that it hands over to; NULL for the last. */
static json_t *
plan_link(const boot_link *link, const boot_link *next)
{
    json_t *object = json_object();

    json_put_text(object, "Link", link->name);
    json_put_text(object, "Found", link->found);
    json_put_text(object, "Where", link->where);
    json_put_text(object, "Next", next != NULL ? next->name : NULL);
    return object;
}

static json_t *
plan_warning(const boot_warning *warning)
{
    json_t *object = json_object();

    json_put_text(object, "Name", warning->name);
    json_put_text(object, "Text", warning->text);
    json_put_text(object, "Remedy", warning->remedy);
    json_object_set_new(object, "Fatal", json_boolean(warning->fatal));
    json_put_text(object, "Link", warning->link);
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

    json_put_text(object, "ImageId", ami);
    json_put_text(object, "InstanceType", type);
    json_put_text(guest, "Machine", plan->machine);
    json_put_text(guest, "Accelerator", plan->kvm ? "kvm" : "tcg");
    json_put_int(guest, "VCpus", plan->vcpus);
    json_put_int(guest, "MemoryMiB", (gint64)plan->memory_mib);
    json_object_set_new(object, "Guest", guest);
    for (guint i = 0; i < plan->links->len; i++)
        json_array_append_new(
            links,
            plan_link(g_ptr_array_index(plan->links, i),
                      i + 1 < plan->links->len ? g_ptr_array_index(plan->links, i + 1) : NULL));
    json_object_set_new(object, "Chain", links);
    for (guint i = 0; i < plan->disks->len; i++)
        json_array_append_new(disks, plan_disk(g_ptr_array_index(plan->disks, i)));
    json_object_set_new(object, "BlockDevices", disks);
    for (guint i = 0; i < plan->warnings->len; i++)
        json_array_append_new(warnings, plan_warning(g_ptr_array_index(plan->warnings, i)));
    json_object_set_new(object, "Warnings", warnings);
    return object;
}
