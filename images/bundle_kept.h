/* Registered bundles in HOME/bundles/CONTENT: manifest.xml as it was, the parts as 00000, 00001,
 * ... and the AES key. All images of the same content share one.
 *
 * CONTENT is made of every byte of it and of the key: who names it without having had both finds
 * nothing. */
#ifndef IMAGES_BUNDLE_KEPT_H
#define IMAGES_BUNDLE_KEPT_H

#include "common/progress.h"
#include "images/manifest.h"
#include "store/store.h"

/* TRUE if CONTENT, the key of an image's content, is a bundle's. */
gboolean bundle_is_content(const char *content);

/* Copies a bundle, whose parts are in the folder open at FOLDER_FD, into the new folder FOLDER,
 * checking each part's digest. Its CONTENT, which the caller frees; NULL with InvalidManifest or
 * Host.*, and files may be left in FOLDER. */
char *bundle_keep(const manifest *what, int folder_fd, const char *key, const char *iv,
                  const char *folder, progress *listener, GError **error);

/* Makes FOLDER the bundle of CONTENT; if there is one already, FOLDER goes instead. Within the
 * transaction that records the image. */
gboolean bundle_adopt(const char *home, const char *content, const char *folder, GError **error);

/* Writes the image of a kept bundle to the new, durable file PATH. */
gboolean bundle_kept_image(const char *home, const char *content, const char *path,
                           progress *listener, GError **error);

/* Removes the bundle of CONTENT unless an image is recorded to use it, and all such bundles. Within
 * a transaction. */
gboolean bundle_kept_remove(store *db, const char *home, const char *content, GError **error);
gboolean bundle_kept_sweep(store *db, const char *home, GError **error);

#endif
