/* Encrypted disks: LUKS inside qcow2. */
#ifndef IMAGES_ENCRYPTED_H
#define IMAGES_ENCRYPTED_H

#include <glib.h>

/* Makes a qcow2 of SIZE bytes at PATH, in place of one that is there, whose data will be encrypted
 * so that PASSPHRASE opens it. It has no data yet; what it doesn't have it takes from BACKING, the
 * name of another qcow2 as seen from PATH (NULL: none). */
gboolean encrypted_file_make(const char *path, guint64 size, const char *backing,
                             const char *passphrase, GError **error);

#endif
