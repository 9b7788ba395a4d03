/* Until when distributions mend their systems for everybody. */
#ifndef IMAGES_SUPPORT_ENDS_H
#define IMAGES_SUPPORT_ENDS_H

#include <glib.h>

/* When what is known here was last checked; support_ends.c says against what. */
#define SUPPORT_ENDS_AS_OF "2026-11-21"

/* "2024-06-30": the last day of free security updates for a DISTRIBUTION's VERSION, both as
 * os-release has them (ID, VERSION_ID). A version that is older than all that are known has the
 * date of the oldest. NULL if nothing is known of it. PRODUCT is for systems without an os-release,
 * by name ("Windows Server 2012 R2 Standard"). Each may be NULL. */
const char *support_ends(const char *distribution, const char *version, const char *product);

#endif
