#include "images/tar.h"

#include <stdio.h>
#include <string.h>

#define RECORD (20 * TAR_BLOCK)
#define IN_HEADER 4     /* segments in the header itself */
#define IN_EXTENSION 21 /* and in each block after it */
#define OCTAL_MOST G_GUINT64_CONSTANT(077777777777)

/* Octal digits; what is too large for eleven of them GNU tar writes in base 256. */
static void
put_number(guint8 *at, gsize width, guint64 value)
{
    if (width < 12 || value <= OCTAL_MOST) {
        g_snprintf((char *)at, width, "%0*" G_GINT64_MODIFIER "o", (int)width - 1, value);
        return;
    }
    for (gsize i = 0; i < width; i++)
        at[width - 1 - i] = i < 8 ? (guint8)(value >> (8 * i)) : 0;
    at[0] |= 0x80;
}

static void
put_segment(guint8 *at, const tar_segment *segment)
{
    put_number(at, 12, segment->start);
    put_number(at + 12, 12, segment->size);
}

static void
put_checksum(guint8 *block)
{
    guint sum = 0;

    memset(block + 148, ' ', 8);
    for (guint i = 0; i < TAR_BLOCK; i++)
        sum += block[i];
    g_snprintf((char *)block + 148, 7, "%06o", sum);
}

static void
put_extensions(GByteArray *header, const GArray *segments)
{
    for (guint i = IN_HEADER; i < segments->len; i += IN_EXTENSION) {
        guint8 block[TAR_BLOCK] = {0};
        for (guint j = 0; j < IN_EXTENSION && i + j < segments->len; j++)
            put_segment(block + 24 * j, &g_array_index(segments, tar_segment, i + j));
        block[504] = i + IN_EXTENSION < segments->len;
        g_byte_array_append(header, block, sizeof block);
    }
}

static void
put_sparse(guint8 *block, guint64 size, const GArray *segments)
{
    for (guint i = 0; i < IN_HEADER && i < segments->len; i++)
        put_segment(block + 386 + 24 * i, &g_array_index(segments, tar_segment, i));
    block[482] = segments->len > IN_HEADER;
    put_number(block + 483, 12, size);
}

static gboolean
is_whole(guint64 size, const GArray *segments)
{
    const tar_segment *first = &g_array_index(segments, tar_segment, 0);

    return segments->len == 1 && first->start == 0 && first->size == size;
}

GByteArray *
tar_header(const char *name, guint64 size, gint64 modified, const GArray *segments)
{
    GByteArray *header = g_byte_array_new();
    guint8 block[TAR_BLOCK] = {0};
    gboolean sparse = !is_whole(size, segments);
    guint64 stored = 0;

    for (guint i = 0; i < segments->len; i++)
        stored += g_array_index(segments, tar_segment, i).size;
    g_strlcpy((char *)block, name, 100);
    put_number(block + 100, 8, 0644);
    put_number(block + 108, 8, 0);
    put_number(block + 116, 8, 0);
    put_number(block + 124, 12, stored);
    put_number(block + 136, 12, (guint64)MAX(modified, 0));
    block[156] = sparse ? 'S' : '0';
    memcpy(block + 257, "ustar  ", 8);
    g_strlcpy((char *)block + 265, "root", 32);
    g_strlcpy((char *)block + 297, "root", 32);
    if (sparse)
        put_sparse(block, size, segments);
    put_checksum(block);
    g_byte_array_append(header, block, sizeof block);
    if (sparse)
        put_extensions(header, segments);
    return header;
}

gsize
tar_trailer(guint64 header, guint64 stored)
{
    guint64 end = header + (stored + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK + 2 * TAR_BLOCK;

    return (gsize)((end + RECORD - 1) / RECORD * RECORD - header - stored);
}
