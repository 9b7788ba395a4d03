/* Deleted snapshots that something still stood on. */
#ifndef LAUNCHER_SNAPSHOT_COLLECT_H
#define LAUNCHER_SNAPSHOT_COLLECT_H

#include "launcher/internal.h"

/* Removes the files of deleted snapshots that no volume and no snapshot stands on any more, their
 * passphrases if nothing else has them, and their records as soon as no volume names them. To be
 * called, within the operation, after a volume or a snapshot has gone. Costs next to nothing if
 * there is none, and can be repeated. */
gboolean snapshots_collect(launcher *self, GError **error);

#endif
