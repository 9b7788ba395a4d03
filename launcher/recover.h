/* What to do with each kind of operation that was cut off: it is taken on or back, and ended.
 * Called by reconcile() with an operation that this process has adopted. FALSE if that can't be
 * done now: it is tried again by the next command. */
#ifndef LAUNCHER_RECOVER_H
#define LAUNCHER_RECOVER_H

#include "launcher/internal.h"
#include "store/operation.h"

/* hibernate.c */
gboolean recover_hibernate(launcher *self, const operation *cut, GError **error);

/* volumes.c: kinds volume-create, volume-delete, volume-modify, attach, detach */
gboolean recover_volume_create(launcher *self, const operation *cut, GError **error);
gboolean recover_volume_delete(launcher *self, const operation *cut, GError **error);
gboolean recover_volume_modify(launcher *self, const operation *cut, GError **error);
gboolean recover_attach(launcher *self, const operation *cut, GError **error);
gboolean recover_detach(launcher *self, const operation *cut, GError **error);

/* snapshots.c: kinds snapshot, snapshot-delete */
gboolean recover_snapshot(launcher *self, const operation *cut, GError **error);
gboolean recover_snapshot_delete(launcher *self, const operation *cut, GError **error);

/* image_create.c: kinds image-create, image-create-reboot */
gboolean recover_image_create(launcher *self, const operation *cut, GError **error);

/* deregister.c: kinds deregister, deregister-snapshots, bin-empty */
gboolean recover_deregister(launcher *self, const operation *cut, GError **error);

/* copying.c: kind copy */
gboolean recover_copy(launcher *self, const operation *cut, GError **error);
/* bundle_work.c: kinds bundle, unbundle, bundle-keys, bundle-register, bundle-unpack */
gboolean recover_bundle(launcher *self, const operation *cut, GError **error);

/* image_check.c: kind image-check */
gboolean recover_image_check(launcher *self, const operation *cut, GError **error);
/* gc.c: kind gc; gc_merge.c: kinds gc-snapshot, gc-volume */
gboolean recover_gc(launcher *self, const operation *cut, GError **error);
gboolean recover_gc_snapshot(launcher *self, const operation *cut, GError **error);
gboolean recover_gc_volume(launcher *self, const operation *cut, GError **error);

/* image_customize.c: kind image-customize */
gboolean recover_image_customize(launcher *self, const operation *cut, GError **error);

/* image_register.c: kind register */
gboolean recover_register(launcher *self, const operation *cut, GError **error);

#endif
