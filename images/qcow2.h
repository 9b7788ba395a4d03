/* QEMU's qcow2, versions 2 and 3. Source: QEMU's docs/interop/qcow2.txt. */
#ifndef IMAGES_QCOW2_H
#define IMAGES_QCOW2_H

#include "images/extent.h"

/* TRUE if the image stands by itself (no backing file, no external data file, no encryption), uses
 * only features that are known, and is whole: all tables and all clusters of the disk lie within.
 * QEMU itself reads clusters beyond the file's end as zeros, so that a truncated image would become
 * a disk with holes in it. Reads no more than the tables, each once.
 *
 * Internal snapshots are left alone: only the disk's current content is looked at.
 * *VIRTUAL_SIZE: the disk's size in bytes. Errors: InvalidFormat, without the file's name. */
gboolean qcow2_check(const extent *file, guint64 *virtual_size, GError **error);

#endif
