/* Files and folders that must not be lost or left behind. New files are for their owner only. */
#ifndef COMMON_FILES_H
#define COMMON_FILES_H

#include <glib.h>

/* Makes PATH with MODE, and its missing parents with 0755. An existing folder is left as it is. */
gboolean folder_make(const char *path, int mode, GError **error);

/* A new file of SIZE bytes without content (sparse), mode 0600. Fails if PATH is there. */
gboolean file_make_sparse(const char *path, guint64 size, GError **error);

/* Removes a file, durably. One that isn't there is fine. */
gboolean file_remove(const char *path, GError **error);

/* Gives the file PATH another name, in the same file system. Fails if there is a file of that name.
 */
gboolean file_link(const char *path, const char *name, GError **error);

/* Gives PATH's name to the file BY, which keeps its own: whoever looks finds the one file or the
 * other. The same file already is fine. */
gboolean file_replace(const char *path, const char *by, GError **error);

/* TRUE if both are there and are one file. */
gboolean file_is_same(const char *path, const char *other);

/* Removes a folder and all in it, durably; symbolic links are removed, never followed. One that
 * isn't there is fine. */
gboolean folder_remove(const char *path, GError **error);

/* Makes the file or folder at PATH durable (fsync). */
gboolean file_sync(const char *path, GError **error);

/* The last LIMIT bytes of a file, without a first line that was cut in the middle; a blank stands
 * for each NUL. NULL if the file isn't there or can't be read. The caller frees it. */
char *file_tail(const char *path, gsize limit);

/* The kernel's id of the current boot; "" if it has none. Owned by the library. */
const char *host_boot_id(void);

#endif
