/* What the commands about bundles have in common: an operation with a folder for its work, which
 * can be taken back at any moment. */
#ifndef LAUNCHER_BUNDLE_WORK_H
#define LAUNCHER_BUNDLE_WORK_H

#include "images/bundle.h"
#include "launcher/bundles.h"
#include "launcher/internal.h"

typedef struct {
    gint64 operation;
    char *folder; /* HOME/bundles/op-N; it goes with the operation */
} bundle_work;

/* Begins an operation KIND. FALSE on failure, and nothing is left. */
gboolean bundle_work_begin(launcher *self, bundle_work *work, const char *kind, GError **error);

/* Writes down, durably, that the operation is about to make PATH outside of its folder: a folder
 * from which a bundle NAME is to be published in FOLDER, or, with NAME NULL, a file. */
gboolean bundle_work_note(const bundle_work *work, const char *path, const char *folder,
                          const char *name, gboolean replace, GError **error);

/* Takes on what is whole, removes the rest, lets a guest go on that was held, and ends the
 * operation, as does a later command if this one is cut off or fails. Bundles in HOME that no image
 * uses are swept out. The error is that of the work,
 * if there was one: DONE says so. Always clears WORK. */
gboolean bundle_work_end(launcher *self, bundle_work *work, gboolean done, GError **error);

void bundle_work_clear(bundle_work *self);

/* ---- keys ---- */

/* HOME's own pairs, the asking account's and the cloud's, which are made when they are first
 * needed. Then those that may have signed a manifest, and those that may open WHAT: bundle_key*.
 * The caller frees all. */
bundle_key *bundle_user_key(launcher *self, GError **error);
bundle_key *bundle_cloud_key(launcher *self, GError **error);
GPtrArray *bundle_signers(launcher *self, const bundle_keys *given, GError **error);
GPtrArray *bundle_openers(launcher *self, const manifest *what, const bundle_keys *given,
                          GError **error);

/* ---- instances ---- */

/* A snapshot of the volume ID that goes with the operation. The caller frees it. */
snapshot *bundle_source_snapshot(launcher *self, const bundle_work *work, const char *id,
                                 GError **error);

/* Writes the root of VM, as it is at one moment, to the new raw file PATH. The guest may run. */
gboolean bundle_source_image(launcher *self, const bundle_work *work, const instance *vm,
                             const char *path, GError **error);

/* Lets the guests that operation NUMBER holds go on, and removes its snapshot. */
gboolean bundle_source_release(launcher *self, gint64 number, GError **error);

/* ---- launching ---- */

/* Sees to it that the template of VIEW's image is there, and its facts, if it comes from a bundle:
 * at the first launch it is unbundled. */
gboolean bundle_unpack(launcher *self, image_view *view, GError **error);

/* The same for who only knows an image's id; fine for images that come from no bundle. */
gboolean bundle_unpack_image(launcher *self, const char *id, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(bundle_work, bundle_work_clear)

#endif
