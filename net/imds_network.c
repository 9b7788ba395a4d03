/* Where an instance is in its network. */
#include "launcher/subnet.h"
#include "net/imds_leaves.h"

#include <string.h>

#define CONTENT(function)                                                                          \
    GBytes *function(const imds_source *source G_GNUC_UNUSED, const imds_leaf *self G_GNUC_UNUSED, \
                     const char *name G_GNUC_UNUSED)

static const instance *
vm_of(const imds_source *source)
{
    return source->about->what->vm;
}

static const interface *
nic_of(const imds_source *source)
{
    return source->about->what->nic;
}

/* Takes TEXT. */
static GBytes *
take(char *text)
{
    return g_bytes_new_take(text, strlen(text));
}

/* ---- the interface ---- */

GPtrArray *
imds_macs(const imds_source *source)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    if (nic_of(source) != NULL)
        g_ptr_array_add(names, g_strdup(nic_of(source)->mac));
    return names;
}

CONTENT(imds_host_name)
{
    const interface *nic = nic_of(source);

    if (nic == NULL)
        return NULL;
    return take(subnet_host_name((guint32)nic->address, vm_of(source)->region));
}

CONTENT(imds_address)
{
    return nic_of(source) != NULL ? take(subnet_text((guint32)nic_of(source)->address)) : NULL;
}

CONTENT(imds_mac)
{
    return nic_of(source) != NULL ? take(g_strdup(nic_of(source)->mac)) : NULL;
}

CONTENT(imds_interface_id)
{
    return nic_of(source) != NULL ? take(g_strdup(nic_of(source)->id)) : NULL;
}

/* ---- what it is in ---- */

static GBytes *
block(guint32 network, int bits)
{
    g_autofree char *text = subnet_text(network);

    return take(g_strdup_printf("%s/%d", text, bits));
}

CONTENT(imds_group_id)
{
    return take(subnet_group_id(vm_of(source)->owner, vm_of(source)->region));
}

CONTENT(imds_subnet_id)
{
    return take(subnet_id(vm_of(source)->owner, vm_of(source)->region));
}

CONTENT(imds_subnet_block)
{
    return block(SUBNET_NETWORK, SUBNET_BITS);
}

CONTENT(imds_vpc_id)
{
    return take(subnet_vpc_id(vm_of(source)->owner, vm_of(source)->region));
}

CONTENT(imds_vpc_block)
{
    return block(SUBNET_VPC_NETWORK, SUBNET_VPC_BITS);
}
