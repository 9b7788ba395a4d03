/* What a boot plan takes from the Xen appliance. */
#ifndef DRIVERS_XEN_PLAN_H
#define DRIVERS_XEN_PLAN_H

#include "drivers/boot_plan.h"

/* Fills in what PLAN's appliance says: the files that are started, their options, and the memory
 * that the appliance needs. Host.Incomplete if it isn't sound. */
gboolean xen_plan_fill(boot_plan *plan, GError **error);

#endif
