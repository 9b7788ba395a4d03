/* Reading a disk that stands on others, some of them encrypted, without a guest. */
#ifndef IMAGES_CHAIN_READ_H
#define IMAGES_CHAIN_READ_H

#include "common/progress.h"

typedef struct {
    char *path;   /* a qcow2 */
    char *secret; /* the file with its LUKS passphrase; NULL: not encrypted */
} chain_layer;

void chain_layer_free(chain_layer *self);
chain_layer *chain_layer_new(const char *path, const char *secret);

/* Writes what LAYERS (chain_layer*, the nearest first) hold together to the new raw file PATH, in
 * which zeros are holes. Every format is stated; what the files themselves say that they stand on
 * is not followed. */
gboolean chain_to_raw(const GPtrArray *layers, const char *path, GError **error);

#endif
