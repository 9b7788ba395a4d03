#include "images/kernel_image.h"

#include "images/bytes.h"
#include "images/packing.h"

#define SETUP_SECTS 0x1f1
#define HEADER_MAGIC 0x202
#define PROTOCOL 0x206
#define VERSION_POINTER 0x20e /* from 0x200 on */
#define RELOCATABLE 0x234
#define XLOADFLAGS 0x236
#define XLF_KERNEL_64 1
#define PAYLOAD_OFFSET 0x248 /* from the protected-mode code's beginning on */
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END 0x250
#define SETUP_SECTS_OLD 4 /* what 0 means */
#define VERSION_MAX 256

#define PROTOCOL_VERSION 0x0200
#define PROTOCOL_RELOCATABLE 0x0205
#define PROTOCOL_PAYLOAD 0x0208
#define PROTOCOL_XLOADFLAGS 0x020c

/* The first word of "6.1.0-56-amd64 (who@where) #1 SMP ...". */
static char *
read_version(const guint8 *data, gsize length)
{
    gsize at = (gsize)le16(data + VERSION_POINTER) + 0x200, end;

    if (le16(data + VERSION_POINTER) == 0 || at >= length)
        return NULL;
    for (end = at; end < length && end - at < VERSION_MAX && data[end] > ' ' && data[end] < 0x7f;)
        end++;
    return end > at ? g_strndup((const char *)data + at, end - at) : NULL;
}

/* A payload that isn't all in the file counts as one that the header doesn't tell of. */
static void
read_payload(kernel_image *self, const guint8 *data, guint64 size)
{
    guint sectors = data[SETUP_SECTS] != 0 ? data[SETUP_SECTS] : SETUP_SECTS_OLD;
    guint64 code = ((guint64)sectors + 1) * SECTOR_SIZE;
    guint64 offset, length;

    self->payload = MIN(code, size);
    if (self->protocol < PROTOCOL_PAYLOAD)
        return;
    offset = le32(data + PAYLOAD_OFFSET);
    length = le32(data + PAYLOAD_LENGTH);
    if (offset == 0 || code + offset >= size || length > size - code - offset)
        return;
    self->payload = code + offset;
    self->payload_length = length;
    self->payload_known = TRUE;
}

static gboolean
read_setup(kernel_image *self, const guint8 *data, gsize length, guint64 size)
{
    self->bzimage = TRUE;
    self->protocol = le16(data + PROTOCOL);
    if (self->protocol < PROTOCOL_VERSION)
        return FALSE;
    self->version = read_version(data, length);
    self->relocatable = self->protocol >= PROTOCOL_RELOCATABLE && data[RELOCATABLE] != 0;
    if (self->protocol >= PROTOCOL_XLOADFLAGS)
        self->bits = (le16(data + XLOADFLAGS) & XLF_KERNEL_64) != 0 ? 64 : 32;
    read_payload(self, data, size);
    return TRUE;
}

gboolean
kernel_image_parse(const guint8 *data, gsize length, guint64 size, kernel_image *self)
{
    *self = (kernel_image){0};
    length = (gsize)MIN(length, size);
    if (bytes_stand_at(data, length, 0,
                       "\x7f"
                       "ELF",
                       4) ||
        packing_of(data, length) != NULL) {
        self->payload_known = TRUE;
        return TRUE;
    }
    if (length < HEADER_END || !bytes_stand_at(data, length, HEADER_MAGIC, "HdrS", 4))
        return FALSE;
    if (read_setup(self, data, length, size))
        return TRUE;
    kernel_image_clear(self);
    return FALSE;
}

gsize
kernel_image_find_gzip(const guint8 *data, gsize length)
{
    /* Deflate, no name, no comment: as gzip writes what it gets from a pipe. */
    static const char magic[] = "\x1f\x8b\x08\0";
    const guint8 *found = memmem(data, length, magic, 4);

    return found != NULL ? (gsize)(found - data) : length;
}

void
kernel_image_clear(kernel_image *self)
{
    g_free(self->version);
    *self = (kernel_image){0};
}
