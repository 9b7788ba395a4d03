/* Availability zones: a region has six, called by its name and a letter from a to f. Pure.
 * Source: Amazon EC2 User Guide, "Regions and Zones". */
#ifndef LAUNCHER_ZONE_H
#define LAUNCHER_ZONE_H

#include <glib.h>

/* TRUE if ZONE is one of REGION's. */
gboolean zone_is_in(const char *zone, const char *region);

/* ASKED, or REGION's first zone if that is NULL; the caller frees it. NULL with
 * InvalidParameterValue if ASKED isn't one of REGION's. */
char *zone_choose(const char *region, const char *asked, GError **error);

/* Whether EC2 itself has a region of that name. */
gboolean region_is_known(const char *region);

#endif
