/* Kernel images (AKI), which EC2 starts paravirtual guests by. All are PV-GRUB.
 * Source: Amazon EC2 User Guide, "Enable your own Linux kernels". */
#ifndef CONF_KERNEL_IMAGES_H
#define CONF_KERNEL_IMAGES_H

#include "conf/settings.h"

/* Plain facts, owned by the kernel_images they come from. */
typedef struct {
    char *id; /* "aki-5c21674b" */
    char *region;
    char *name;           /* "pv-grub-hd0_1.05-x86_64.gz", which says the following three */
    gboolean partitioned; /* hd00: it reads the disk's partitions; else hd0, the disk itself */
    char *version;        /* "1.05" */
    char *architecture;   /* "i386", "x86_64": of the kernels that it can start */
    gboolean one_place;   /* it looks for menu.lst at the first place only */
} kernel_image;

typedef struct kernel_images kernel_images;

/* Reads a file of kernel images (conf/kernel-images.conf explains the form). NULL with
 * ERROR_CONFIG, "FILE:LINE: ...", if anything in it isn't right. The caller frees the result. */
kernel_images *kernel_images_load(const char *path, GError **error);

/* SELF may be NULL. */
void kernel_images_free(kernel_images *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kernel_images, kernel_images_free)

/* The one called ID, of whatever region; NULL if there is none. */
const kernel_image *kernel_images_get(const kernel_images *self, const char *id);

/* The newest of REGION for kernels of ARCHITECTURE that looks in the disk's partitions
 * (PARTITIONED) or in the disk itself; NULL if there is none. */
const kernel_image *kernel_images_newest(const kernel_images *self, const char *region,
                                         const char *architecture, gboolean partitioned);

/* The one of REGION that has the same name as OTHER, else the newest that does the same; NULL if
 * there is none. */
const kernel_image *kernel_images_like(const kernel_images *self, const char *region,
                                       const kernel_image *other);

/* How many there are, and the one at INDEX, in the file's order. */
guint kernel_images_count(const kernel_images *self);
const kernel_image *kernel_images_at(const kernel_images *self, guint index);

/* The file to load: what the settings say, else the one that comes along. The caller frees it. */
char *kernel_images_path(const settings *chosen);

#endif
