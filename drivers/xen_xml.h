/* What is different in the domain XML of a guest under Xen in an appliance: the domain is the
 * appliance, which starts Xen, which starts a Linux of its own (dom0), which builds the guest.
 * Pure.
 *
 * dom0 learns from its command line what to build, finds the guest's disks by their serial numbers,
 * and has its log on the second serial port; the first is the guest's console. */
#ifndef DRIVERS_XEN_XML_H
#define DRIVERS_XEN_XML_H

#include "drivers/boot_plan.h"

/* Of libxml2, whose header not everybody here needs. */
struct _xmlTextWriter;

/* What a domain's metadata says of such a guest. */
#define XEN_BOOT_MARK "xen"

/* The port by which dom0's agent is asked for things; see agent_message.h. */
#define XEN_CHANNEL "amilaunch.0"

/* The name by which the guest is given DISK, which is also its serial number: "sda1". As EC2 has
 * it; but Xen has numbers for no more than sdp and hdd (xen-vbd-interface(7)), so what comes after
 * is xvdq and so on, as which Linux knows it anyway. The caller frees it. */
char *xen_disk_name(const char *device);

/* What Linux calls that disk: "/dev/xvda1". (Kernels before 2011 said sda1 to sda1, and some of
 * distributions' own xvde1.) The caller frees it. */
char *xen_disk_in_guest(const char *device);

/* TRUE if QEMU can be told PLAN's files: it takes what follows a space in a module's file name for
 * its options. Else Host.QEMU. */
gboolean xen_paths_check(const boot_plan *plan, GError **error);

/* The module string of QEMU's -initrd, by which Xen gets dom0's kernel and initramfs. The caller
 * frees it. */
char *xen_modules(const boot_plan *plan);

void xen_write_os(struct _xmlTextWriter *out, const boot_plan *plan);
void xen_write_cpu(struct _xmlTextWriter *out, const boot_plan *plan);
void xen_write_ports(struct _xmlTextWriter *out, const boot_plan *plan);

#endif
