/* Snapshots that an operation takes for itself, and has to find again if it is cut off. */
#ifndef LAUNCHER_SNAPSHOT_OWN_H
#define LAUNCHER_SNAPSHOT_OWN_H

#include "launcher/launcher.h"

typedef gboolean (*snapshot_hearer)(const char *snapshot, gpointer hearer, GError **error);

/* As launcher_snapshot_create(). HEAR is told the new id before it is recorded, and can refuse; it
 * may be that nothing is ever recorded under that id. */
snapshot *snapshot_create_heard(launcher *self, const char *id, const char *description,
                                snapshot_hearer hear, gpointer hearer, GError **error);

#endif
