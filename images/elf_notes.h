/* The notes by which a kernel tells Xen how it can be started. Sources: the ELF specification; Xen,
 * xen/include/public/elfnote.h. */
#ifndef IMAGES_ELF_NOTES_H
#define IMAGES_ELF_NOTES_H

#include <glib.h>

typedef struct {
    guint bits;     /* of the ELF: 32 or 64 */
    gboolean pv;    /* it has a paravirtual entry */
    gboolean pvh;   /* it has a PVH entry */
    gboolean guest; /* a section or note of old says that it is made for Xen */
} elf_notes;

/* Reads a kernel's ELF of x86, unpacked; DATA may be cut off. FALSE, with *self all zero, if it is
 * no such ELF, or its tables or notes lie outside of what is there: then nothing is known of it.
 * Takes time in proportion to LENGTH. */
gboolean elf_notes_read(const guint8 *data, gsize length, elf_notes *self);

#endif
