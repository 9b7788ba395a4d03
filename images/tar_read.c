#include "images/tar.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MOST_TRAILER (1024 * 1024) /* zeros after the archive's end */
#define HOLE 4096                  /* zeros of this length aren't written */

typedef enum { STATE_HEADER, STATE_EXTENSION, STATE_DATA, STATE_PADDING, STATE_END } reader_state;

struct tar_reader {
    int fd; /* borrowed */
    guint64 expected;
    reader_state state;
    guint8 block[TAR_BLOCK];
    gsize filled;     /* of BLOCK */
    GArray *segments; /* tar_segment */
    guint64 covered;  /* up to where SEGMENTS reach */
    guint64 listed;   /* how much they have in all */
    guint64 stored;   /* what the header says of that */
    guint current;    /* segment */
    guint64 at;       /* in it */
    gsize padding;    /* bytes */
    gsize trailer;
};

tar_reader *
tar_reader_new(int fd, guint64 expected)
{
    tar_reader *self = g_new0(tar_reader, 1);

    self->fd = fd;
    self->expected = expected;
    self->segments = g_array_new(FALSE, FALSE, sizeof(tar_segment));
    return self;
}

void
tar_reader_free(tar_reader *self)
{
    if (self == NULL)
        return;
    g_array_unref(self->segments);
    g_free(self);
}

static gboolean
complain(GError **error, const char *problem)
{
    return error_set(error, ERROR_MANIFEST, "the tar in the bundle %s", problem);
}

/* ---- headers ---- */

static gboolean
octal(const guint8 *at, gsize width, guint64 *value)
{
    gsize i = 0;

    *value = 0;
    while (i < width && at[i] == ' ')
        i++;
    if (i == width || at[i] < '0' || at[i] > '7')
        return FALSE;
    for (; i < width && at[i] >= '0' && at[i] <= '7'; i++)
        *value = *value << 3 | (guint64)(at[i] - '0');
    return i == width || at[i] == ' ' || at[i] == '\0';
}

/* Twelve octal digits don't overflow; of base 256 only what fits in 63 bits is taken. */
static gboolean
number(const guint8 *at, guint64 *value)
{
    if (at[0] != 0x80)
        return octal(at, 12, value);
    *value = 0;
    for (guint i = 1; i < 4; i++)
        if (at[i] != 0)
            return FALSE;
    for (guint i = 4; i < 12; i++)
        *value = *value << 8 | at[i];
    return *value <= G_MAXINT64;
}

static gboolean
checksum_is_right(const guint8 *block)
{
    guint64 stated;
    guint sum = 0;

    for (guint i = 0; i < TAR_BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : block[i];
    return octal(block + 148, 8, &stated) && stated == sum;
}

/* The name is of no use; but whoever wrote a bad one meant harm. */
static gboolean
check_name(const guint8 *block, GError **error)
{
    g_autofree char *name = g_strndup((const char *)block, 100);
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);

    if (*name == '\0' || *name == '/' || g_strv_contains((const char *const *)parts, ".."))
        return complain(error, "has a member whose name leaves the folder");
    return TRUE;
}

static gboolean
add_segment(tar_reader *self, guint64 start, guint64 size, GError **error)
{
    const tar_segment segment = {start, size};

    if (start < self->covered || start > self->expected || size > self->expected - start)
        return complain(error, "has a sparse map that isn't in order, or leads out of the image");
    if (self->segments->len >= TAR_MOST_SEGMENTS)
        return complain(error, "has a sparse map without an end");
    self->covered = start + size;
    self->listed += size;
    if (size > 0)
        g_array_append_val(self->segments, segment);
    return TRUE;
}

/* An entry that begins with a zero byte is past the last. */
static gboolean
add_segments(tar_reader *self, const guint8 *at, guint count, GError **error)
{
    guint64 start, size;

    for (guint i = 0; i < count && at[24 * i] != 0; i++) {
        if (!number(at + 24 * i, &start) || !number(at + 24 * i + 12, &size))
            return complain(error, "has a sparse map of no numbers");
        if (!add_segment(self, start, size, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
begin_data(tar_reader *self, GError **error)
{
    if (self->listed != self->stored)
        return complain(error, "has a sparse map that doesn't add up");
    self->padding = (gsize)(-self->stored % TAR_BLOCK);
    self->state = self->stored > 0 ? STATE_DATA : STATE_END;
    return TRUE;
}

static gboolean
take_size(tar_reader *self, guint64 size, GError **error)
{
    if (size == self->expected)
        return TRUE;
    return error_set(error, ERROR_MANIFEST,
                     "the tar in the bundle has an image of %" G_GUINT64_FORMAT
                     " bytes, but the manifest says %" G_GUINT64_FORMAT,
                     size, self->expected);
}

static gboolean
take_sparse(tar_reader *self, GError **error)
{
    guint64 size;

    if (!number(self->block + 483, &size))
        return complain(error, "has a size that is no number");
    if (!take_size(self, size, error) || !add_segments(self, self->block + 386, 4, error))
        return FALSE;
    if (self->block[482] == 0)
        return begin_data(self, error);
    self->state = STATE_EXTENSION;
    return TRUE;
}

static gboolean
take_header(tar_reader *self, GError **error)
{
    guint8 kind = self->block[156];

    if (!checksum_is_right(self->block))
        return complain(error, "is none: its header's checksum is wrong");
    if (!check_name(self->block, error))
        return FALSE;
    if (kind != '0' && kind != '\0' && kind != 'S')
        return complain(error, "has something else than a plain file (a link, a folder, ...); "
                               "tar --format=gnu makes the form that bundles have");
    if (!number(self->block + 124, &self->stored))
        return complain(error, "has a size that is no number");
    if (kind == 'S')
        return take_sparse(self, error);
    return take_size(self, self->stored, error) && add_segment(self, 0, self->stored, error) &&
           begin_data(self, error);
}

static gboolean
take_extension(tar_reader *self, GError **error)
{
    if (!add_segments(self, self->block, 21, error))
        return FALSE;
    return self->block[504] != 0 || begin_data(self, error);
}

/* ---- content ---- */

static gboolean
is_zero(const guint8 *bytes, gsize length)
{
    return length == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0);
}

static gboolean
write_at(tar_reader *self, const guint8 *bytes, gsize length, guint64 at, GError **error)
{
    while (length > 0) {
        ssize_t written = pwrite(self->fd, bytes, length, (off_t)at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return error_set_errno(error, written < 0 ? errno : ENOSPC, "can't write the image");
        bytes += written;
        at += (guint64)written;
        length -= (gsize)written;
    }
    return TRUE;
}

/* Writes runs without zeros, cut where the file's blocks are. */
static gboolean
write_sparsely(tar_reader *self, const guint8 *bytes, gsize length, guint64 at, GError **error)
{
    gsize begun = 0;
    gsize done = 0;

    while (done < length) {
        gsize piece = MIN(length - done, HOLE - (gsize)((at + done) % HOLE));
        if (piece == HOLE && is_zero(bytes + done, piece)) {
            if (!write_at(self, bytes + begun, done - begun, at + begun, error))
                return FALSE;
            begun = done + piece;
        }
        done += piece;
    }
    return write_at(self, bytes + begun, length - begun, at + begun, error);
}

static gboolean
take_data(tar_reader *self, const guint8 **bytes, gsize *length, GError **error)
{
    const tar_segment *segment = &g_array_index(self->segments, tar_segment, self->current);
    gsize piece = (gsize)MIN((guint64)*length, segment->size - self->at);

    if (!write_sparsely(self, *bytes, piece, segment->start + self->at, error))
        return FALSE;
    *bytes += piece;
    *length -= piece;
    self->at += piece;
    if (self->at < segment->size)
        return TRUE;
    self->at = 0;
    self->current++;
    if (self->current == self->segments->len)
        self->state = STATE_PADDING;
    return TRUE;
}

static void
take_padding(tar_reader *self, const guint8 **bytes, gsize *length)
{
    gsize piece = MIN(*length, self->padding);

    *bytes += piece;
    *length -= piece;
    self->padding -= piece;
    if (self->padding == 0)
        self->state = STATE_END;
}

static gboolean
take_end(tar_reader *self, const guint8 *bytes, gsize length, GError **error)
{
    self->trailer += length;
    if (!is_zero(bytes, length))
        return complain(error, "has more than one member");
    return self->trailer <= MOST_TRAILER || complain(error, "goes on after its end");
}

static gboolean
take_block(tar_reader *self, const guint8 **bytes, gsize *length, GError **error)
{
    gsize piece = MIN(*length, TAR_BLOCK - self->filled);

    memcpy(self->block + self->filled, *bytes, piece);
    *bytes += piece;
    *length -= piece;
    self->filled += piece;
    if (self->filled < TAR_BLOCK)
        return TRUE;
    self->filled = 0;
    return self->state == STATE_HEADER ? take_header(self, error) : take_extension(self, error);
}

gboolean
tar_reader_take(tar_reader *self, const guint8 *bytes, gsize length, GError **error)
{
    while (length > 0) {
        if (self->state == STATE_END)
            return take_end(self, bytes, length, error);
        if (self->state == STATE_PADDING)
            take_padding(self, &bytes, &length);
        else if (!(self->state == STATE_DATA ? take_data(self, &bytes, &length, error)
                                             : take_block(self, &bytes, &length, error)))
            return FALSE;
    }
    return TRUE;
}

gboolean
tar_reader_finish(tar_reader *self, GError **error)
{
    if (self->state != STATE_END && !(self->state == STATE_PADDING && self->padding == 0))
        return complain(error, "ends too early");
    if (ftruncate(self->fd, (off_t)self->expected) != 0)
        return error_set_errno(error, errno, "can't write the image");
    return TRUE;
}
