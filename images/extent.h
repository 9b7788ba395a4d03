/* A run of bytes in an open file, which is all that the reader of a disk format may look at: the
 * whole file, or one member of an archive. */
#ifndef IMAGES_EXTENT_H
#define IMAGES_EXTENT_H

#include "common/error.h"

/* The largest disk that is taken for one, whatever its format, in bytes (64 TiB). */
#define DISK_SIZE_MAX (G_GUINT64_CONSTANT(64) << 40)

/* More entries than a disk's table has: a file with holes could have any number of them, which all
 * would have to be in memory. QEMU takes no more of a vmdk's, either. */
#define TABLE_ENTRIES_MAX (32 << 20)

typedef struct {
    int fd;         /* borrowed */
    guint64 start;  /* in the file, bytes */
    guint64 length; /* bytes */
} extent;

/* TRUE if SIZE bytes from AT on lie within. Never overflows. */
static inline gboolean
extent_holds(const extent *self, guint64 at, guint64 size)
{
    return at <= self->length && size <= self->length - at;
}

/* As extent_holds(); if not, the error (InvalidFormat) says that WHAT is cut off and by how much.
 */
gboolean extent_need(const extent *self, guint64 at, guint64 size, const char *what,
                     GError **error);

/* For the pieces of a disk, none of which another one shares: counts SIZE bytes more in *SPENT,
 * which begins at 0. If all together are more than there is (a small file that would be endless
 * work), the error (InvalidFormat) says that they overlap. */
gboolean extent_spend(const extent *self, guint64 *spent, guint64 size, GError **error);

/* Reads exactly SIZE bytes from AT on. Errors: as extent_need(), or what the system said. */
gboolean extent_read(const extent *self, guint64 at, void *buffer, gsize size, const char *what,
                     GError **error);

/* Reads at most SIZE bytes from the beginning. Returns how many there were, -1 on error. */
gssize extent_read_head(const extent *self, void *buffer, gsize size, GError **error);

#endif
