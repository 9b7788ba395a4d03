/* A tar with one member, a disk image, as bundles have it: written and read without ever trusting
 * what a header says. GNU tar's old sparse form ('S'), which EC2's own tools wrote, is known both
 * ways. Source: GNU tar's manual, "Basic Tar Format". */
#ifndef IMAGES_TAR_H
#define IMAGES_TAR_H

#include "common/error.h"

#define TAR_BLOCK 512
#define TAR_MOST_SEGMENTS (4 * 1024 * 1024)

/* A run of bytes of the image that is in the archive; what isn't is zeros. */
typedef struct {
    guint64 start;
    guint64 size;
} tar_segment;

/* The header of a member NAME of SIZE bytes of which SEGMENTS (tar_segment, in order) are in the
 * archive. */
GByteArray *tar_header(const char *name, guint64 size, gint64 modified, const GArray *segments);

/* How many zeros follow the member's STORED bytes: to a whole block, and the archive's end. */
gsize tar_trailer(guint64 header, guint64 stored);

/* Takes an archive bit by bit, in order, and writes its member to the open file FD, which is empty;
 * zeros are left out of it. */
typedef struct tar_reader tar_reader;

/* EXPECTED is the member's size: no other is taken, and no more is ever written. */
tar_reader *tar_reader_new(int fd, guint64 expected);
void tar_reader_free(tar_reader *self);

/* InvalidManifest for anything but one plain file of the expected size; Host.Disk. */
gboolean tar_reader_take(tar_reader *self, const guint8 *bytes, gsize length, GError **error);

/* After the last byte. Gives the file its size. */
gboolean tar_reader_finish(tar_reader *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(tar_reader, tar_reader_free)

#endif
