/* The recycle bin: images that were deregistered and snapshots that were deleted while a retention
 * rule was there for them. Nobody sees them elsewhere; they can be restored, with the same id,
 * until their time is over. Then they go at the next command that looks. */
#ifndef LAUNCHER_RECYCLE_BIN_H
#define LAUNCHER_RECYCLE_BIN_H

#include "launcher/internal.h"
#include "store/retention.h"

/* ---- for faces ---- */

/* What the asking account has in the bin in the asking region, the first to leave it first: image*,
 * snapshot*. */
GPtrArray *launcher_bin_images(launcher *self, GError **error);
GPtrArray *launcher_bin_snapshots(launcher *self, GError **error);

/* Takes them out of the bin, all or none. InvalidAMIID.NotFound, InvalidSnapshot.NotFound if one
 * isn't in it; InvalidAMIName.Duplicate if the name was taken in the meantime. */
gboolean launcher_image_restore(launcher *self, const char *const *ids, GError **error);
gboolean launcher_snapshot_restore(launcher *self, const char *const *ids, GError **error);

/* ---- for the engine ---- */

/* Until when what is deregistered or deleted NOW stays in the bin: by the longest of the rules of
 * its owner and its region that are for it; 0 if there is none. */
gboolean bin_time(launcher *self, retained_type type, const char *id, const char *owner,
                  const char *region, gint64 now, gint64 *until, GError **error);

/* Marks a snapshot that nothing uses as deleted, or puts it into the bin. Within a transaction; for
 * the former snapshots_collect() has to be called afterwards. */
gboolean bin_discard_snapshot(launcher *self, snapshot *what, GError **error);

/* What is past its time goes. One query if there is nothing. */
gboolean bin_empty(launcher *self, GError **error);

#endif
