/* Images and snapshots that an operation was making, and that are not to be. */
#ifndef LAUNCHER_IMAGE_UNDO_H
#define LAUNCHER_IMAGE_UNDO_H

#include "launcher/internal.h"

/* Removes the files of the snapshots that the operation NUMBER, which this process owns, was
 * making, then their records and its images', and ends it. A template goes with its last image.
 * FALSE if that can't be done now; it can be called again. */
gboolean image_undo(launcher *self, gint64 number, GError **error);

#endif
