/* Domain XML for a host that runs Xen itself (xen:///system): a paravirtual guest that PV-GRUB
 * starts. Pure.
 *
 * Format: libvirt.org, "libxl hypervisor driver for Xen". Checked against libvirt's schema only: no
 * such host was at hand. */
#ifndef DRIVERS_XEN_HOST_XML_H
#define DRIVERS_XEN_HOST_XML_H

#include "drivers/boot_plan.h"

/* Of libxml2, whose header not everybody here needs. */
struct _xmlTextWriter;

/* Writes what follows <vcpu> in a domain of type "xen" to OUT. SECRETS: see disk_xml.h. */
void xen_host_xml_write(struct _xmlTextWriter *out, const boot_plan *plan, GHashTable *secrets);

#endif
