/* What of a snapshot is in its own file: for faces. */
#ifndef LAUNCHER_SNAPSHOT_DETAIL_H
#define LAUNCHER_SNAPSHOT_DETAIL_H

#include "launcher/launcher.h"

/* What its own file takes on the disk, in bytes; copies share theirs. */
guint64 launcher_snapshot_own_bytes(launcher *self, const snapshot *what);

/* The nearest snapshot under it that the asking account can see: what WHAT has in common with that
 * isn't stored again. NULL if there is none; the caller frees it. */
char *launcher_snapshot_parent(launcher *self, const snapshot *what);

/* How many files are under its own. FALSE if a record is missing. */
gboolean launcher_snapshot_layers(launcher *self, const snapshot *what, guint *layers,
                                  GError **error);

#endif
