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

/* The id of ZONE, which is the same for all accounts: "use1-az1" of us-east-1a. On EC2 each account
 * has an order of its own; here the letters' order is everybody's. NULL if ZONE isn't made as EC2
 * makes names. The caller frees it.
 * Source: Amazon EC2 User Guide, "Availability Zone IDs". */
char *zone_id(const char *zone);

/* EC2's own regions, ended by NULL, and whether it has one of that name. */
extern const char *const region_names[];
gboolean region_is_known(const char *region);

#endif
