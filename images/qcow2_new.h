/* New disks as qcow2 files, without data of their own. QEMU's qemu-img makes them, too; to start it
 * takes longer than all else that a launch does by itself. */
#ifndef IMAGES_QCOW2_NEW_H
#define IMAGES_QCOW2_NEW_H

#include <glib.h>

/* Makes a disk of SIZE bytes at PATH, in place of a file that is there. What it doesn't have it
 * takes from BACKING (NULL: none), the name of another qcow2 as seen from PATH, which isn't looked
 * at: it may not be there yet. LUKS (NULL: none) is the header of a container, as luks.h makes it,
 * in which its data will be. The file isn't durable yet. */
gboolean qcow2_make(const char *path, guint64 size, const char *backing, const GByteArray *luks,
                    GError **error);

#endif
