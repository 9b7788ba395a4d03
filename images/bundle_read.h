/* An image, made of the parts of an instance-store bundle. */
#ifndef IMAGES_BUNDLE_READ_H
#define IMAGES_BUNDLE_READ_H

#include "common/progress.h"
#include "images/manifest.h"

/* A manifest of more than MANIFEST_MOST_BYTES isn't read at all. *FOLDER_FD, if not NULL, gets its
 * folder, opened; the caller closes it. InvalidManifest, Host.*. */
manifest *bundle_manifest_read(const char *path, int *folder_fd, GError **error);

/* Every part there, a plain file, of sizes that add up, and no other of the same name; nothing is
 * read. InvalidManifest. */
gboolean bundle_check_parts(const manifest *what, int folder_fd, GError **error);

typedef struct {
    const manifest *what;
    int folder_fd;   /* where the parts are; borrowed */
    const char *key; /* AES, hex */
    const char *iv;
    progress *listener;
} bundle_read_request;

/* Writes the image to the new, durable file PATH after checking each part's digest before it is
 * decrypted, and in the end the tar's. On failure there is no file: InvalidManifest, Host.*. */
gboolean bundle_read_image(const bundle_read_request *request, const char *path, GError **error);

#endif
