#include "cli/json.h"
#include "cli/json_put.h"
#include "common/times.h"
#include "launcher/image_life.h"

static json_t *
mapping_object(const image_mapping *entry)
{
    json_t *object = json_object();
    json_t *ebs;

    json_put_text(object, "DeviceName", entry->device);
    if (image_mapping_is_nothing(entry)) {
        json_put_text(object, "NoDevice", "");
        return object;
    }
    if (entry->virtual_name != NULL) {
        json_put_text(object, "VirtualName", entry->virtual_name);
        return object;
    }
    ebs = json_object();
    json_put_flag(ebs, "DeleteOnTermination", entry->delete_on_termination != 0);
    json_put_text(ebs, "SnapshotId", entry->snapshot);
    json_put_int(ebs, "VolumeSize", entry->size_gib);
    json_put_text(ebs, "VolumeType", entry->volume_type);
    json_put_flag(ebs, "Encrypted", entry->encrypted != 0);
    json_object_set_new(object, "Ebs", ebs);
    return object;
}

/* Where it is said to be: a bundle's manifest, else its owner and name. */
static void
put_location(json_t *object, const image_view *view)
{
    const image *ami = view->ami;
    const char *owner = view->owner_alias != NULL ? view->owner_alias : ami->owner;
    g_autofree char *usual = g_strdup_printf("%s/%s", owner, ami->name);

    json_put_text(object, "ImageLocation", ami->location != NULL ? ami->location : usual);
}

/* What its bill would say. */
static void
put_platform(json_t *object, const image *ami)
{
    gboolean windows = g_strcmp0(ami->platform, "windows") == 0;

    json_put_text(object, "Platform", ami->platform);
    json_put_text(object, "PlatformDetails", windows ? "Windows" : "Linux/UNIX");
    json_put_text(object, "UsageOperation", windows ? "RunInstances:0002" : "RunInstances");
}

static void
put_life(json_t *object, const image *ami)
{
    static const char *const protections[] = {"disabled", "enabled-without-cooldown",
                                              "enabled-with-cooldown"};

    if (ami->created != 0)
        json_put_time(object, "CreationDate", ami->created);
    if (ami->deprecated != 0)
        json_put_time(object, "DeprecationTime", ami->deprecated);
    json_put_text(object, "DeregistrationProtection",
                  protections[image_protected(ami, time_now())]);
    json_put_text(object, "State", image_state_words[ami->state]);
    if (ami->state == IMAGE_FAILED)
        json_object_set_new(object, "StateReason",
                            json_pack("{s:s, s:s}", "Code", "Client.InternalError", "Message",
                                      "Client.InternalError: it could not be made"));
}

static void
put_origin(json_t *object, const image *ami)
{
    if (ami->source != NULL && g_str_has_prefix(ami->source, "i-"))
        json_put_text(object, "SourceInstanceId", ami->source);
    json_put_text(object, "SourceImageId", ami->source_image);
    json_put_text(object, "SourceImageRegion", ami->source_region);
}

json_t *
ec2_image(const image_view *view)
{
    const image *ami = view->ami;
    json_t *object = json_object();
    json_t *mappings = json_array();

    json_put_text(object, "Architecture", ami->architecture);
    json_put_text(object, "BootMode", ami->boot_mode);
    put_life(object, ami);
    json_put_text(object, "ImageId", ami->id);
    put_location(object, view);
    json_put_text(object, "ImageType", g_str_has_prefix(ami->id, "aki-") ? "kernel" : "machine");
    json_put_flag(object, "Public", ami->public != 0);
    json_put_text(object, "KernelId", ami->kernel);
    json_put_text(object, "RamdiskId", ami->ramdisk);
    json_put_text(object, "OwnerId", ami->owner);
    json_put_text(object, "ImageOwnerAlias", view->owner_alias);
    put_platform(object, ami);
    json_put_product_codes(object, view->product_codes);
    for (guint i = 0; view->mapping != NULL && i < view->mapping->len; i++)
        json_array_append_new(mappings, mapping_object(g_ptr_array_index(view->mapping, i)));
    json_object_set_new(object, "BlockDeviceMappings", mappings);
    json_put_text(object, "Description", ami->description);
    json_put_text(object, "Hypervisor", "xen");
    json_put_text(object, "Name", ami->name);
    json_put_text(object, "RootDeviceName", ami->root_device);
    json_put_text(object, "RootDeviceType", root_device_type_words[ami->root_device_type]);
    put_origin(object, ami);
    json_put_tags(object, view->tags);
    json_put_text(object, "VirtualizationType", virtualization_words[ami->virtualization]);
    return object;
}

json_t *
ec2_images(const GPtrArray *views)
{
    json_t *all = json_array();

    for (guint i = 0; i < views->len; i++)
        json_array_append_new(all, ec2_image(g_ptr_array_index(views, i)));
    return json_pack("{s:o}", "Images", all);
}
