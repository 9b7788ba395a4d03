/* The Xen appliance as a person sees it: made, shown, removed. Guests find it by
 * drivers/xen_appliance.h. */
#ifndef LAUNCHER_APPLIANCES_H
#define LAUNCHER_APPLIANCES_H

#include "drivers/xen_appliance.h"
#include "launcher/launcher.h"

/* Makes it in HOME from the distribution's packages, unless that which is there, in HOME or for
 * everybody, was made from the same and FORCE isn't given. *MADE says whether it was. Takes a
 * minute or two, and tells of it. A command that is killed leaves what was there before. */
gboolean launcher_appliance_build(launcher *self, gboolean force, gboolean *made, GError **error);

/* The one that guests run by, else what is wrong with HOME's. *CURRENT says whether it was made
 * from what there is now: -1 if that can't be known here. */
xen_appliance *launcher_appliance_show(launcher *self, int *current, GError **error);

/* Removes HOME's own; IncorrectInstanceState while an instance runs by it. */
gboolean launcher_appliance_rm(launcher *self, GError **error);

/* What a build that was killed has left in HOME, while none is at work: char* paths, whose files
 * are nobody's. The caller frees it with g_ptr_array_unref(). */
GPtrArray *appliance_leftovers(const char *home);

#endif
