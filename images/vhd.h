/* Virtual PC's disks, fixed and dynamic. Source: Microsoft's "Virtual Hard Disk Image Format
 * Specification". QEMU calls the format vpc. */
#ifndef IMAGES_VHD_H
#define IMAGES_VHD_H

#include "images/extent.h"

/* TRUE if a VHD footer, right or wrong, is at the end of FILE, or its copy at the beginning. */
gboolean vhd_recognise(const extent *file);

/* TRUE if the disk stands by itself (no differencing disk) and all its blocks lie within.
 * *VIRTUAL_SIZE: bytes. Errors: InvalidFormat, without the file's name. */
gboolean vhd_check(const extent *file, guint64 *virtual_size, GError **error);

#endif
