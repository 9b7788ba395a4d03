#include "images/vhd.h"

#include "images/bytes.h"

#define FOOTER_SIZE 512
#define HEADER_SIZE 1024
#define BLOCK_SIZE_MAX (256 << 20) /* usual is 2 MiB */
#define BLOCK_UNUSED G_MAXUINT32

enum { TYPE_FIXED = 2, TYPE_DYNAMIC = 3, TYPE_DIFFERENCING = 4 };

static const char cookie[] = "conectix";

static gboolean
stands_at(const extent *file, guint64 at)
{
    char start[8];

    return extent_read(file, at, start, sizeof(start), "", NULL) &&
           memcmp(start, cookie, sizeof(start)) == 0;
}

static gboolean
footer_is_at_end(const extent *file)
{
    return file->length >= FOOTER_SIZE && stands_at(file, file->length - FOOTER_SIZE);
}

gboolean
vhd_recognise(const extent *file)
{
    return stands_at(file, 0) || footer_is_at_end(file);
}

/* The one's complement of the sum of all bytes but the checksum's own. */
static guint32
checksum(const guint8 *data, gsize length, gsize own)
{
    guint32 sum = 0;

    for (gsize i = 0; i < length; i++)
        if (i < own || i >= own + 4)
            sum += data[i];
    return ~sum;
}

static gboolean
blocks_lie_within(const extent *file, guint64 table_at, guint32 count, guint32 block_size,
                  GError **error)
{
    /* Before a block's data comes a bitmap of its sectors, in full sectors itself. */
    guint32 bitmap = (block_size / SECTOR_SIZE / 8 + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
    g_autofree guint8 *table = NULL;
    extent blocks = *file;
    guint64 spent = 0, size = (guint64)bitmap + block_size;

    blocks.length -= FOOTER_SIZE;
    if (!extent_need(file, table_at, (guint64)count * 4, "its block table", error))
        return FALSE;
    table = g_malloc((gsize)count * 4);
    if (!extent_read(file, table_at, table, (gsize)count * 4, "its block table", error))
        return FALSE;
    for (guint32 i = 0; i < count; i++) {
        guint32 sector = be32(table + (gsize)i * 4);
        if (sector != BLOCK_UNUSED &&
            (!extent_need(&blocks, (guint64)sector * SECTOR_SIZE, size, "a block", error) ||
             !extent_spend(&blocks, &spent, size, error)))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_dynamic(const extent *file, guint64 header_at, guint64 size, GError **error)
{
    guint8 header[HEADER_SIZE];
    guint32 count, block_size;

    if (!extent_read(file, header_at, header, sizeof(header), "its dynamic header", error))
        return FALSE;
    count = be32(header + 28);
    block_size = be32(header + 32);
    if (memcmp(header, "cxsparse", 8) != 0 ||
        checksum(header, HEADER_SIZE, 36) != be32(header + 36))
        return error_set(error, ERROR_DISK_FORMAT, "its dynamic header is damaged");
    if (block_size < SECTOR_SIZE || block_size > BLOCK_SIZE_MAX ||
        (block_size & (block_size - 1)) != 0 || (guint64)count * block_size < size ||
        count > TABLE_ENTRIES_MAX)
        return error_set(error, ERROR_DISK_FORMAT, "its %u blocks of %u bytes cannot be right",
                         count, block_size);
    return blocks_lie_within(file, be64(header + 16), count, block_size, error);
}

/* QEMU takes what has a footer at its beginning, too, for dynamic, and all else for fixed. */
static gboolean
check_type(const extent *file, const guint8 *footer, gboolean copied, guint64 size, GError **error)
{
    guint32 type = be32(footer + 60);

    if ((type == TYPE_FIXED && copied) || (type == TYPE_DYNAMIC && !copied))
        return error_set(error, ERROR_DISK_FORMAT,
                         "it is damaged: a dynamic disk has its footer at its beginning, too, and "
                         "a fixed one hasn't");
    switch (type) {
    case TYPE_FIXED:
        return extent_need(file, 0, size + FOOTER_SIZE, "its data and footer", error);
    case TYPE_DYNAMIC:
        return check_dynamic(file, be64(footer + 16), size, error);
    case TYPE_DIFFERENCING:
        return error_set(error, ERROR_DISK_FORMAT,
                         "it is a difference to a parent disk: merge them first");
    default:
        return error_set(error, ERROR_DISK_FORMAT, "its VHD type %u is not known here", type);
    }
}

static gboolean
read_footer(const extent *file, guint64 at, guint8 *footer, GError **error)
{
    if (!extent_read(file, at, footer, FOOTER_SIZE, "its footer", error))
        return FALSE;
    return checksum(footer, FOOTER_SIZE, 64) == be32(footer + 64) ||
           error_set(error, ERROR_DISK_FORMAT, "its footer has a wrong checksum");
}

gboolean
vhd_check(const extent *file, guint64 *virtual_size, GError **error)
{
    guint8 footer[FOOTER_SIZE];
    gboolean copied = stands_at(file, 0);
    guint64 size;

    if (!footer_is_at_end(file))
        return error_set(error, ERROR_DISK_FORMAT, "it is truncated: its footer is not at its end");
    /* The copy is what QEMU reads. */
    if (!read_footer(file, file->length - FOOTER_SIZE, footer, error) ||
        (copied && !read_footer(file, 0, footer, error)))
        return FALSE;
    size = be64(footer + 48);
    if (size == 0 || size > DISK_SIZE_MAX)
        return error_set(error, ERROR_DISK_FORMAT,
                         "it says that its disk has %" G_GUINT64_FORMAT
                         " bytes, which no disk here may have",
                         size);
    if (!check_type(file, footer, copied, size, error))
        return FALSE;
    *virtual_size = size;
    return TRUE;
}
