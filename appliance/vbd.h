/* A guest's virtual disks, as xenstore has them (xen-vbd-interface(7), Xen's io/xenbus.h). */
#ifndef APPLIANCE_VBD_H
#define APPLIANCE_VBD_H

#include <stdbool.h>

/* 1 if both sides are connected, 0 if not yet, -1 if there is no such disk. */
int vbd_is_connected(long domain, const char *device);

/* Asks the guest to let go of DEVICE; false if there is no such disk. vbd_keep() takes that back.
 */
bool vbd_drop(long domain, const char *device);
void vbd_keep(long domain, const char *device);

/* True if both sides have let go, or with FORCE anyway: what tells of the disk is gone then. */
bool vbd_dropped(long domain, const char *device, bool force);

/* Tells the guest, if that isn't what it has been told. */
void vbd_tell_size(long domain, const char *device, unsigned long sectors);

/* Removes what a domain that is gone has left. */
void vbd_forget_all(long domain);

#endif
