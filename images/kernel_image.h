/* A kernel's file as boot loaders read it: a bzImage with its setup header, a plain ELF, or one
 * that is compressed as a whole, as old Xen kernels are. Source: Linux,
 * Documentation/x86/boot.rst. */
#ifndef IMAGES_KERNEL_IMAGE_H
#define IMAGES_KERNEL_IMAGE_H

#include <glib.h>

/* Bytes of the file's beginning that hold the setup header and the version: 64 sectors of setup
 * at most, and sector 0. */
#define KERNEL_HEAD_SIZE (66 * 512)

typedef struct {
    gboolean bzimage; /* else an ELF or a compressed one */
    guint protocol;   /* of the setup header: 0x020f is 2.15; 0 for no bzImage */
    char *version;    /* "6.1.0-56-amd64", valid UTF-8; NULL: it doesn't say */
    guint bits;       /* 32 or 64; 0: the header doesn't say */
    gboolean relocatable;
    guint64 payload;        /* where the kernel itself begins, bytes from the file's start */
    guint64 payload_length; /* bytes; 0: up to the file's end */
    gboolean
        payload_known; /* FALSE: a header too old to say; it begins somewhere from PAYLOAD on */
} kernel_image;

/* Reads the first LENGTH bytes of a kernel's file of SIZE bytes. FALSE, with *self all zero, if it
 * is no kernel. What is found never lies outside the file. */
gboolean kernel_image_parse(const guint8 *data, gsize length, guint64 size, kernel_image *self);

/* Where in DATA, which begins at the payload, a compressed stream begins, for headers that don't
 * say: gzip is what kernels of that time were. LENGTH if none does. */
gsize kernel_image_find_gzip(const guint8 *data, gsize length);

void kernel_image_clear(kernel_image *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kernel_image, kernel_image_clear)

#endif
