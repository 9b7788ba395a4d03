#include "images/qcow2.h"

#include "images/bytes.h"

#define HEADER_V2 72
#define HEADER_V3 104
#define HEADER_READ 112
#define OFFSET_MASK G_GUINT64_CONSTANT(0x00fffffffffffe00)
#define L2_COMPRESSED (G_GUINT64_CONSTANT(1) << 62)
#define L2_ALL_ZERO 1

enum { DIRTY = 1, CORRUPT = 2, EXTERNAL_DATA = 4, COMPRESSION_TYPE = 8, EXTENDED_L2 = 16 };

/* Limits of QEMU's own (block/qcow2.h). */
#define CLUSTER_BITS_MIN 9
#define CLUSTER_BITS_MAX 21
#define EXTENDED_L2_BITS_MIN 14
#define L1_BYTES_MAX (32 << 20)
#define REFCOUNT_TABLE_BYTES_MAX (8 << 20)
#define SNAPSHOTS_MAX 65536

typedef struct {
    guint32 version, cluster_bits;
    guint64 cluster_size;
    guint64 size;
    guint64 l1_at;
    guint32 l1_entries; /* in the table; those that SIZE needs may be fewer */
    guint32 l2_entries; /* in each table: one cluster full */
    gboolean extended;  /* 16-byte entries, with 32 subclusters each */
    guint64 spent;      /* bytes of the file that the clusters take up */
} layout;

static gboolean
features_are_known(const guint8 *header, GError **error)
{
    guint64 features = be64(header + 72);

    if (features & CORRUPT)
        return error_set(error, ERROR_DISK_FORMAT,
                         "it is marked as corrupt: qemu-img check -r all");
    if (features & EXTERNAL_DATA)
        return error_set(error, ERROR_DISK_FORMAT,
                         "its data is in another file: qemu-img convert it to a plain qcow2");
    if (features & ~(guint64)(DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION_TYPE | EXTENDED_L2))
        return error_set(
            error, ERROR_DISK_FORMAT,
            "it uses qcow2 features that are not known here (0x%" G_GINT64_MODIFIER "x)", features);
    return TRUE;
}

static gboolean
stands_by_itself(const guint8 *header, GError **error)
{
    if (be64(header + 8) != 0 || be32(header + 16) != 0)
        return error_set(error, ERROR_DISK_FORMAT,
                         "it has a backing file: qemu-img convert it to a plain qcow2");
    if (be32(header + 32) != 0)
        return error_set(error, ERROR_DISK_FORMAT,
                         "it is encrypted: qemu-img convert it to a plain qcow2");
    return TRUE;
}

/* What version 3 added to the header. */
static gboolean
read_extra(const guint8 *header, gssize length, layout *self, GError **error)
{
    guint32 header_length = be32(header + 100);

    if (length < HEADER_V3 || header_length < HEADER_V3 || header_length % 8 != 0 ||
        header_length > self->cluster_size)
        return error_set(error, ERROR_DISK_FORMAT, "its qcow2 header says it has %u bytes",
                         header_length);
    if (!features_are_known(header, error))
        return FALSE;
    if (be32(header + 96) > 6)
        return error_set(error, ERROR_DISK_FORMAT, "its refcounts have 2^%u bits",
                         be32(header + 96));
    if ((be64(header + 72) & COMPRESSION_TYPE) != 0 &&
        (header_length <= HEADER_V3 || length <= HEADER_V3 || header[HEADER_V3] > 1))
        return error_set(error, ERROR_DISK_FORMAT, "its compression type is not known here");
    self->extended = (be64(header + 72) & EXTENDED_L2) != 0;
    if (self->extended && self->cluster_bits < EXTENDED_L2_BITS_MIN)
        return error_set(error, ERROR_DISK_FORMAT, "its clusters are too small for subclusters");
    return TRUE;
}

static gboolean
read_header(const extent *file, layout *self, guint8 *header, GError **error)
{
    gssize length = extent_read_head(file, header, HEADER_READ, error);

    if (length < 0)
        return FALSE;
    if (length < HEADER_V2)
        return error_set(error, ERROR_DISK_FORMAT, "it is truncated: its header is not complete");
    self->version = be32(header + 4);
    if (self->version != 2 && self->version != 3)
        return error_set(error, ERROR_DISK_FORMAT,
                         "it is qcow version %u: qemu-img convert it to qcow2", self->version);
    if (!stands_by_itself(header, error))
        return FALSE;
    self->cluster_bits = be32(header + 20);
    if (self->cluster_bits < CLUSTER_BITS_MIN || self->cluster_bits > CLUSTER_BITS_MAX)
        return error_set(error, ERROR_DISK_FORMAT, "its clusters have 2^%u bytes",
                         self->cluster_bits);
    self->cluster_size = G_GUINT64_CONSTANT(1) << self->cluster_bits;
    if (self->version == 3 && !read_extra(header, length, self, error))
        return FALSE;
    self->l2_entries = (guint32)(self->cluster_size / (self->extended ? 16 : 8));
    self->size = be64(header + 24);
    if (self->size > DISK_SIZE_MAX)
        return error_set(error, ERROR_DISK_FORMAT,
                         "it says that its disk has %" G_GUINT64_FORMAT
                         " bytes, which no disk here may have",
                         self->size);
    return TRUE;
}

/* The tables' places as the header gives them. Sets the L1 table's part of SELF. */
static gboolean
tables_lie_within(const extent *file, const guint8 *header, layout *self, GError **error)
{
    guint64 refcounts_at = be64(header + 48);
    guint64 refcounts_size = (guint64)be32(header + 56) << self->cluster_bits;
    guint64 reach = self->cluster_size * self->l2_entries;
    guint64 needed = self->size / reach + (self->size % reach != 0);
    guint32 entries = be32(header + 36);

    self->l1_at = be64(header + 40);
    if (entries < needed || entries > L1_BYTES_MAX / 8 || self->l1_at % self->cluster_size != 0)
        return error_set(error, ERROR_DISK_FORMAT, "its L1 table of %u entries cannot be right",
                         entries);
    self->l1_entries = (guint32)needed;
    if (refcounts_size == 0 || refcounts_size > REFCOUNT_TABLE_BYTES_MAX ||
        refcounts_at % self->cluster_size != 0)
        return error_set(error, ERROR_DISK_FORMAT, "its refcount table cannot be right");
    if (be32(header + 60) > SNAPSHOTS_MAX)
        return error_set(error, ERROR_DISK_FORMAT, "it says it has %u snapshots",
                         be32(header + 60));
    return (be32(header + 60) == 0 ||
            extent_need(file, be64(header + 64), 1, "its snapshot table", error)) &&
           extent_need(file, self->l1_at, (guint64)entries * 8, "its L1 table", error) &&
           extent_need(file, refcounts_at, refcounts_size, "its refcount table", error);
}

static gboolean
refcount_blocks_lie_within(const extent *file, const guint8 *header, const layout *self,
                           GError **error)
{
    gsize size = (gsize)be32(header + 56) << self->cluster_bits;
    g_autofree guint8 *table = g_malloc(size);

    if (!extent_read(file, be64(header + 48), table, size, "its refcount table", error))
        return FALSE;
    for (gsize i = 0; i < size; i += 8) {
        guint64 at = be64(table + i) & ~(guint64)(SECTOR_SIZE - 1);
        if (at != 0 && !extent_need(file, at, self->cluster_size, "a refcount block", error))
            return FALSE;
    }
    return TRUE;
}

/* A compressed cluster's length is known in sectors only. The last sector must be complete, as
 * qemu-img convert leaves it: QEMU decompresses a cluster that lost its end without complaint. */
static gboolean
compressed_lies_within(const extent *file, layout *self, guint64 entry, GError **error)
{
    guint shift = 62 - (self->cluster_bits - 8);
    guint64 at = entry & ((G_GUINT64_CONSTANT(1) << shift) - 1);
    guint64 more = (entry & (L2_COMPRESSED - 1)) >> shift;

    /* The first and the last sector may be shared with others. */
    return extent_need(file, at / SECTOR_SIZE * SECTOR_SIZE, (more + 1) * SECTOR_SIZE,
                       "a compressed cluster", error) &&
           extent_spend(file, &self->spent, more > 1 ? (more - 1) * SECTOR_SIZE : 1, error);
}

/* How many bytes of a cluster hold something: with subclusters, those up to the last in use. */
static guint64
bytes_in_use(const layout *self, const guint8 *entry)
{
    guint32 in_use;
    guint count;

    if (!self->extended)
        return (be64(entry) & L2_ALL_ZERO) != 0 ? 0 : self->cluster_size;
    in_use = be32(entry + 12); /* the low half: allocated; the high half: reads as zeros */
    for (count = 0; in_use != 0; count++)
        in_use >>= 1;
    return self->cluster_size / 32 * count;
}

/* GUEST_AT: where in the disk the cluster is. What lies beyond the disk's end need not be there. */
static gboolean
cluster_lies_within(const extent *file, layout *self, const guint8 *entry, guint64 guest_at,
                    GError **error)
{
    guint64 value = be64(entry), at = value & OFFSET_MASK, size;

    if (guest_at >= self->size)
        return TRUE;
    if ((value & L2_COMPRESSED) != 0)
        return compressed_lies_within(file, self, value, error);
    if (at == 0)
        return TRUE;
    if (at % self->cluster_size != 0)
        return error_set(error, ERROR_DISK_FORMAT, "it is damaged: a cluster is not aligned");
    size = MIN(bytes_in_use(self, entry), self->size - guest_at);
    return size == 0 || (extent_need(file, at, size, "a cluster of the disk", error) &&
                         extent_spend(file, &self->spent, size, error));
}

static gboolean
l2_table_is_whole(const extent *file, layout *self, guint64 at, guint64 guest_at, guint8 *table,
                  GError **error)
{
    gsize entry_size = self->extended ? 16 : 8;

    if (at % self->cluster_size != 0)
        return error_set(error, ERROR_DISK_FORMAT, "it is damaged: an L2 table is not aligned");
    if (!extent_read(file, at, table, self->cluster_size, "an L2 table", error))
        return FALSE;
    for (guint32 i = 0; i < self->l2_entries; i++, guest_at += self->cluster_size)
        if (!cluster_lies_within(file, self, table + i * entry_size, guest_at, error))
            return FALSE;
    return TRUE;
}

static gboolean
clusters_lie_within(const extent *file, layout *self, GError **error)
{
    gsize size = (gsize)self->l1_entries * 8;
    g_autofree guint8 *l1 = g_malloc(size);
    g_autofree guint8 *l2 = g_malloc(self->cluster_size);
    guint64 reach = self->cluster_size * self->l2_entries;
    guint64 tables = 0;

    if (!extent_read(file, self->l1_at, l1, size, "its L1 table", error))
        return FALSE;
    for (guint32 i = 0; i < self->l1_entries; i++) {
        guint64 at = be64(l1 + i * 8) & OFFSET_MASK;
        if (at == 0)
            continue;
        /* A table that stands in for many makes a small file into endless work. */
        if (++tables > file->length / self->cluster_size)
            return error_set(error, ERROR_DISK_FORMAT, "it is damaged: L2 tables overlap");
        if (!l2_table_is_whole(file, self, at, i * reach, l2, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
qcow2_check(const extent *file, guint64 *virtual_size, GError **error)
{
    guint8 header[HEADER_READ] = {0};
    layout self = {0};

    if (!read_header(file, &self, header, error) ||
        !tables_lie_within(file, header, &self, error) ||
        !refcount_blocks_lie_within(file, header, &self, error) ||
        !clusters_lie_within(file, &self, error))
        return FALSE;
    *virtual_size = self.size;
    return TRUE;
}
