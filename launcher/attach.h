/* Volumes and the instances that have them. */
#ifndef LAUNCHER_ATTACH_H
#define LAUNCHER_ATTACH_H

#include "launcher/internal.h"

/* TRUE if VM's disks can be changed now: it runs, or it is stopped and no saved memory knows them.
 * Else IncorrectInstanceState. */
gboolean attach_is_settled(const instance *vm, GError **error);

#endif
