/* The names in a cpio archive of the "new ASCII" kind, as an initramfs is, read as it comes.
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst. */
#ifndef IMAGES_CPIO_LIST_H
#define IMAGES_CPIO_LIST_H

#include <glib.h>

#define CPIO_NAME_MAX 4096

typedef struct cpio_list cpio_list;

/* Told of each name, in the archive's order; it ends with a zero and may hold any other byte. */
typedef void (*cpio_name)(const char *name, gpointer data);

cpio_list *cpio_list_new(cpio_name name, gpointer data);

/* Reads the next LENGTH bytes, and returns how many of them belong to the archive: fewer than
 * LENGTH at its end, or where it is damaged. What follows then may be another archive, plain or
 * compressed, after zeros. */
gsize cpio_list_feed(cpio_list *self, const guint8 *data, gsize length);

/* It has ended, well or not. */
gboolean cpio_list_ended(const cpio_list *self);

/* All up to now was as in an archive. */
gboolean cpio_list_sound(const cpio_list *self);

void cpio_list_free(cpio_list *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(cpio_list, cpio_list_free)

#endif
