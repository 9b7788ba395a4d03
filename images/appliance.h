/* libguestfs' appliance: a small virtual machine in which an image's file systems are mounted,
 * never by the host. What it says and shows was written by whoever made the image.
 *
 * Only this module and those that look into images by its handle (inspect*, inspection.h,
 * check_look.h) include guestfs.h.
 */
#ifndef IMAGES_APPLIANCE_H
#define IMAGES_APPLIANCE_H

#include "common/progress.h"

typedef struct appliance appliance;

/* How the appliance is run. */
typedef struct {
    const char *scratch; /* a folder of the caller's, who removes it with all that is left in it */
    gboolean force_tcg;  /* without KVM, where that only pretends to work */
    progress *listener;  /* may be NULL */
} appliance_place;

/* Starts it with DISKS (a NULL-terminated list of qcow2 files), which are opened read-only: the
 * first is APPLIANCE_DISK to libguestfs when it is told, the others follow. NULL with
 * Host.Inspection, and what to do about it, or Host.Disk if there is too little room in the scratch
 * folder.
 *
 * It ends with this process, even by SIGKILL, which leaves its files behind: those in the scratch
 * folder are the caller's to remove; a folder for sockets, empty of data, may stay in /tmp. The
 * appliance itself is cached in /var/tmp, or where LIBGUESTFS_CACHEDIR says. */
#define APPLIANCE_DISK "/dev/sda"
appliance *appliance_start(const char *const *disks, const appliance_place *place, GError **error);

/* Ends it; Host.Inspection if it died before, or was busy with one call of libguestfs' for so long
 * that it was killed. */
gboolean appliance_stop(appliance *self, GError **error);

/* Ends it, if it wasn't, and frees. NULL is fine. */
void appliance_free(appliance *self);

/* libguestfs' own handle, for guestfs_*(). Owned by SELF. */
struct guestfs_h *appliance_handle(appliance *self);

/* libguestfs' last error, its first line: the rest is advice to those who use it directly. Good
 * until the next call. */
const char *appliance_error(appliance *self);

/* Takes over a string of libguestfs' as valid UTF-8; NULL for what it doesn't know. The caller
 * frees it with g_free(). */
char *appliance_take(char *text);

/* Frees a list of strings of libguestfs'. NULL is fine. */
void appliance_free_strings(char **strings);

/* At most MOST bytes of a plain file, or of what a link leads to inside of the image, and how many;
 * NULL if there is none. Never waits for a pipe or a device. The caller frees it with free(). */
char *appliance_read(appliance *self, const char *path, gsize most, gsize *length);

/* The version of the operating system on ROOT, as "12.0"; NULL if none is known. */
char *appliance_version(appliance *self, const char *root);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(appliance, appliance_free)

#endif
