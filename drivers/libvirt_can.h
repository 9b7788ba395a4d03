/* What a connection can boot. */
#ifndef DRIVERS_LIBVIRT_CAN_H
#define DRIVERS_LIBVIRT_CAN_H

#include "drivers/boot_plan.h"

/* QEMU's first version that gives guests of KVM what Xen gives them, its console among it: 8.2.0 as
 * libvirt writes versions (qemu.org, "Xen HVM guest support"). */
#define QEMU_WITH_XEN 8002000
#define QEMU_WITH_STREAMS 7002000 /* -netdev stream */

/* What is known of a connection: whether it is to a host that runs Xen itself, and the version of
 * its QEMU as libvirt writes it (0: there is none), and whether guests run as who asks. */
typedef struct {
    gboolean xen;
    gboolean session;
    unsigned long qemu;
} boot_abilities;

/* TRUE if guests of PLAN's kind, with PLAN's disks, can run there. Else what is missing and the
 * next step: Host.QEMU, Host.Libvirt, or UnsupportedOperation. Pure. */
gboolean boot_abilities_check(const boot_abilities *self, const boot_plan *plan, GError **error);

#endif
