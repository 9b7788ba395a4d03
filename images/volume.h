/* Volumes as files. */
#ifndef IMAGES_VOLUME_H
#define IMAGES_VOLUME_H

#include "store/volume.h"

/* Makes the file of a volume: an overlay of its size over its snapshot, in constant time. A file
 * that is there already is replaced. */
gboolean volume_file_make(const char *home, const volume *what, GError **error);

/* Removes it; one that isn't there is fine. */
gboolean volume_file_remove(const char *home, const char *id, GError **error);

#endif
