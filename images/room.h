/* Room for the appliance. Its disks are overlays that grow in HOME as it writes, and on a full disk
 * its QEMU waits for room without end: so there must be some before it starts, and some left while
 * it writes. */
#ifndef IMAGES_ROOM_H
#define IMAGES_ROOM_H

#include <glib.h>

#define ROOM_TO_LOOK (G_GUINT64_CONSTANT(16) << 20)    /* bytes: to look into a disk */
#define ROOM_TO_CHANGE (G_GUINT64_CONSTANT(256) << 20) /* to begin to change one */
#define ROOM_RESERVE (G_GUINT64_CONSTANT(32) << 20)    /* left, or the change is given up */

/* FALSE with Host.Disk if fewer than LEAST bytes are free where the folder PATH is. */
gboolean room_check(const char *path, guint64 least, GError **error);

/* For tests: what is free at a path is what BYTES says from now on; NULL: what there is. */
void room_pretend(guint64 (*bytes)(const char *path));

#endif
