/* VMware's sparse extents: one file that holds the whole disk (monolithicSparse,
 * streamOptimized). Source: VMware's "Virtual Disk Format 5.0". */
#ifndef IMAGES_VMDK_H
#define IMAGES_VMDK_H

#include "images/extent.h"

/* TRUE if the image stands by itself (no parent, no other extents) and all its tables and grains
 * lie within. *VIRTUAL_SIZE: bytes. Errors: InvalidFormat, without the file's name. */
gboolean vmdk_check(const extent *file, guint64 *virtual_size, GError **error);

#endif
