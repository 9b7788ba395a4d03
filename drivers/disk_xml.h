/* The part of libvirt's XML that is about one disk. Pure.
 *
 * SECRETS, here and in domain_xml.h, says by which UUID libvirt knows a passphrase: a map from the
 * UUID in the plan. NULL, or a UUID that isn't in it: by the same. */
#ifndef DRIVERS_DISK_XML_H
#define DRIVERS_DISK_XML_H

#include "drivers/hypervisor.h"

/* Of libxml2, whose header not everybody here needs. */
struct _xmlTextWriter;

/* Writes DISK's element to OUT, for the address TARGET on BUS. */
void disk_xml_write(struct _xmlTextWriter *out, const boot_disk *disk, const char *target,
                    disk_bus bus, GHashTable *secrets);

/* The same as a document of its own, for plugging the disk in. InternalError if DISK has no file
 * yet. The caller frees it. */
char *disk_xml(const boot_disk *disk, const char *target, GHashTable *secrets, GError **error);

/* A <domainsnapshot> that lets the disks at TARGETS[i] go on in the file of SWITCHES[i]
 * (disk_switch*), and leaves those at OTHERS alone. The caller frees it. */
char *disk_xml_switches(const GPtrArray *switches, const GPtrArray *targets,
                        const GPtrArray *others, GHashTable *secrets);

#endif
