/* Collecting what nobody needs: for faces. */
#ifndef LAUNCHER_GC_H
#define LAUNCHER_GC_H

#include "launcher/gc_plan.h"
#include "launcher/launcher.h"

typedef struct {
    guint depth;      /* the most layers that anything is to have under it; 0: GC_DEPTH */
    gboolean dry_run; /* only say what would be done */
} gc_request;

/* Each layer costs each read some microseconds, and each start some milliseconds: up to here a
 * start takes hardly longer, and reading at random about twice as long as from one layer; with 150
 * it is five times and twenty times. Flattening copies, once every so many snapshots, what they
 * have changed. See bench/chains.sh. */
#define GC_DEPTH 30

typedef enum { GC_MERGED, GC_FLATTENED, GC_REMOVED } gc_deed;

/* What was done, or would be. */
typedef struct {
    gc_deed deed;
    char *id;            /* of a volume or a snapshot; the file's path for GC_REMOVED */
    GPtrArray *absorbed; /* char*: the deleted snapshots that went by it */
    guint layers_before, layers_after;
    guint64 before, after; /* bytes on the disk, of it and of what it absorbed. Before a dry run
                              AFTER isn't known, and is the most that it can be */
} gc_done;

typedef struct {
    GPtrArray *done; /* gc_done* */
    GPtrArray *left; /* gc_left* */
    guint64 freed;   /* bytes; what a running guest still has open is free when it is off */
    guint deepest_before, deepest_after;
    GError *problem; /* the first failure; the rest was done nevertheless. NULL for none */
} gc_report;

void gc_report_free(gc_report *self);

/* Removes deleted snapshots that nothing stands on, merges others into what stands on them, gives
 * what is too deep fewer layers, and removes files that are provably left over. Content stays the
 * same. IncorrectState if another gc is at work; InvalidParameterValue. */
gc_report *launcher_gc(launcher *self, const gc_request *request, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(gc_report, gc_report_free)

#endif
