/* Phony disks: just enough bytes of each kind for a test to begin with. */
#ifndef TESTS_UNIT_PHONY_H
#define TESTS_UNIT_PHONY_H

#include <glib.h>
#include <string.h>

static inline void
put_le(guint8 *at, guint64 value, int size)
{
    for (int i = 0; i < size; i++)
        at[i] = (guint8)(value >> 8 * i);
}

static inline void
put_be(guint8 *at, guint64 value, int size)
{
    for (int i = 0; i < size; i++)
        at[i] = (guint8)(value >> 8 * (size - 1 - i));
}

/* Makes primary partition NUMBER in sector 0 at DISK, and the signature; sectors of 512 bytes. */
static inline void
put_mbr_entry(guint8 *disk, int number, guint8 status, guint8 type, guint32 start, guint32 sectors)
{
    guint8 *at = disk + 446 + 16 * (number - 1);

    at[0] = status;
    at[4] = type;
    put_le(at + 8, start, 4);
    put_le(at + 12, sectors, 4);
    disk[510] = 0x55;
    disk[511] = 0xaa;
}

static inline guint32
phony_crc32(const guint8 *data, gsize length)
{
    guint32 crc = 0xffffffff;

    for (gsize i = 0; i < length * 8; i++)
        crc = crc >> 1 ^ (((crc ^ data[i / 8] >> i % 8) & 1) != 0 ? 0xedb88320 : 0);
    return ~crc;
}

/* The checksums of a GPT of 128 entries in sectors 2 to 33, to be called when it is complete. */
static inline void
put_gpt_checksums(guint8 *disk)
{
    put_le(disk + 512 + 88, phony_crc32(disk + 1024, 128 * 128), 4);
    put_le(disk + 512 + 16, 0, 4);
    put_le(disk + 512 + 16, phony_crc32(disk + 512, 92), 4);
}

/* A protective MBR and a GPT for a disk of 8 MiB, its first 34 sectors: a BIOS boot partition,
 * sectors 34 to 2047, and an EFI system partition, 2048 to 6143. The GUIDs of the types are as on
 * any disk, all other bytes as sfdisk of util-linux 2.38 wrote them. */
static inline void
put_gpt(guint8 *disk)
{
    guint8 *header = disk + 512, *entry = disk + 1024;
    static const char *const names[] = {"bios", "EFI sys \xfc"};

    put_mbr_entry(disk, 1, 0, 0xee, 1, 16383);
    memcpy(header, "EFI PART\0\0\1\0\x5c", 13);
    header[24] = 1;
    put_le(header + 32, 16383, 8);
    header[40] = 34;
    put_le(header + 48, 16350, 8);
    memcpy(header + 56, "\x11\x11\x11\x11\x22\x22\x33\x33\x44\x44\x55\x55\x55\x55\x55\x55", 16);
    header[72] = 2;
    header[80] = 128;
    header[84] = 128;
    memcpy(entry, "Hah!IdontNeedEFI", 16);
    memcpy(entry + 128, "\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\0\xa0\xc9\x3e\xc9\x3b", 16);
    for (int i = 0; i < 2; i++, entry += 128) {
        entry[31] = (guint8)(i + 1);
        put_le(entry + 32, i == 0 ? 34 : 2048, 8);
        put_le(entry + 40, i == 0 ? 2047 : 6143, 8);
        for (int j = 0; names[i][j] != '\0'; j++)
            entry[56 + 2 * j] = (guint8)names[i][j];
    }
    put_gpt_checksums(disk);
}

#endif
