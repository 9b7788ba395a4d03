/* What the account that asks, in the region that it asks, can see and may use. To everybody else a
 * resource is as if it weren't there: nobody learns of what isn't theirs. To be called with the
 * database open.
 *
 * Each gives the row, which the caller frees, or NULL with InvalidAMIID.NotFound,
 * InvalidSnapshot.NotFound, InvalidVolume.NotFound or InvalidInstanceID.NotFound. Who has
 * deregistered an image gets InvalidAMIID.Unavailable. */
#ifndef LAUNCHER_SCOPE_H
#define LAUNCHER_SCOPE_H

#include "launcher/internal.h"
#include "store/key_pair.h"

/* TRUE if ID, as somebody wrote it, is well formed; else InvalidAMIID.Malformed or
 * InvalidSnapshotID.Malformed. */
gboolean scope_check_image_id(const char *id, GError **error);
gboolean scope_check_snapshot_id(const char *id, GError **error);

/* Its own, a public one, or one that was shared with it; none that is in the recycle bin. One that
 * is disabled or pending is its owner's only. */
image *scope_image(launcher *self, const char *id, GError **error);
snapshot *scope_snapshot(launcher *self, const char *id, GError **error);

/* The same of another region than the one that is asked in. */
image *scope_image_in(launcher *self, const char *id, const char *region, GError **error);
snapshot *scope_snapshot_in(launcher *self, const char *id, const char *region, GError **error);

/* Its own only: AuthFailure for one that it can see, but doesn't own. */
image *scope_own_image(launcher *self, const char *id, GError **error);
snapshot *scope_own_snapshot(launcher *self, const char *id, GError **error);

/* Its own; nobody else sees them. */
volume *scope_volume(launcher *self, const char *id, GError **error);
instance *scope_instance(launcher *self, const char *id, GError **error);

/* The same of a key pair, by its id: InvalidKeyPair.NotFound. */
key_pair *scope_key_pair(launcher *self, const char *id, GError **error);

/* All of its own in the region: volume*, instance*; and snapshot*, with those that were shared with
 * it by name, but not with all that are public. In the order of volume_list() and the like; NULL on
 * failure. */
GPtrArray *scope_volumes(launcher *self, GError **error);
GPtrArray *scope_instances(launcher *self, GError **error);
GPtrArray *scope_snapshots(launcher *self, GError **error);

#endif
