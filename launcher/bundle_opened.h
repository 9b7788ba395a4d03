/* A bundle of somebody's, checked but for its parts' digests, and its AES key. */
#ifndef LAUNCHER_BUNDLE_OPENED_H
#define LAUNCHER_BUNDLE_OPENED_H

#include "images/manifest.h"
#include "launcher/bundles.h"

typedef struct {
    manifest *what;
    int folder_fd; /* where its parts are; -1 before */
    char *key;     /* AES, hex */
    char *iv;
} bundle_opened;

/* InvalidManifest for a manifest that isn't right, a signature that isn't one of KEYS', or parts
 * that are missing; AuthFailure if KEYS don't open it. */
gboolean bundle_opened_read(launcher *self, bundle_opened *opened, const char *path,
                            const bundle_keys *keys, gboolean unsigned_too, GError **error);

void bundle_opened_clear(bundle_opened *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(bundle_opened, bundle_opened_clear)

#endif
