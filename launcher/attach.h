/* Volumes and the instances that have them. */
#ifndef LAUNCHER_ATTACH_H
#define LAUNCHER_ATTACH_H

#include "launcher/internal.h"

/* TRUE if VM's disks can be changed now: it runs, or it is stopped and no saved memory knows them.
 * Else IncorrectInstanceState. */
gboolean attach_is_settled(const instance *vm, GError **error);

/* FALSE with UnsupportedOperation while VM runs in a way that leaves the hypervisor without a word
 * in its disks: they can't be plugged, unplugged, grown or copied until it is stopped. */
gboolean attach_disks_are_known(const instance *vm, GError **error);

#endif
