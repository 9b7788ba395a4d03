/* What a kernel has drivers for, and which devices the guest's files name. */
#include "launcher/explain_parts.h"
#include "launcher/guest_device.h"
#include "launcher/plan_kind.h"

#include <string.h>

/* How many of fstab's devices are named. */
#define MOST_NAMED 5

/* ---- kernels ---- */

/* How a kernel can be packed. Sources: Amazon EC2 User Guide, "Enable your own Linux kernels";
 * GRUB, grub-core/io (gzio, xzio, lzopio), through which its loader for Xen reads a kernel. */
static const struct {
    const char *name;
    gboolean here;
    gboolean on_ec2;
} packings[] = {
    {"none", TRUE, TRUE},   {"gzip", TRUE, TRUE},   {"xz", TRUE, TRUE},    {"lzo", TRUE, TRUE},
    {"bzip2", FALSE, TRUE}, {"lzma", FALSE, FALSE}, {"lz4", FALSE, FALSE}, {"zstd", FALSE, FALSE},
};

static void
warn_of_packing(boot_plan *plan, const char *packing)
{
    for (guint i = 0; packing != NULL && i < G_N_ELEMENTS(packings); i++) {
        g_autofree char *text = NULL;
        if (packings[i].here || !g_str_equal(packings[i].name, packing))
            continue;
        text = g_strdup_printf("the kernel is compressed by %s, which PV-GRUB can't unpack%s",
                               packing, packings[i].on_ec2 ? " here, though Amazon's can" : "");
        boot_plan_warn_fatal(plan, BOOT_LINK_KERNEL, "kernel-compression", text,
                             "Install a kernel that is compressed by gzip or xz in the image; or "
                             "launch it with --pv direct, though that isn't paravirtual");
    }
}

static gboolean
is_in_xen(const boot_plan *plan)
{
    return plan->kind == BOOT_XEN || plan->kind == BOOT_XEN_HOST || plan->kind == BOOT_SHIM;
}

static void
warn_of_xen(boot_plan *plan, const kernel_facts *kernel)
{
    warn_of_packing(plan, kernel->compression);
    if (g_strcmp0(kernel->xen_pv, "no") == 0)
        boot_plan_warn_fatal(plan, BOOT_LINK_KERNEL, "kernel-not-pv",
                             "the kernel has no entry for Xen: it can't run as a paravirtual guest",
                             "Install one that has (CONFIG_XEN_PV), or launch the image with --pv "
                             "grub or --pv direct");
    if (!driver_is_early(kernel->xen_blkfront))
        boot_plan_warn_fatal(
            plan, BOOT_LINK_ROOT, "no-xen-blkfront",
            "the kernel has no driver for Xen's disks (xen-blkfront) when it looks "
            "for its root",
            "Put xen-blkfront into the initramfs of the image, e.g. in "
            "/etc/initramfs-tools/modules, and make that anew");
}

static const char *
driver_of(const boot_plan *plan, const kernel_facts *kernel, const char **name)
{
    switch (plan->bus) {
    case DISK_BUS_SATA:
        *name = "ahci";
        return kernel->ahci;
    case DISK_BUS_IDE:
        *name = "ata_piix";
        return kernel->ata_piix;
    default:
        *name = "virtio_blk";
        return kernel->virtio_blk;
    }
}

static void
warn_of_disks(boot_plan *plan, const kernel_facts *kernel)
{
    const char *name;
    const char *driver = driver_of(plan, kernel, &name);
    g_autofree char *text = NULL;

    if (driver_is_early(driver))
        return;
    text = g_strdup_printf("the kernel has no driver for this guest's disks (%s) when it looks for "
                           "its root",
                           name);
    boot_plan_warn_fatal(plan, BOOT_LINK_ROOT, "no-disk-driver", text,
                         "Put virtio_blk and virtio_pci into the initramfs of the image, e.g. in "
                         "/etc/initramfs-tools/modules, and make that anew");
}

static void
warn_of_network(boot_plan *plan, const kernel_facts *kernel)
{
    const char *driver = is_in_xen(plan)          ? kernel->xen_netfront
                         : plan->nic == NIC_E1000 ? kernel->e1000
                                                  : kernel->virtio_net;

    if (g_strcmp0(driver, DRIVER_ABSENT) == 0)
        boot_plan_warn(plan, "no-network-driver",
                       "the kernel has no driver for this guest's network card", NULL);
}

void
explain_kernel(boot_plan *plan, const plan_input *input G_GNUC_UNUSED, const kernel_facts *kernel)
{
    if (is_in_xen(plan))
        warn_of_xen(plan, kernel);
    else
        warn_of_disks(plan, kernel);
    warn_of_network(plan, kernel);
}

/* ---- hardware ---- */

void
explain_hardware(boot_plan *plan, const plan_input *input)
{
    g_autofree char *why = plan_kind_why(plan, input);
    g_autofree char *found = NULL;

    if (why == NULL)
        return;
    found = g_strdup_printf("%s disks, %s network card",
                            plan->bus == DISK_BUS_IDE    ? "IDE"
                            : plan->bus == DISK_BUS_SATA ? "SATA"
                                                         : "virtio",
                            plan->nic == NIC_E1000 ? "e1000" : "virtio");
    boot_plan_add_link(plan, BOOT_LINK_DEVICES, found, why);
}

/* ---- fstab ---- */

static gboolean
is_missing(const boot_plan *plan, const image_facts *facts, const fstab_entry *entry)
{
    return entry->device != NULL &&
           guest_device_find(plan, facts, entry->device) == GUEST_DEVICE_ABSENT;
}

void
explain_fstab(boot_plan *plan, const plan_input *input)
{
    const image_facts *facts = input->facts;
    g_autoptr(GString) text =
        g_string_new("fstab names devices that this guest won't have, and its start may wait for "
                     "them or fail: ");
    guint count = 0;

    for (guint i = 0; i < facts->fstab->len; i++) {
        const fstab_entry *entry = g_ptr_array_index(facts->fstab, i);
        if (!is_missing(plan, facts, entry) || ++count > MOST_NAMED)
            continue;
        g_string_append_printf(text, "%s%s (%s)", count > 1 ? ", " : "", entry->device,
                               entry->mount_point != NULL ? entry->mount_point : "not mounted");
    }
    if (count > MOST_NAMED)
        g_string_append_printf(text, " and %u more", count - MOST_NAMED);
    if (count > 0)
        boot_plan_warn(plan, "fstab-device", text->str,
                       "Name file systems by LABEL= or UUID= in the image, or map the device with "
                       "--map; nofail lets a guest start without one");
}
