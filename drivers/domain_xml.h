/* libvirt domain XML from a boot plan. Pure: the same plan gives the same text.
 * Format: libvirt.org, "Domain XML format". */
#ifndef DRIVERS_DOMAIN_XML_H
#define DRIVERS_DOMAIN_XML_H

#include "drivers/boot_plan.h"

/* The XML namespace of what we keep in a domain's metadata. */
#define DOMAIN_XML_NAMESPACE "https://amilaunch.example/domain/1.0"

/* The document, or NULL with InternalError if PLAN lacks what a domain needs (a name, a UUID, a
 * file for each disk). SECRETS: see disk_xml.h. The caller frees it. */
char *domain_xml(const boot_plan *plan, GHashTable *secrets, GError **error);

#endif
