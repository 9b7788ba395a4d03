/* The parts of an instance-store bundle, made of an image. */
#ifndef IMAGES_BUNDLE_WRITE_H
#define IMAGES_BUNDLE_WRITE_H

#include "common/progress.h"
#include "images/manifest.h"

#define BUNDLE_PART_BYTES (10 * 1024 * 1024)

typedef struct {
    const char *image;  /* raw, of at most MANIFEST_MOST_SIZE bytes */
    const char *folder; /* where the parts go: NAME.part.00, ... */
    const char *name;   /* also of the tar's member */
    const char *key;    /* AES, hex; see bundle_key.h */
    const char *iv;
    int level; /* gzip's, 1 to 9 */
    progress *listener;
} bundle_write_request;

/* Writes the parts, durably, and sets DIGEST, SIZE, BUNDLED_SIZE and the parts of RESULT. Holes of
 * the image are neither read nor in the tar. InvalidParameterValue, Host.*; parts may be left then.
 */
gboolean bundle_write_parts(const bundle_write_request *request, manifest *result, GError **error);

#endif
