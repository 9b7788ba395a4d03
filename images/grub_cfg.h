/* GRUB 2's configuration, grub.cfg: a shell-like language, of which only so much is followed as the
 * files need that grub-mkconfig writes. Source: the GNU GRUB manual, "Shell-like scripting";
 * util/grub-mkconfig.in and util/grub.d/. */
#ifndef IMAGES_GRUB_CFG_H
#define IMAGES_GRUB_CFG_H

#include <glib.h>

#define GRUB_CFG_SIZE_MAX (1 << 20) /* bytes; what goes beyond isn't read */
#define GRUB_CFG_DEPTH_MAX 8        /* of blocks within blocks */

/* Strings are valid UTF-8. */
typedef struct {
    char *title;        /* with those of the submenus before it: "Advanced>Linux 6.1" */
    char *kernel;       /* the path */
    char *arguments;    /* of the kernel; "" if it has none. Variables stay as written */
    GPtrArray *initrds; /* of char *: paths */
} grub_entry;

/* The entry that boots unless somebody chooses another: by number, title or id, as the last
 * "set default" with a literal value says, else the first, as GRUB does. SAVED, which may be NULL,
 * is saved_entry of /boot/grub/grubenv, and counts where the default is the saved one.
 *
 * NULL if that isn't understood: no entry, no kernel in it, or a menu that is made while booting
 * (blscfg). Takes time in proportion to LENGTH. The caller frees it. */
grub_entry *grub_cfg_default(const char *text, gsize length, const char *saved);

void grub_entry_free(grub_entry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(grub_entry, grub_entry_free)

#endif
