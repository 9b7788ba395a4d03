#include "drivers/libvirt_can.h"
#include "common/error.h"
#include "drivers/shim_xml.h"
#include "drivers/xen_xml.h"

static gboolean
check_shim(const boot_abilities *self, const boot_plan *plan, GError **error)
{
    if (!plan->kvm)
        return error_set(
            error, ERROR_HOST_QEMU,
            "Xen's PV shim needs KVM, which doesn't work here (`amilaunch doctor` says "
            "why): choose another way with --pv");
    if (self->qemu < QEMU_WITH_XEN)
        return error_set(error, ERROR_HOST_QEMU,
                         "Xen's PV shim needs QEMU 8.2 or later, and this is %lu.%lu: choose "
                         "another way with --pv",
                         self->qemu / 1000000, self->qemu / 1000 % 1000);
    /* libvirt lends guests of another user the disks that it knows of. */
    if (!self->session)
        return error_set(error, ERROR_UNSUPPORTED,
                         "Xen's PV shim runs for an ordinary user: connect to qemu:///session, or "
                         "choose another way with --pv");
    if (!shim_check_disks(plan, error))
        return FALSE;
    if (plan->kernel == NULL || plan->initrd == NULL)
        return error_set(error, ERROR_HOST_QEMU,
                         "Xen's PV shim and PV-GRUB are not there: `amilaunch appliance build`");
    return TRUE;
}

static gboolean
check_appliance(const boot_plan *plan, GError **error)
{
    if (plan->appliance == NULL)
        return error_set(error, ERROR_HOST_QEMU,
                         "there is no Xen appliance to run a paravirtual guest in: build it with "
                         "`amilaunch appliance build`, or choose another way with --pv");
    return xen_paths_check(plan, error);
}

static gboolean
check_kind(const boot_abilities *self, const boot_plan *plan, GError **error)
{
    switch (plan->kind) {
    case BOOT_UEFI:
        return plan->firmware != NULL ||
               error_set(error, ERROR_HOST_QEMU,
                         "this guest boots by UEFI, and its firmware OVMF is not installed (apt "
                         "install ovmf)");
    case BOOT_GRUB:
        return plan->kernel != NULL ||
               error_set(error, ERROR_HOST_QEMU,
                         "GRUB that starts as a kernel is not there: `amilaunch appliance build`");
    case BOOT_DIRECT:
        return plan->kernel != NULL ||
               error_set(error, ERROR_UNSUPPORTED,
                         "the image's menu.lst names no kernel that could be started directly; "
                         "`amilaunch plan` shows what was found");
    case BOOT_SHIM:
        return check_shim(self, plan, error);
    case BOOT_XEN_HOST:
        return plan->kernel != NULL ||
               error_set(error, ERROR_HOST_QEMU,
                         "PV-GRUB is not there: `amilaunch appliance build`");
    case BOOT_XEN:
        return check_appliance(plan, error);
    case BOOT_BIOS:
        return TRUE;
    }
    return TRUE;
}

/* Xen's own driver is used for what only Xen can, and QEMU's for all else. */
static gboolean
check_host(const boot_abilities *self, const boot_plan *plan, GError **error)
{
    if (self->xen == (plan->kind == BOOT_XEN_HOST))
        return TRUE;
    if (self->xen)
        return error_set(error, ERROR_UNSUPPORTED,
                         "on a Xen host paravirtual guests run, and no others: connect to "
                         "qemu:///system for this one");
    return error_set(error, ERROR_UNSUPPORTED,
                     "this guest needs a host that runs Xen: connect to xen:///system");
}

static gboolean
check_places(const boot_plan *plan, GError **error)
{
    guint places = disk_bus_places(plan->bus);

    if (places == 0 || plan->disks->len <= places)
        return TRUE;
    return error_set(error, ERROR_UNSUPPORTED,
                     "this guest has no drivers for virtio, and on IDE there are places for %u "
                     "disks, not for %u: map or attach fewer, or choose an instance type "
                     "of a newer generation, whose guests have SATA",
                     places, plan->disks->len);
}

gboolean
boot_abilities_check(const boot_abilities *self, const boot_plan *plan, GError **error)
{
    return check_host(self, plan, error) && check_kind(self, plan, error) &&
           check_places(plan, error);
}
