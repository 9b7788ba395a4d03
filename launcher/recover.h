/* Operations that were cut off: they are taken on or back, and ended. */
#ifndef LAUNCHER_RECOVER_H
#define LAUNCHER_RECOVER_H

#include "launcher/internal.h"
#include "store/operation.h"

/* Adopts each whose owner is dead, and does with it what its kind needs; only those of images,
 * snapshots and keys with IMAGES_ONLY. What can't be put right now is noted, and left for the next command.
 * FALSE if the database can't be read. */
gboolean recover_operations(launcher *self, gboolean images_only, GError **error);

/* The last steps of a stop and of a termination, of an instance that this process has claimed, and
 * the first by force. */
gboolean recover_finish_stop(launcher *self, instance *vm, GError **error);
gboolean recover_finish_terminate(launcher *self, instance *vm, GError **error);
gboolean recover_cut_power(launcher *self, instance *vm, GError **error);

/* What each kind needs. FALSE if that can't be done now.
 *
 * hibernate.c */
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

/* key_work.c: kinds key-create, key-delete */
gboolean recover_keys(launcher *self, const operation *cut, GError **error);

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
