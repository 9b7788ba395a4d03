/* Files in HOME that no record owns. */
#ifndef LAUNCHER_GC_STRAYS_H
#define LAUNCHER_GC_STRAYS_H

#include "launcher/gc.h"
#include "launcher/internal.h"

/* Adds to REPORT the files that are provably left over, and removes them unless DRY_RUN: second
 * names of files that have their own, what operations that have ended were making, and copies of
 * kernels whose image is gone. All else
 * that no record owns is added to what is left: after an older amilaunch.db was put back, it may be
 * all that there is of somebody's data. */
gboolean gc_strays(launcher *self, gboolean dry_run, gc_report *report, GError **error);

#endif
