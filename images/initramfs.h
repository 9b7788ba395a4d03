/* An initramfs: cpio archives one behind the other, with zeros between them; the last one is
 * usually compressed, and after it nothing can be found. */
#ifndef IMAGES_INITRAMFS_H
#define IMAGES_INITRAMFS_H

#include "images/cpio_list.h"

#include "common/error.h"

typedef struct initramfs_list initramfs_list;

/* NAME is told of each file in it. */
initramfs_list *initramfs_list_new(cpio_name name, gpointer data);

/* Reads the next LENGTH bytes and returns how many of them are plain archives, and zeros between
 * them. Fewer than LENGTH: there follows what is compressed, or no archive. */
gsize initramfs_list_feed(initramfs_list *self, const guint8 *data, gsize length);

/* At least one archive was read, none was damaged, and the last one has ended. */
gboolean initramfs_list_whole(const initramfs_list *self);

void initramfs_list_free(initramfs_list *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(initramfs_list, initramfs_list_free)

/* The same for the file at PATH, what is compressed in it being unpacked (unpack.h), at most MOST
 * bytes of it. TRUE if it was read to its end; else Host.Inspection says why not. */
gboolean initramfs_read(const char *path, guint64 most, cpio_name name, gpointer data,
                        GError **error);

#endif
