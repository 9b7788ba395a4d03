/* A look into an image, as the files of check.h share it. Not for others. */
#ifndef IMAGES_CHECK_LOOK_H
#define IMAGES_CHECK_LOOK_H

#include "images/check.h"

#include <guestfs.h>

typedef struct {
    appliance *inside;
    guestfs_h *g; /* INSIDE's */
    progress *listener;
    check_facts *facts;
    char *root;       /* as libguestfs names it; NULL: no operating system */
    GHashTable *seen; /* paths that were looked at */
} look;

/* Says what could not be looked into. */
void G_GNUC_PRINTF(2, 3) look_note(look *self, const char *format, ...);

/* Finds the operating system and mounts all that it mounts; FALSE if there is nothing to look at.
 */
gboolean look_for_system(look *self);

/* Adds the files and folders in TREES (paths from the root, without a slash in front) that
 * everybody can write and shouldn't. */
void look_for_open(look *self, const char *const *trees);

#endif
