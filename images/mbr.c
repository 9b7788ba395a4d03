#include "images/mbr.h"

#include "images/bytes.h"

#define CODE_SIZE 440
#define TABLE_OFFSET 446
#define ENTRY_SIZE 16
#define TRACK_SECTORS 63

static gboolean
all_zero(const guint8 *data, gsize length)
{
    return length == 0 || (data[0] == 0 && memcmp(data, data + 1, length - 1) == 0);
}

/* Both GRUBs keep the same messages in sector 0. GRUB Legacy's stage 1 has its compatibility
 * version, 3.2, at 3E (stage1/stage1.h); there GRUB 2 has zeros or a BIOS parameter block, and its
 * first jump is longer. */
static boot_code
which_grub(const guint8 *sector)
{
    static const char legacy_version[] = {3, 2};

    return sector[1] == 0x48 && bytes_stand_at(sector, SECTOR_SIZE, 0x3e, legacy_version, 2)
               ? BOOT_CODE_GRUB_LEGACY
               : BOOT_CODE_GRUB2;
}

static boot_code
code_of(const guint8 *sector)
{
    if (all_zero(sector, CODE_SIZE))
        return BOOT_CODE_NONE;
    if (bytes_hold(sector, SECTOR_SIZE, "GRUB "))
        return which_grub(sector);
    if (bytes_stand_at(sector, SECTOR_SIZE, 2, "LILO", 4) ||
        bytes_stand_at(sector, SECTOR_SIZE, 6, "LILO", 4))
        return BOOT_CODE_LILO;
    /* mbr.bin, gptmbr.bin, and the boot sector of a file system */
    if (bytes_hold(sector, SECTOR_SIZE, "Multiple active partitions") ||
        bytes_stand_at(sector, SECTOR_SIZE, 3, "SYSLINUX", 8) ||
        bytes_stand_at(sector, SECTOR_SIZE, 3, "EXTLINUX", 8))
        return BOOT_CODE_SYSLINUX;
    if (bytes_hold(sector, SECTOR_SIZE, "Error loading operating system") ||
        bytes_hold(sector, SECTOR_SIZE, "BOOTMGR"))
        return BOOT_CODE_WINDOWS;
    return BOOT_CODE_UNKNOWN;
}

static void
read_entry(const guint8 *at, mbr_entry *entry)
{
    entry->active = at[0] == 0x80;
    entry->type = at[4];
    entry->start = (guint64)le32(at + 8) * SECTOR_SIZE;
    entry->size = (guint64)le32(at + 12) * SECTOR_SIZE;
}

/* The boot sector of a FAT or NTFS file system also ends in 55 AA; what stands in place of the
 * entries there is code or text, and some status byte gives it away. */
static gboolean
makes_sense(const guint8 *table)
{
    gboolean used = FALSE;

    for (int i = 0; i < MBR_ENTRIES; i++) {
        const guint8 *at = table + i * ENTRY_SIZE;
        if ((at[0] & 0x7f) != 0)
            return FALSE;
        used |= at[4] != 0 && le32(at + 12) != 0;
    }
    return used;
}

gboolean
mbr_parse(const guint8 *data, gsize length, mbr *self)
{
    *self = (mbr){0};
    if (length < SECTOR_SIZE)
        return FALSE;
    self->signature = data[510] == 0x55 && data[511] == 0xaa;
    self->code = code_of(data);
    self->table = self->signature && makes_sense(data + TABLE_OFFSET);
    if (!self->table)
        return TRUE;
    for (int i = MBR_ENTRIES - 1; i >= 0; i--) {
        read_entry(data + TABLE_OFFSET + i * ENTRY_SIZE, &self->entries[i]);
        if (self->entries[i].active)
            self->active = i + 1;
    }
    return TRUE;
}

gboolean
mbr_entry_is_extended(const mbr_entry *entry)
{
    return entry->type == 0x05 || entry->type == 0x0f || entry->type == 0x85;
}

boot_code
boot_code_of_core(const guint8 *data, gsize size)
{
    /* A GPT's header and entries are no code. */
    if (all_zero(data, size) || bytes_stand_at(data, size, 0, "EFI PART", 8))
        return BOOT_CODE_NONE;
    if (bytes_hold(data, size, "Loading stage1.5") || bytes_hold(data, size, "/grub/stage2"))
        return BOOT_CODE_GRUB_LEGACY;
    if (bytes_hold(data, MIN(size, SECTOR_SIZE), "loading") && bytes_hold(data, size, "Geom"))
        return BOOT_CODE_GRUB2;
    return BOOT_CODE_UNKNOWN;
}

/* The sector that GRUB's first one loads: 1 if the rest was put behind it, else one of a file.
 * Sources: GRUB Legacy, stage1/stage1.h; GRUB 2, include/grub/i386/pc/boot.h. */
static gboolean
goes_on_elsewhere(boot_code code, const guint8 *sector)
{
    return (code == BOOT_CODE_GRUB_LEGACY && le32(sector + 0x44) > 1) ||
           (code == BOOT_CODE_GRUB2 && le64(sector + 0x5c) > 1);
}

boot_code
mbr_code_after(const mbr *self, const guint8 *data, gsize length)
{
    guint64 end = MIN(length, TRACK_SECTORS * SECTOR_SIZE);
    gsize size;

    for (int i = 0; i < MBR_ENTRIES; i++)
        if (self->entries[i].type != 0 && self->entries[i].type != MBR_TYPE_PROTECTIVE)
            end = MIN(end, self->entries[i].start);
    if (length >= SECTOR_SIZE && goes_on_elsewhere(self->code, data))
        return BOOT_CODE_UNKNOWN;
    if (end <= SECTOR_SIZE)
        return BOOT_CODE_NONE;
    data += SECTOR_SIZE;
    size = (gsize)end - SECTOR_SIZE;
    return boot_code_of_core(data, size);
}

const char *
boot_code_owner(boot_code code)
{
    static const char *const owners[] = {
        [BOOT_CODE_NONE] = NULL,           [BOOT_CODE_UNKNOWN] = "unknown",
        [BOOT_CODE_GRUB2] = "GRUB 2",      [BOOT_CODE_GRUB_LEGACY] = "GRUB Legacy",
        [BOOT_CODE_SYSLINUX] = "syslinux", [BOOT_CODE_LILO] = "LILO",
        [BOOT_CODE_WINDOWS] = "Windows",
    };

    return owners[code];
}
