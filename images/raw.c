#include "images/raw.h"

#include "images/bytes.h"
#include "images/gpt.h"
#include "images/mbr.h"

#define HEAD_SIZE (66 << 10) /* up to btrfs' superblock */
#define TEXT_LOOK 512

#define EXT_AT 1024
#define EXT_FEATURE_64BIT 0x80
#define BTRFS_AT 65536
#define BTRFS_TOTAL_AT (BTRFS_AT + 0x70)
#define ISO_AT 32769

/* The part of the disk from 0 to END belongs to WHAT. */
static gboolean
reaches(const extent *file, guint64 end, const char *what, GError **error)
{
    if (end <= file->length)
        return TRUE;
    return error_set(error, ERROR_DISK_FORMAT,
                     "it is truncated: %s ends at byte %" G_GUINT64_FORMAT
                     ", but the file has only %" G_GUINT64_FORMAT " bytes",
                     what, end, file->length);
}

static gboolean
check_gpt(const extent *file, const gpt *table, GError **error)
{
    for (guint i = 0; i < table->entries->len; i++) {
        const gpt_entry *entry = &g_array_index(table->entries, gpt_entry, i);
        g_autofree char *what = g_strdup_printf("partition %d", entry->number);
        if (!reaches(file, entry->start + entry->size, what, error))
            return FALSE;
    }
    return reaches(file, table->disk_size, "the disk that its GPT describes", error);
}

static gboolean
check_mbr(const extent *file, const mbr *record, GError **error)
{
    for (int i = 0; i < MBR_ENTRIES; i++) {
        const mbr_entry *entry = &record->entries[i];
        g_autofree char *what = g_strdup_printf("partition %d", i + 1);
        /* One that protects a GPT often claims more than there is. */
        if (entry->type != 0 && entry->type != MBR_TYPE_PROTECTIVE &&
            !reaches(file, entry->start + entry->size, what, error))
            return FALSE;
    }
    return TRUE;
}

/* Checks the size that a file system over the whole disk has by its superblock. *FOUND: there is
 * one. */
static gboolean
check_filesystem(const extent *file, const guint8 *head, gsize length, gboolean *found,
                 GError **error)
{
    const guint8 *ext = head + EXT_AT;
    guint64 end = 0;

    *found = TRUE;
    if (length >= EXT_AT + 1024 && le16(ext + 0x38) == 0xef53 && le32(ext + 0x18) <= 6) {
        guint64 blocks = le32(ext + 4);
        if ((le32(ext + 0x60) & EXT_FEATURE_64BIT) != 0)
            blocks |= (guint64)le32(ext + 0x150) << 32;
        end = blocks > DISK_SIZE_MAX ? G_MAXUINT64 : blocks << (10 + le32(ext + 0x18));
    } else if (bytes_stand_at(head, length, 0, "XFSB", 4) && length >= SECTOR_SIZE) {
        guint64 blocks = be64(head + 8);
        guint32 size = be32(head + 4);
        end = blocks > DISK_SIZE_MAX || size > 65536 ? G_MAXUINT64 : blocks * size;
    } else if (bytes_stand_at(head, length, BTRFS_AT + 64, "_BHRfS_M", 8)) {
        end = le64(head + BTRFS_TOTAL_AT);
    } else {
        *found = FALSE;
    }
    return reaches(file, end, "the file system on it", error);
}

static gboolean
is_text(const guint8 *data, gsize length)
{
    length = MIN(length, TEXT_LOOK);
    for (gsize i = 0; i < length; i++)
        if (data[i] < 0x20 && memchr("\t\n\r\f", data[i], 4) == NULL)
            return FALSE;
    return length > 0;
}

static gboolean
refuse_unknown(const guint8 *head, gsize length, GError **error)
{
    const char *advice = "looked for qcow2, vmdk, vhd, vhdx, ova, a partition table, ext2/3/4, XFS "
                         "and btrfs; if it is a raw disk all the same, say --format raw";

    if (bytes_stand_at(head, length, 0, "# Disk DescriptorFile", 21))
        return error_set(error, ERROR_DISK_FORMAT,
                         "it is a vmdk descriptor, a text that refers to other files: convert the "
                         "whole set with qemu-img convert");
    if (is_text(head, length))
        return error_set(error, ERROR_DISK_FORMAT, "it is a text, not a disk (%s)", advice);
    return error_set(error, ERROR_DISK_FORMAT, "it is not known as a disk (%s)", advice);
}

gboolean
raw_check(const extent *file, gboolean stated, GError **error)
{
    g_autofree guint8 *head = g_malloc0(HEAD_SIZE);
    gssize length = extent_read_head(file, head, HEAD_SIZE, error);
    g_autoptr(gpt) table = NULL;
    gboolean has_filesystem;
    mbr record;

    if (length < 0)
        return FALSE;
    if (file->length > DISK_SIZE_MAX)
        return error_set(error, ERROR_DISK_FORMAT,
                         "it has %" G_GUINT64_FORMAT " bytes, which no disk here may have",
                         file->length);
    mbr_parse(head, (gsize)length, &record);
    table = gpt_parse(head, (gsize)length, NULL);
    if (!check_filesystem(file, head, (gsize)length, &has_filesystem, error))
        return FALSE;
    if (!stated && bytes_stand_at(head, (gsize)length, ISO_AT, "CD001", 5))
        return error_set(error, ERROR_DISK_FORMAT,
                         "it is an ISO 9660 image, the medium of an installer rather than a disk; "
                         "if it is a raw disk all the same, say --format raw");
    if (!stated && !record.table && !has_filesystem)
        return refuse_unknown(head, (gsize)length, error);
    if (!stated && file->length % SECTOR_SIZE != 0)
        return error_set(error, ERROR_DISK_FORMAT,
                         "its size, %" G_GUINT64_FORMAT
                         " bytes, is no multiple of 512: it is truncated, or no raw disk (if it is "
                         "one all the same, say --format raw)",
                         file->length);
    switch (partition_scheme_found(&record, table)) {
    case PARTITIONS_GPT:
    case PARTITIONS_HYBRID:
        return check_gpt(file, table, error);
    default:
        return check_mbr(file, &record, error);
    }
}
