/* Making one file anew as a gc_step says: it is claimed, made under another name, and put in place
 * together with its record. */
#ifndef LAUNCHER_GC_MERGE_H
#define LAUNCHER_GC_MERGE_H

#include "launcher/gc_plan.h"
#include "launcher/internal.h"
#include "store/operation.h"

typedef struct {
    guint64 before, after; /* what the file took on the disk */
    guint64 collected;     /* what the deleted snapshots took that went by it */
} gc_gain;

/* On failure everything is as before. IncorrectState if somebody is at work on it, or what it
 * stands on has changed since the step was planned; Host.Disk, if there is no room, says how much
 * is needed. */
gboolean gc_merge(launcher *self, const gc_step *step, const char *phase, gc_gain *gain,
                  GError **error);

#endif
