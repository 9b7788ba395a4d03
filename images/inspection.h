/* An inspection under way, for the modules that look into a disk: inspect*.c. */
#ifndef IMAGES_INSPECTION_H
#define IMAGES_INSPECTION_H

#include "images/appliance.h"
#include "images/loader.h"

#include <guestfs.h>

#define INSPECT_FILE_MAX (1 << 20) /* bytes read of any file of text in the image */

/* A file system: one of the disk's or a partition's. */
typedef struct {
    char *name;      /* as libguestfs names it, "/dev/sda1" or "btrfsvol:/dev/sda1/@" */
    char *device;    /* that it is on */
    char *type;      /* as libguestfs names it, "ext4", "swap" */
    int number;      /* of the partition; 0: the whole disk; -1: another device (LVM, RAID) */
    gboolean broken; /* it couldn't be mounted, and a note says so */
} filesystem;

/* A menu.lst or grub.conf. */
typedef struct {
    const char *path; /* the library's own */
    guint partition;
    gboolean pv_grub; /* PV-GRUB looks here */
    char *text;
    gsize length;
} menu_file;

typedef struct {
    appliance *inside;
    guestfs_h *g; /* INSIDE's */
    progress *listener;
    const char *scratch;
    image_facts *facts;
    char *root;                /* as libguestfs names it; NULL: no operating system */
    GPtrArray *filesystems;    /* of filesystem* */
    gboolean plain;            /* each of these is a partition's, or the whole disk's */
    const filesystem *mounted; /* of these; NULL: none */
    GPtrArray *menus;          /* of menu_file* */
    loader_facts *loaders[LOADER_KINDS];
} inspection;

/* Adds a sentence about what couldn't be looked into. */
void inspection_note(inspection *self, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The number of the partition that DEVICE is; 0: the whole disk; -1: neither. */
int inspection_number_of(const char *device);

/* FALSE for swap, members of arrays and the like. */
gboolean inspection_has_files(const filesystem *at);

/* Mounts a file system alone, read-only, where it isn't already. FALSE if that can't be done, which
 * a note says. inspection_enter_partition(): the first with files on partition NUMBER (0: the whole
 * disk); FALSE if there is none. inspection_enter_root(): the operating system's. */
gboolean inspection_enter(inspection *self, filesystem *at);
gboolean inspection_enter_partition(inspection *self, guint number);
gboolean inspection_enter_root(inspection *self);
void inspection_leave(inspection *self);

/* Both of the file system that is mounted; a link counts as what it leads to inside of it. */
gboolean inspection_has_file(inspection *self, const char *path);
char *inspection_read(inspection *self, const char *path, gsize most, gsize *length);

/* Looks for an operating system, once the file systems are listed: what it is, and its root. */
void inspect_system(inspection *self);

/* The tables and the boot code, and what the disk's size is. */
gboolean inspect_disk(inspection *self, GError **error);
/* NULL if it isn't in the tables. */
partition_facts *inspect_find_partition(const image_facts *facts, int number);

/* Notes what kind of file system it is. One over the whole disk is partition 0. */
void inspect_describe(inspection *self, const filesystem *at);

/* Of the file system that is mounted. */
void inspect_loaders(inspection *self, const filesystem *at);
void inspect_efi(inspection *self, const filesystem *at);
/* What the menus that were found lead to, once all file systems are known. */
void inspect_menus(inspection *self);

/* Kernels of the file system that is mounted, by name; then, once all menus are known, what they
 * are. What is copied for a boot without a loader stays in the scratch folder. */
void inspect_list_kernels(inspection *self, const filesystem *at);
void inspect_kernels(inspection *self);

#endif
