#include "cli/json_network.h"
#include "cli/json_put.h"
#include "launcher/subnet.h"

#include <string.h>

static json_t *
groups(const instance *vm)
{
    g_autofree char *id = subnet_group_id(vm->owner, vm->region);

    return json_pack("[{s:s, s:s}]", "GroupId", id, "GroupName", SUBNET_GROUP);
}

static void
put_place(json_t *object, const instance *vm)
{
    g_autofree char *subnet = subnet_id(vm->owner, vm->region);
    g_autofree char *vpc = subnet_vpc_id(vm->owner, vm->region);

    json_put_text(object, "SubnetId", subnet);
    json_put_text(object, "VpcId", vpc);
}

static void
put_address(json_t *object, const interface *nic, const instance *vm)
{
    g_autofree char *address = subnet_text((guint32)nic->address);
    g_autofree char *name = subnet_host_name((guint32)nic->address, vm->region);

    json_put_text(object, "PrivateDnsName", name);
    json_put_text(object, "PrivateIpAddress", address);
}

static json_t *
attachment(const interface *nic, const instance *vm)
{
    const char *digits = nic->id + strlen("eni-");
    g_autofree char *id = g_strdup_printf("eni-attach-%s", digits);
    json_t *object = json_object();

    json_put_time(object, "AttachTime", vm->created);
    json_put_text(object, "AttachmentId", id);
    json_put_flag(object, "DeleteOnTermination", TRUE);
    json_put_int(object, "DeviceIndex", 0);
    json_put_text(object, "Status", "attached");
    json_put_int(object, "NetworkCardIndex", 0);
    return object;
}

static json_t *
network_interface(const interface *nic, const instance *vm)
{
    json_t *object = json_object();
    json_t *address = json_object();

    json_object_set_new(object, "Attachment", attachment(nic, vm));
    json_put_text(object, "Description", "");
    json_object_set_new(object, "Groups", groups(vm));
    json_object_set_new(object, "Ipv6Addresses", json_array());
    json_put_text(object, "MacAddress", nic->mac);
    json_put_text(object, "NetworkInterfaceId", nic->id);
    json_put_text(object, "OwnerId", vm->owner);
    put_address(object, nic, vm);
    json_put_flag(address, "Primary", TRUE);
    put_address(address, nic, vm);
    json_object_set_new(object, "PrivateIpAddresses", json_pack("[o]", address));
    json_put_flag(object, "SourceDestCheck", TRUE);
    json_put_text(object, "Status", "in-use");
    put_place(object, vm);
    json_put_text(object, "InterfaceType", "interface");
    return object;
}

static void
put_interface(json_t *object, const instance_view *view)
{
    const instance *vm = view->vm;
    json_t *all = json_array();

    json_object_set_new(object, "NetworkInterfaces", all);
    if (view->nic == NULL) {
        json_object_set_new(object, "SecurityGroups", json_array());
        return;
    }
    json_array_append_new(all, network_interface(view->nic, vm));
    put_address(object, view->nic, vm);
    json_object_set_new(object, "SecurityGroups", groups(vm));
    json_put_flag(object, "SourceDestCheck", TRUE);
    put_place(object, vm);
}

static json_t *
metadata_options(const instance *vm)
{
    json_t *object = json_object();

    json_put_text(object, "State", "applied");
    json_put_text(object, "HttpTokens", vm->imds == IMDS_REQUIRED ? "required" : "optional");
    json_put_int(object, "HttpPutResponseHopLimit", vm->imds_hop_limit);
    json_put_text(object, "HttpEndpoint", vm->imds == IMDS_DISABLED ? "disabled" : "enabled");
    json_put_text(object, "HttpProtocolIpv6", "disabled");
    json_put_text(object, "InstanceMetadataTags", vm->imds_tags ? "enabled" : "disabled");
    return object;
}

static void
put_ports(json_t *object, const GPtrArray *published)
{
    json_t *all = json_array();

    for (guint i = 0; published != NULL && i < published->len; i++) {
        const published_port *port = g_ptr_array_index(published, i);
        json_array_append_new(all, json_pack("{s:I, s:I}", "HostPort", (json_int_t)port->host,
                                             "GuestPort", (json_int_t)port->guest));
    }
    if (json_array_size(all) > 0)
        json_object_set_new(object, "PublishedPorts", all);
    else
        json_decref(all);
}

void
json_put_network(json_t *object, const instance_view *view)
{
    json_put_text(object, "KeyName", view->vm->key_name);
    json_object_set_new(object, "MetadataOptions", metadata_options(view->vm));
    put_interface(object, view);
    put_ports(object, view->published);
}
