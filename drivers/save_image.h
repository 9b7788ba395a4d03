/* The file that a guest's memory is saved in. */
#ifndef DRIVERS_SAVE_IMAGE_H
#define DRIVERS_SAVE_IMAGE_H

#include <glib.h>

/* Whether PATH holds the whole of a guest's memory. FALSE for one that is still being written, or
 * whose writing was cut off, and for one that isn't there. It doesn't tell whether the file was
 * damaged since. */
gboolean save_image_is_whole(const char *path);

#endif
