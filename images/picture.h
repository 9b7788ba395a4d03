/* Pictures of guests' screens. */
#ifndef IMAGES_PICTURE_H
#define IMAGES_PICTURE_H

#include <glib.h>

#define PICTURE_SIDE_MOST 16384 /* pixels; a guest chooses its screen's size */

/* A PNG of what QEMU gives: a PNG already, or a binary PPM of 3 bytes for each pixel (netpbm's
 * ppm(5)). Host.QEMU if it is neither. */
GBytes *picture_to_png(GBytes *picture, GError **error);

#endif
