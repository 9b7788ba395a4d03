/* Deregistering images. Their instances stay, and so do their snapshots unless it is asked for
 * otherwise. */
#ifndef LAUNCHER_DEREGISTER_H
#define LAUNCHER_DEREGISTER_H

#include "launcher/internal.h"

/* ---- for faces ---- */

/* What became of a snapshot of a deregistered image. */
typedef struct {
    char *id;
    gboolean deleted; /* or put into the recycle bin */
    gint64 bin_until; /* until then it can be restored; 0: never */
    char *used_by;    /* an image that still uses it; NULL: none does, and if it stays, then as it
                         is another account's, or not completed */
} snapshot_fate;

/* What became of an image. */
typedef struct {
    char *id;
    gint64 bin_until;     /* until then it can be restored; 0: never */
    GPtrArray *snapshots; /* snapshot_fate*; empty if they weren't to be deleted */
} image_fate;

void image_fate_free(image_fate *self);

/* Deregisters images, all or none: image_fate*. WITH_SNAPSHOTS deletes the snapshots that only they
 * use. AuthFailure for somebody else's; OperationNotPermitted for one that is protected;
 * InvalidAMIID.Unavailable for one that is being made. */
GPtrArray *launcher_image_deregister(launcher *self, const char *const *ids,
                                     gboolean with_snapshots, GError **error);

/* ---- for the engine ---- */

/* Does what the operation NUMBER of this process is recorded to do: its images go, then what was
 * deleted with them, and the operation ends. FATES (image_fate*) is told of it; may be NULL. If it
 * can't be done now, it is left for the next command. */
gboolean deregister_finish(launcher *self, gint64 number, gboolean with_snapshots,
                           const GPtrArray *fates, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(image_fate, image_fate_free)

#endif
