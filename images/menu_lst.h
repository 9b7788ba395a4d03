/* GRUB Legacy's configuration, /boot/grub/menu.lst or grub.conf, which PV-GRUB reads as well.
 * Source: the GNU GRUB Legacy manual; line reading as in stage2/stage2.c and stage2/cmdline.c. */
#ifndef IMAGES_MENU_LST_H
#define IMAGES_MENU_LST_H

#include <glib.h>

#define MENU_LST_SIZE_MAX (1 << 20) /* bytes; what goes beyond isn't read */
#define MENU_LST_ENTRIES_MAX 256
#define MENU_LST_UNKNOWN_MAX 32

/* Strings are valid UTF-8; NULL: the line isn't there. Of a line that is there twice in an entry
 * the last one counts, as it does for GRUB. */
typedef struct {
    char *title;
    char *root;         /* as written: "(hd0,0)" */
    char *kernel;       /* the path, with a device in front if there is one */
    char *arguments;    /* of the kernel; "" if it has none */
    char *initrd;       /* the path */
    GPtrArray *modules; /* of char *: each module line's text */
} menu_entry;

typedef struct {
    int default_entry;      /* from 0 on; 0 if not given */
    gboolean default_saved; /* "default saved": what GRUB noted elsewhere, else entry 0 */
    int fallback;           /* from 0 on; -1 if not given */
    int timeout;            /* seconds; -1 if not given */
    GPtrArray *entries;     /* of menu_entry * */
    GPtrArray *unknown;     /* of char *: names of commands that are not GRUB's, each once */
} menu_lst;

/* Reads the text, which may be cut off or no such file at all: there are no errors, only lines that
 * aren't understood. Takes time in proportion to LENGTH. The caller frees it. */
menu_lst *menu_lst_parse(const char *text, gsize length);

/* The entry that boots unless somebody chooses another: the default if it exists and has a kernel,
 * else the fallback, else NULL. Owned by SELF. */
const menu_entry *menu_lst_boots(const menu_lst *self);

void menu_lst_free(menu_lst *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(menu_lst, menu_lst_free)

#endif
