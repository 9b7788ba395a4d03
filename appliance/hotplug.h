/* What libxl runs as /etc/xen/scripts/block and vif-bridge when a device of the guest's comes or
 * goes. */
#ifndef APPLIANCE_HOTPLUG_H
#define APPLIANCE_HOTPLUG_H

#include <stdbool.h>

/* True if NAME is one of these scripts. */
bool hotplug_is_script(const char *name);

/* Does it, of the environment that libxl gives. The exit status. */
int hotplug_run(const char *name, const char *action);

#endif
