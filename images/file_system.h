/* File systems on disks that instances find with one. */
#ifndef IMAGES_FILE_SYSTEM_H
#define IMAGES_FILE_SYSTEM_H

#include <glib.h>

/* The path of mke2fs, which ordinary users' PATH may not have; NULL: none. The caller frees it. */
char *file_system_program(void);

/* Makes an ext3 file system on the blank disk at PATH, in less than a second for any size; the file
 * stays sparse. Host.Incomplete with what to install if mke2fs isn't there. */
gboolean file_system_make(const char *path, GError **error);

#endif
