#include "appliance/hotplug.h"
#include "appliance/boot.h"
#include "appliance/network.h"
#include "appliance/say.h"
#include "appliance/xenstore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

bool
hotplug_is_script(const char *name)
{
    const char *last = strrchr(name, '/');

    last = last == NULL ? name : last + 1;
    return strcmp(last, "block") == 0 || strcmp(last, "vif-bridge") == 0;
}

static bool
connect_block(const char *path)
{
    char device[XENSTORE_MOST], numbers[32];
    struct stat about;

    if (!xenstore_read(device, "%s/params", path) || stat(device, &about) != 0)
        return false;
    snprintf(numbers, sizeof numbers, "%x:%x", major(about.st_rdev), minor(about.st_rdev));
    return xenstore_write(device, "%s/physical-device-path", path) &&
           xenstore_write(numbers, "%s/physical-device", path);
}

static bool
connect_vif(const char *path)
{
    const char *vif = getenv("vif");
    char bridge[XENSTORE_MOST];

    return vif != NULL && xenstore_read(bridge, "%s/bridge", path) && network_join(bridge, vif);
}

/* What goes away needs nothing: the kernel undoes it. */
int
hotplug_run(const char *name, const char *action)
{
    const char *path = getenv("XENBUS_PATH");
    bool good;

    if (strcmp(action, "add") != 0 && strcmp(action, "online") != 0)
        return 0;
    if (path == NULL || !xenstore_open(XENSTORED_SOCKET))
        return 1;
    good = strstr(name, "block") != NULL ? connect_block(path) : connect_vif(path);
    if (!good) {
        say("%s %s %s failed", name, action, path);
        xenstore_write("error", "%s/hotplug-status", path);
        return 1;
    }
    return xenstore_write("connected", "%s/hotplug-status", path) ? 0 : 1;
}
