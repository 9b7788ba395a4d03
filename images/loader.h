/* What a boot loader will do, by its own configuration files. */
#ifndef IMAGES_LOADER_H
#define IMAGES_LOADER_H

#include "images/facts.h"
#include "images/menu_lst.h"

typedef enum { LOADER_MENU_LST, LOADER_GRUB_CFG, LOADER_EXTLINUX, LOADER_KINDS } loader_kind;

/* A place where a boot loader's configuration may be. */
typedef struct {
    loader_kind kind;
    gboolean pv_grub; /* PV-GRUB looks here as well */
    const char *path; /* in its file system, which may be the root's or one for /boot by itself */
} loader_place;

/* All of them, in the order of looking; *COUNT: how many. Owned by the library. */
const loader_place *loader_places(gsize *count);

/* Facts about the configuration at PATH of PARTITION (0: the whole disk): TEXT is its content,
 * LENGTH bytes. SAVED: see grub_cfg_default(); may be NULL. The caller owns the result, which
 * becomes part of image_facts. */
loader_facts *loader_facts_read(loader_kind kind, const char *path, guint partition,
                                const char *text, gsize length, const char *saved);

/* What a menu.lst as a whole says: its timeout, and, in addition to what is known, commands that
 * the loader doesn't know; and what ENTRY of it does. A root that the entry doesn't name stays as
 * it is. */
void loader_facts_take_menu(loader_facts *self, const menu_lst *menu);
void loader_facts_take_entry(loader_facts *self, const menu_entry *entry);

/* saved_entry in GRUB's environment block; NULL if it isn't there or is empty. The caller frees. */
char *loader_saved_entry(const char *text, gsize length);

/* Which of FOUND (by kind; NULL: there is none) counts, as the boot code in sector 0 tells, which
 * may be NULL. Returns NULL if there are none. */
loader_facts *loader_choose(loader_facts *const found[LOADER_KINDS], const char *boot_code,
                            partition_scheme scheme);

#endif
