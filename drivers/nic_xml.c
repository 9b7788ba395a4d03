#include "drivers/nic_xml.h"

#define MOST_BESIDE 24 /* of 32 slots the chipset has two, and disks may be attached later */

static gboolean
is_express(const boot_plan *plan)
{
    return g_str_equal(plan->machine, "q35");
}

gboolean
nic_needs_bridge(const boot_plan *plan)
{
    return plan->mac != NULL && plan->kind != BOOT_SHIM && !is_express(plan) &&
           plan->disks->len > MOST_BESIDE;
}

/* The last of 32; on PCI Express, where disks have ports, that one is the chipset's. */
static const char *
place_of(const boot_plan *plan)
{
    if (is_express(plan))
        return "bus=pcie.0,addr=0x1e";
    return nic_needs_bridge(plan) ? "bus=pci.1,addr=0x1f" : "bus=pci.0,addr=0x1f";
}

/* In QEMU's options a comma in a value is doubled. */
static char *
end_of_frames(const boot_plan *plan)
{
    g_auto(GStrv) parts = g_strsplit(plan->network_socket, ",", -1);
    g_autofree char *path = g_strjoinv(",,", parts);

    return g_strdup_printf("stream,id=nic,server=on,addr.type=unix,addr.path=%s", path);
}

static char *
card(const boot_plan *plan)
{
    /* What emulates Xen gives its guests no PCI. */
    if (plan->kind == BOOT_SHIM)
        return g_strdup_printf("xen-net-device,netdev=nic,mac=%s", plan->mac);
    return g_strdup_printf("%s,netdev=nic,mac=%s,romfile=,%s",
                           plan->nic == NIC_E1000 ? "e1000" : "virtio-net-pci", plan->mac,
                           place_of(plan));
}

GPtrArray *
nic_arguments(const boot_plan *plan)
{
    GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);

    if (plan->mac == NULL)
        return arguments;
    g_ptr_array_add(arguments, g_strdup("-netdev"));
    g_ptr_array_add(arguments, end_of_frames(plan));
    g_ptr_array_add(arguments, g_strdup("-device"));
    g_ptr_array_add(arguments, card(plan));
    return arguments;
}
