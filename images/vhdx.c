#include "images/vhdx.h"

#include "images/bytes.h"

#define KIB 1024
#define MIB (1024 * 1024)
#define REGION_TABLE_AT (192 * KIB)
#define REGION_TABLE_SIZE (64 * KIB)
#define METADATA_TABLE_SIZE (64 * KIB)
#define ENTRY_SIZE 32 /* of the region table and of the metadata table */
#define FLAG_HAS_PARENT 2
#define BLOCK_SIZE_MAX (256 * MIB)
#define BLOCK_FULLY_PRESENT 6
#define BLOCK_STATE_MASK 7
#define LOGICAL_SECTOR_SIZE_MAX 4096

static const guint8 guid_bat[16] = {0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42,
                                    0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08};
static const guint8 guid_metadata[16] = {0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
                                         0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e};
static const guint8 guid_parameters[16] = {0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d,
                                           0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b};
static const guint8 guid_disk_size[16] = {0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48,
                                          0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8};
static const guint8 guid_sector_size[16] = {0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47,
                                            0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f};

typedef struct {
    guint64 bat_at, bat_size, metadata_at, metadata_size;
    guint64 size;
    guint32 block_size, sector_size;
    gboolean has_parent;
} layout;

static gboolean
damaged(GError **error, const char *what)
{
    return error_set(error, ERROR_DISK_FORMAT,
                     "its VHDX %s cannot be read: qemu-img convert it to qcow2 first", what);
}

/* The entry for GUID among the COUNT from TABLE on; NULL if there is none. */
static const guint8 *
find_entry(const guint8 *table, guint count, const guint8 guid[16])
{
    for (guint i = 0; i < count; i++)
        if (memcmp(table + i * ENTRY_SIZE, guid, 16) == 0)
            return table + i * ENTRY_SIZE;
    return NULL;
}

static gboolean
read_regions(const extent *file, layout *self, GError **error)
{
    g_autofree guint8 *table = g_malloc(REGION_TABLE_SIZE);
    const guint8 *bat, *metadata;
    guint32 count;

    if (!extent_read(file, REGION_TABLE_AT, table, REGION_TABLE_SIZE, "its region table", error))
        return FALSE;
    count = le32(table + 8);
    if (memcmp(table, "regi", 4) != 0 || count > REGION_TABLE_SIZE / ENTRY_SIZE - 1)
        return damaged(error, "region table");
    bat = find_entry(table + 16, count, guid_bat);
    metadata = find_entry(table + 16, count, guid_metadata);
    if (bat == NULL || metadata == NULL)
        return damaged(error, "region table");
    self->bat_at = le64(bat + 16);
    self->bat_size = le32(bat + 24);
    self->metadata_at = le64(metadata + 16);
    self->metadata_size = le32(metadata + 24);
    return extent_need(file, self->bat_at, self->bat_size, "its block table", error) &&
           extent_need(file, self->metadata_at, self->metadata_size, "its metadata", error);
}

/* Reads the SIZE bytes of the metadata item GUID, whose place is relative to the region. */
static gboolean
read_item(const extent *file, const layout *self, const guint8 *table, const guint8 guid[16],
          guint8 *item, guint32 size, GError **error)
{
    guint16 count = le16(table + 10);
    const guint8 *entry;

    if (count > METADATA_TABLE_SIZE / ENTRY_SIZE - 1)
        return damaged(error, "metadata");
    entry = find_entry(table + ENTRY_SIZE, count, guid);
    if (entry == NULL || le32(entry + 20) < size)
        return damaged(error, "metadata");
    return extent_read(file, self->metadata_at + le32(entry + 16), item, size, "its metadata",
                       error);
}

static gboolean
read_metadata(const extent *file, layout *self, GError **error)
{
    g_autofree guint8 *table = g_malloc(METADATA_TABLE_SIZE);
    guint8 parameters[8], disk_size[8], sector_size[4];

    if (self->metadata_size < METADATA_TABLE_SIZE)
        return damaged(error, "metadata");
    if (!extent_read(file, self->metadata_at, table, METADATA_TABLE_SIZE, "its metadata", error))
        return FALSE;
    if (memcmp(table, "metadata", 8) != 0)
        return damaged(error, "metadata");
    if (!read_item(file, self, table, guid_parameters, parameters, 8, error) ||
        !read_item(file, self, table, guid_disk_size, disk_size, 8, error) ||
        !read_item(file, self, table, guid_sector_size, sector_size, 4, error))
        return FALSE;
    self->block_size = le32(parameters);
    self->has_parent = (le32(parameters + 4) & FLAG_HAS_PARENT) != 0;
    self->size = le64(disk_size);
    self->sector_size = le32(sector_size);
    return TRUE;
}

/* Of each block table, every (2^23 * sector size / block size + 1)th entry is a bitmap's, which
 * matters to disks with a parent only. */
static gboolean
blocks_lie_within(const extent *file, const layout *self, GError **error)
{
    guint64 chunk = ((guint64)self->sector_size << 23) / self->block_size;
    guint64 blocks = self->size / self->block_size + (self->size % self->block_size != 0);
    guint64 count = blocks + (blocks == 0 ? 0 : (blocks - 1) / chunk);
    g_autofree guint8 *table = NULL;
    guint64 spent = 0;

    if (count > self->bat_size / 8 || count > TABLE_ENTRIES_MAX)
        return damaged(error, "block table");
    table = g_malloc(count * 8);
    if (!extent_read(file, self->bat_at, table, count * 8, "its block table", error))
        return FALSE;
    for (guint64 i = 0; i < count; i++) {
        guint64 entry = le64(table + i * 8);
        if (i % (chunk + 1) != chunk && (entry & BLOCK_STATE_MASK) == BLOCK_FULLY_PRESENT &&
            (!extent_need(file, entry & ~(guint64)(MIB - 1), self->block_size, "a block", error) ||
             !extent_spend(file, &spent, self->block_size, error)))
            return FALSE;
    }
    return TRUE;
}

gboolean
vhdx_check(const extent *file, guint64 *virtual_size, GError **error)
{
    layout self = {0};

    if (!read_regions(file, &self, error) || !read_metadata(file, &self, error))
        return FALSE;
    if (self.has_parent)
        return error_set(error, ERROR_DISK_FORMAT,
                         "it is a difference to a parent disk: merge them first");
    if (self.size == 0 || self.size > DISK_SIZE_MAX || self.block_size < MIB ||
        self.block_size > BLOCK_SIZE_MAX || (self.block_size & (self.block_size - 1)) != 0 ||
        (self.sector_size != SECTOR_SIZE && self.sector_size != LOGICAL_SECTOR_SIZE_MAX))
        return damaged(error, "metadata");
    if (!blocks_lie_within(file, &self, error))
        return FALSE;
    *virtual_size = self.size;
    return TRUE;
}
