/* Taking snapshots of all volumes of a claim at one moment, all or none:
 *
 *     snapshots_intend()    in the claim's transaction
 *     snapshots_prepare()   what can be done before the moment
 *     snapshots_take()      the moment
 *     snapshots_settle()    after success, failure or death: looks how far it came, and takes it on
 *                           or back
 *     snapshots_record()    in the transaction that ends the operation */
#ifndef LAUNCHER_SNAPSHOT_TAKE_H
#define LAUNCHER_SNAPSHOT_TAKE_H

#include "launcher/claim_volumes.h"

typedef struct {
    volume_claim *claim; /* not owned */
    GPtrArray *made;     /* snapshot*, one of each volume of the claim, in the same order */
    GHashTable *in_use;  /* volume*: those that a running guest uses, when last looked at */
    gboolean taken;      /* what snapshots_settle() has found */
} snapshot_set;

/* IncorrectState or IncorrectInstanceState unless all volumes are there, and the instance is
 * running or stopped. */
gboolean snapshots_allowed(const volume_claim *claim, GError **error);

/* A record of a pending snapshot of each volume. */
gboolean snapshots_intend(launcher *self, snapshot_set *set, volume_claim *claim,
                          const char *description, GError **error);

/* The snapshots that an operation that was cut off was making of CLAIM's volumes. */
gboolean snapshots_of_operation(launcher *self, snapshot_set *set, volume_claim *claim,
                                GError **error);

gboolean snapshots_prepare(launcher *self, snapshot_set *set, GError **error);
gboolean snapshots_take(launcher *self, const snapshot_set *set, GError **error);

/* FALSE if that can't be found or done now. Can be repeated. */
gboolean snapshots_settle(launcher *self, snapshot_set *set, GError **error);

gboolean snapshots_record(launcher *self, snapshot_set *set, GError **error);

void snapshot_set_clear(snapshot_set *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(snapshot_set, snapshot_set_clear)

#endif
