/* The master boot record: sector 0 of a disk, as a BIOS and an MS-DOS partition table know it.
 *
 *     0    boot code (440 bytes, disk signature, 2 bytes)
 *     446  four entries of 16 bytes: status, CHS, type, CHS, first sector, sectors
 *     510  55 AA
 */
#ifndef IMAGES_MBR_H
#define IMAGES_MBR_H

#include <glib.h>

#define MBR_ENTRIES 4
#define MBR_TYPE_PROTECTIVE                                                                        \
    0xee /* all of the disk belongs to a GPT (UEFI Specification, 5.2.3)                           \
          */

typedef enum {
    BOOT_CODE_NONE, /* all zero */
    BOOT_CODE_UNKNOWN,
    BOOT_CODE_GRUB2,
    BOOT_CODE_GRUB_LEGACY,
    BOOT_CODE_SYSLINUX, /* and extlinux */
    BOOT_CODE_LILO,
    BOOT_CODE_WINDOWS
} boot_code;

typedef struct {
    guint8 type; /* 0: the entry is empty */
    gboolean active;
    guint64 start; /* bytes */
    guint64 size;  /* bytes */
} mbr_entry;

typedef struct {
    gboolean signature; /* 55 AA; without it a BIOS boots nothing and the entries mean nothing */
    gboolean table;     /* the entries make sense, and one at least is in use */
    int active;         /* 1 to 4: the first active entry's number; 0 none */
    boot_code code;     /* in sector 0 */
    mbr_entry entries[MBR_ENTRIES];
} mbr;

/* Reads sector 0. FALSE, with *self all zero, if there are fewer than 512 bytes. The bytes are
 * not trusted: a partition may lie anywhere. */
gboolean mbr_parse(const guint8 *data, gsize length, mbr *self);

/* TRUE if the entry holds logical partitions (types 05, 0F, 85). */
gboolean mbr_entry_is_extended(const mbr_entry *entry);

/* Whose code lies in the sectors after sector 0, where boot loaders put what doesn't fit there.
 * DATA is the disk's beginning, sector 0 included; only the sectors before the first partition, at
 * most 62, are looked at. Unknown if sector 0 is GRUB's and says that the rest isn't there but in
 * a file. */
boot_code mbr_code_after(const mbr *self, const guint8 *data, gsize length);

/* Whose code the SIZE bytes at DATA are, which are not sector 0: the sectors after it, or a BIOS
 * boot partition of a GPT. */
boot_code boot_code_of_core(const guint8 *data, gsize size);

/* "GRUB 2", "GRUB Legacy", "syslinux", "LILO", "Windows", "unknown"; NULL for none. */
const char *boot_code_owner(boot_code code);

#endif
