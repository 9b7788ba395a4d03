/* Hyper-V's disks. Source: Microsoft's [MS-VHDX]. A log that still has to be replayed is left to
 * QEMU, which refuses to read such a disk. */
#ifndef IMAGES_VHDX_H
#define IMAGES_VHDX_H

#include "images/extent.h"

/* TRUE if the disk has no parent and all its blocks lie within.
 * *VIRTUAL_SIZE: bytes. Errors: InvalidFormat, without the file's name. */
gboolean vhdx_check(const extent *file, guint64 *virtual_size, GError **error);

#endif
