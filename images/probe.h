/* What a file is that somebody wants to import, found out without giving it to QEMU to guess: an
 * image can make QEMU read any file of the host's by naming it (as a backing file, say), and a raw
 * disk's guest can write any format's header to its first sector. */
#ifndef IMAGES_PROBE_H
#define IMAGES_PROBE_H

#include "common/error.h"

typedef struct {
    char *path;         /* as given */
    const char *format; /* the disk's, as QEMU names it: raw, qcow2, vmdk, vpc, vhdx */
    char *member;   /* the disk's name in the archive, foreign bytes; NULL if PATH is the disk */
    guint64 offset; /* of the disk in the file, bytes */
    guint64 length; /* of the disk in the file, bytes */
    guint64 virtual_size; /* of the disk as a guest sees it, bytes */
} disk_source;

/* Looks at PATH. FORMAT, which may be NULL, is what the person says that it is: raw, qcow2, vmdk,
 * vpc, vhd, vhdx or ova.
 *
 * NULL with InvalidParameterValue if PATH is no file with content or FORMAT is none of these;
 * InvalidFormat if its content is no whole, self-contained disk of a known format, or is not what
 * FORMAT says; Host.Permission or Host.Disk if it can't be read. The caller frees it. */
disk_source *disk_source_probe(const char *path, const char *format, GError **error);

/* START: a file's first LENGTH bytes, as far as 512. FALSE with InvalidFormat and what to do if it
 * is known well enough to be no disk: compressed, an archive, a web page. */
gboolean disk_source_check_start(const guint8 *start, gsize length, GError **error);

/* What qemu-img reads after --image-opts to open the disk with every driver stated, and nothing
 * probed. PATH may hold any bytes. The caller frees it. */
char *disk_source_image_opts(const disk_source *self);

/* ERROR is what qemu-img said when it failed to copy a disk whose file could be read to its end,
 * and it blames the host. If it was what it read, the disk is damaged: InvalidFormat. FALSE always.
 */
gboolean disk_source_blame(GError **error);

void disk_source_free(disk_source *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(disk_source, disk_source_free)

#endif
