/* Reading libvirt's XML of a domain: what disks it has, under which names. Pure. */
#ifndef DRIVERS_LIVE_XML_H
#define DRIVERS_LIVE_XML_H

#include <glib.h>

typedef struct {
    char *alias; /* may be NULL */
    char *target;
    char *serial;   /* may be NULL */
    char *file;     /* NULL if it isn't in a file, or is in none now */
    GArray *images; /* gint: libvirt's numbers of the images it is made of, the top first */
} live_disk;

/* All disks (live_disk*), in the XML's order: InternalError if XML isn't a domain. The caller
 * unrefs them. */
GPtrArray *live_disks(const char *xml, GError **error);

/* FALSE with UnsupportedOperation if DISKS are none: every guest has a root, so libvirt knows
 * nothing of its disks, and to take one of them for gone would be wrong. */
gboolean live_disks_known(const GPtrArray *disks, GError **error);

/* The one of that alias, or NULL. Owned by DISKS. */
const live_disk *live_disk_find(const GPtrArray *disks, const char *alias);

/* The first of vda, vdb, ... that none of them has. The caller frees it. */
char *live_disk_free_target(const GPtrArray *disks);

/* What is written in the element of ours that DOMAIN_XML_NAMESPACE describes; NULL if XML isn't
 * one. The caller frees it. */
char *live_home(const char *metadata);

/* TRUE if that element says that the domain is a guest under Xen in an appliance. */
gboolean live_is_xen(const char *metadata);

/* The XML of a saved guest, SAVED, with the files of its disks and of what it starts with as in the
 * XML of a domain that is yet to start, FRESH, and its extra command line: disks are found by
 * alias, or else by target. NULL with InternalError if the two don't have the same disks. The
 * caller frees it. */
char *saved_xml_rebase(const char *saved, const char *fresh, GError **error);

#endif
