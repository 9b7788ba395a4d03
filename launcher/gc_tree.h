/* What stands on what in HOME, as gc looks at it. */
#ifndef LAUNCHER_GC_TREE_H
#define LAUNCHER_GC_TREE_H

#include "launcher/gc_plan.h"
#include "launcher/internal.h"

/* The files of all volumes and snapshots, of any region and account: gc_node*, measured. NULL with
 * Host.Database if they stand on each other in a circle. */
GPtrArray *gc_tree_load(launcher *self, GError **error);

#endif
