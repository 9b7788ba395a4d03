/* What volumes stand on. */
#ifndef LAUNCHER_CHAIN_H
#define LAUNCHER_CHAIN_H

#include "launcher/internal.h"

/* The most layers that a volume can have under it: libvirt refuses chains of more than 200. */
#define CHAIN_MOST 190

/* The snapshots under a volume or under another snapshot, beginning with BACKING (NULL: none), the
 * nearest first: snapshot*. NULL with an error if a record is missing. */
GPtrArray *chain_below(launcher *self, const char *backing, GError **error);

/* The chains of VOLUMES (volume*), in the same order: GPtrArray of GPtrArray of snapshot*. */
GPtrArray *chains_of_volumes(launcher *self, const GPtrArray *volumes, GError **error);

#endif
