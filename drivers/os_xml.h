/* The part of libvirt's XML that is about what a guest starts with: firmware, or a kernel. Pure. */
#ifndef DRIVERS_OS_XML_H
#define DRIVERS_OS_XML_H

#include "drivers/boot_plan.h"

/* Of libxml2, whose header not everybody here needs. */
struct _xmlTextWriter;

/* FALSE with InternalError if PLAN doesn't name the files that its kind of boot needs. */
gboolean os_xml_complete(const boot_plan *plan, GError **error);

/* Writes <os> of a guest of QEMU to OUT. */
void os_xml_write(struct _xmlTextWriter *out, const boot_plan *plan);

#endif
