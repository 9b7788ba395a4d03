/* Volumes as files. */
#ifndef IMAGES_VOLUME_H
#define IMAGES_VOLUME_H

#include "store/volume.h"

/* Makes the file of a volume: an overlay of its size over its BACKING, or an empty one, in constant
 * time, encrypted if it has a SECRET, which is made if it isn't there. A file that is there already
 * is replaced. */
gboolean volume_file_make(const char *home, const volume *what, GError **error);

/* The same at PATH, in the same folder: for the file in which WHAT is to go on. BACKING needn't be
 * there yet. */
gboolean volume_file_make_at(const char *home, const volume *what, const char *path,
                             GError **error);

gboolean volume_file_exists(const char *home, const char *id);

/* The size in bytes that a guest sees, as the file itself says; it may be in use. */
gboolean volume_file_size(const char *home, const char *id, guint64 *size, GError **error);

/* Makes the file of a volume that no guest runs on SIZE_GIB large; what is new reads as zeros. */
gboolean volume_file_grow(const char *home, const volume *what, gint64 size_gib, GError **error);

/* Removes the other names that the file got with its snapshots (home_volume_path_since()): its
 * guest is off, and nobody knows it by them. */
gboolean volume_file_unlink_extras(const char *home, const char *id, GError **error);

/* The same while its guest runs, which knows it by the name that it got with the snapshot KEEP. */
gboolean volume_file_unlink_extras_but(const char *home, const char *id, const char *keep,
                                       GError **error);

/* Removes the file under all its names; one that isn't there is fine. */
gboolean volume_file_remove(const char *home, const char *id, GError **error);

#endif
