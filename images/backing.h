/* What a qcow2 file says that it stands on. The records say it too, and libvirt is told by them:
 * where the two differ (an older amilaunch.db was put back), a guest would read other data than it
 * wrote. */
#ifndef IMAGES_BACKING_H
#define IMAGES_BACKING_H

#include <glib.h>

/* TRUE if the header of the qcow2 file PATH names the file BACKING (by its last part; NULL: none)
 * as its backing file. FALSE with Host.Incomplete and what it names instead, or with Host.Disk. */
gboolean backing_matches(const char *path, const char *backing, GError **error);

/* The last part of what the qcow2 file PATH names as its backing file, "" for none; the caller
 * frees it. NULL with Host.Disk. */
char *backing_name(const char *path, GError **error);

#endif
