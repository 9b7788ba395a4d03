/* GRUB Legacy's configuration, /boot/grub/menu.lst or grub.conf, which PV-GRUB reads as well.
 * Source: the GNU GRUB Legacy manual; line reading and the choice of the entry as in
 * stage2/stage2.c and stage2/cmdline.c. */
#ifndef IMAGES_MENU_LST_H
#define IMAGES_MENU_LST_H

#include <glib.h>

#define MENU_LST_SIZE_MAX (1 << 20) /* bytes; what goes beyond isn't read */
#define MENU_LST_LINE_MAX 4096      /* bytes of a line; GRUB's own limit is lower */
#define MENU_LST_ENTRIES_MAX 256
#define MENU_LST_MODULES_MAX 16
#define MENU_LST_UNKNOWN_MAX 32
#define MENU_LST_FALLBACKS_MAX 8 /* GRUB's own */

/* Strings are valid UTF-8; NULL: the line isn't there. Of a line that is there twice in an entry
 * the last one counts, as it does for GRUB. */
typedef struct {
    int number; /* from 0 on */
    char *title;
    char *root;         /* of root or rootnoverify, as written: "(hd0,0)" */
    char *uuid;         /* of the file system that is the root, Debian's way to say it */
    char *kernel;       /* the path, with a device in front if there is one */
    char *arguments;    /* of the kernel; "" if it has none */
    char *initrd;       /* the path */
    char *chain;        /* the last chainloader or configfile line: "chainloader +1" */
    GPtrArray *modules; /* of char *: each module line's text */
} menu_entry;

typedef struct {
    int default_entry;      /* from 0 on; 0 if not given */
    gboolean default_given; /* there is a default line with a number */
    gboolean default_saved; /* "default saved": what GRUB noted elsewhere, else entry 0 */
    int fallbacks[MENU_LST_FALLBACKS_MAX]; /* from 0 on, in their order */
    guint fallback_count;
    int timeout;        /* seconds; -1 if not given: the menu waits for a key for ever */
    char *configfile;   /* a configfile line before all entries: its path; NULL: none */
    GPtrArray *entries; /* of menu_entry * */
    GPtrArray *unknown; /* of char *: names of commands that are not GRUB's, each once */
} menu_lst;

/* Reads the text, which may be cut off or no such file at all: there are no errors, only lines that
 * aren't understood. Takes time in proportion to LENGTH. The caller frees it. */
menu_lst *menu_lst_parse(const char *text, gsize length);

/* Whether the entry's files are there, as far as one can know: GRUB goes on to the fallback
 * where they aren't. */
typedef gboolean (*menu_entry_works)(const menu_entry *entry, gpointer data);

/* The entry that boots unless somebody chooses another: the default, or the first fallback that
 * works; where none does, the default all the same, or what GRUB takes in its place. One with
 * neither kernel nor chain never works. NULL if there are no entries. WORKS may be NULL: then
 * all files are there. *WAY, if WAY isn't NULL, gets the reason, "fallback 2 (default 7 isn't
 * there)", which the caller frees. Owned by SELF. */
const menu_entry *menu_lst_choose(const menu_lst *self, menu_entry_works works, gpointer data,
                                  char **way);

/* Splits a path as menus name it: "(hd0,1)/vmlinuz" is *PARTITION 2 and "/vmlinuz", "(hd0)/x" is
 * *PARTITION 0; without a device *PARTITION stays as it is. Returns where the path begins in TEXT,
 * NULL if the device is none of the first disk's. */
const char *menu_lst_path(const char *text, guint *partition);

void menu_lst_free(menu_lst *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(menu_lst, menu_lst_free)

#endif
