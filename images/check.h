/* Looking for what should not be in an image that others get: see check_rules.h. */
#ifndef IMAGES_CHECK_H
#define IMAGES_CHECK_H

#include "images/appliance.h"
#include "images/check_facts.h"

/* Looks into DISKS (a NULL-terminated list of qcow2 files: an image's root and what else it maps),
 * which are opened read-only. One without an operating system, or with damage inside, gives facts
 * that lack something, and notes that say why. NULL with Host.Inspection if the appliance doesn't
 * start or dies. The caller frees them. */
check_facts *check_look(const char *const *disks, const appliance_place *place, GError **error);

#endif
