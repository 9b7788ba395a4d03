/* Numbers inside foreign bytes, and inside those that others will read. The caller has made sure
 * that the bytes are there. */
#ifndef IMAGES_BYTES_H
#define IMAGES_BYTES_H

#include <glib.h>
#include <string.h>

#define SECTOR_SIZE 512

static inline guint16
le16(const guint8 *at)
{
    return (guint16)(at[0] | at[1] << 8);
}

static inline guint32
le32(const guint8 *at)
{
    return le16(at) | (guint32)le16(at + 2) << 16;
}

static inline guint64
le64(const guint8 *at)
{
    return le32(at) | (guint64)le32(at + 4) << 32;
}

static inline guint32
be32(const guint8 *at)
{
    return GUINT32_SWAP_LE_BE(le32(at));
}

static inline guint64
be64(const guint8 *at)
{
    return (guint64)be32(at) << 32 | be32(at + 4);
}

static inline void
put_be32(guint8 *at, guint32 number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (guint8)(number >> (24 - 8 * i));
}

static inline void
put_be64(guint8 *at, guint64 number)
{
    put_be32(at, (guint32)(number >> 32));
    put_be32(at + 4, (guint32)number);
}

/* TRUE if the SIZE bytes at MAGIC stand at OFFSET of the LENGTH bytes at DATA; FALSE if DATA is too
 * short for that. */
static inline gboolean
bytes_stand_at(const guint8 *data, gsize length, gsize offset, const char *magic, gsize size)
{
    return offset <= length && size <= length - offset && memcmp(data + offset, magic, size) == 0;
}

/* TRUE if TEXT, without its terminating zero, stands anywhere in DATA. */
static inline gboolean
bytes_hold(const guint8 *data, gsize length, const char *text)
{
    return memmem(data, length, text, strlen(text)) != NULL;
}

#endif
