/* A disk byte for byte, which nothing in it says: only what is on the disk can tell that it is one.
 * Sources: mbr.h, gpt.h; Linux's fs/ext4/ext4.h, fs/xfs/libxfs/xfs_format.h,
 * include/uapi/linux/btrfs_tree.h. */
#ifndef IMAGES_RAW_H
#define IMAGES_RAW_H

#include "images/extent.h"

/* TRUE if FILE can be taken for a raw disk: its size is in sectors, and there is a partition table
 * or the superblock of an ext2/3/4, XFS or btrfs. With STATED that isn't asked, somebody else
 * knows.
 *
 * Whatever a partition table or a superblock takes for the disk's must be there in both cases: if
 * not, FILE is truncated. Errors: InvalidFormat, without the file's name. */
gboolean raw_check(const extent *file, gboolean stated, GError **error);

#endif
