/* Copies of images and snapshots, in another region or in the same. A copy has an id and an owner
 * of its own, and names what it is a copy of; neither permissions nor, unless asked for, tags come
 * with it. No bytes are copied: it takes as long for a large one as for a small one. */
#ifndef LAUNCHER_COPYING_H
#define LAUNCHER_COPYING_H

#include "launcher/launcher.h"

typedef struct {
    const char *from;        /* region; NULL: the one that is asked in */
    const char *to;          /* the same */
    const char *name;        /* an image's; NULL: the source's, with a number if that is taken */
    const char *description; /* NULL: says of what it is a copy */
    gboolean copy_tags;      /* an image's tags come with it, if it is the asking account's */
    const char *const *tags; /* the copy gets: see tagging.h; NULL: none */
} copy_request;

/* Of every image that the asking account may launch; the copy and copies of the image's snapshots
 * are its own. The new id, which the caller frees. NULL with InvalidAMIID.NotFound,
 * InvalidAMIID.Unavailable unless the image is available, InvalidAMIName.*, or InvalidRequest for
 * another account's that has a product code; and nothing is left. */
char *launcher_image_copy(launcher *self, const char *id, const copy_request *asked,
                          GError **error);

/* Of every snapshot that the asking account may use. The caller frees it with snapshot_free(). NULL
 * with InvalidSnapshot.NotFound or IncorrectState. */
snapshot *launcher_snapshot_copy(launcher *self, const char *id, const copy_request *asked,
                                 GError **error);

#endif
