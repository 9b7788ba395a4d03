/* What is different in the domain XML of a paravirtual guest under Xen's PV shim, by KVM's Xen
 * emulation: libvirt knows nothing of Xen's devices on QEMU, so they are written for QEMU itself.
 * Pure.
 *
 * Source: QEMU's manual, "Xen HVM guest support" and "Booting Xen PV guests" (8.2 and later). Never
 * run by its author, who had no KVM that works. */
#ifndef DRIVERS_SHIM_XML_H
#define DRIVERS_SHIM_XML_H

#include "drivers/boot_plan.h"

/* QEMU's arguments for PLAN's console and disks (char *). The caller frees them. */
GPtrArray *shim_arguments(const boot_plan *plan);

/* TRUE if the shim's guest can have PLAN's disks; else UnsupportedOperation. */
gboolean shim_check_disks(const boot_plan *plan, GError **error);

#endif
