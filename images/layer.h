/* A file of qcow2 that stands on others, made anew so that it stands further down: its content
 * stays the same, and what was between isn't needed for it any more.
 *
 *     base <- between <- ... <- top        base <- the new file
 *
 * Files are never written in place: whoever has the old one open goes on reading it. */
#ifndef IMAGES_LAYER_H
#define IMAGES_LAYER_H

#include "common/progress.h"

typedef struct {
    char *path;
    char *secret_file; /* its LUKS passphrase; NULL: not encrypted */
} layer;

/* Both are copied. */
layer *layer_new(const char *path, const char *secret_file);
void layer_free(layer *self);

typedef struct {
    GPtrArray *chain;      /* layer*, the file itself first, then all that is under it */
    guint base;            /* which of these the new file stands on; chain->len: on nothing */
    const char *base_name; /* how the new file is to call that; NULL with none */
} layer_merge;

/* Makes PATH, which isn't there yet, in the folder of the chain's first file: encrypted as that is,
 * with its owner, its group and its mode. Durable when it returns. On failure (Host.Disk) PATH may
 * be there in part. */
gboolean layer_merge_to(const layer_merge *what, const char *path, progress *listener,
                        const char *phase, GError **error);

/* How many bytes layer_merge_to() takes at most. */
guint64 layer_merge_bytes(const layer_merge *what);

#endif
