/* One thread reads, makes the tar and compresses it; the other hashes the tar, encrypts, hashes and
 * writes the parts. */
#include "images/bundle_write.h"
#include "images/bundle_part.h"
#include "images/relay.h"
#include "images/segments.h"
#include "images/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK (256 * 1024)
#define MOST_BLOCKS 64
#define GZIP_WINDOW (15 + 16) /* a gzip header, not zlib's */
#define MEMORY_LEVEL 8

enum { BLOCK_TAR, BLOCK_GZIP };

typedef struct {
    const bundle_write_request *request;
    int fd;
    struct stat info;
    GArray *segments;
    guint64 stored; /* how much of the image is in the tar */
    guint64 done;
    relay *blocks;
    z_stream deflater;
    part_writer *parts; /* the other thread's, while that runs */
    GError *problem;    /* the other thread's */
} writing;

/* ---- the other thread ---- */

static gpointer
write_blocks(gpointer data)
{
    writing *self = data;
    relay_block *block;

    while ((block = relay_take(self->blocks)) != NULL) {
        gboolean taken = TRUE;
        if (block->kind == BLOCK_TAR)
            part_writer_hash(self->parts, block->bytes, block->length);
        else
            taken = part_writer_take(self->parts, block->bytes, block->length, &self->problem);
        g_free(block);
        if (!taken) {
            relay_give_up(self->blocks);
            return NULL;
        }
    }
    return NULL;
}

/* ---- this one ---- */

static gboolean
compress_some(writing *self, int flush)
{
    int state = Z_OK;

    do {
        relay_block *out = relay_block_new(BLOCK_GZIP, CHUNK);
        self->deflater.next_out = out->bytes;
        self->deflater.avail_out = CHUNK;
        state = deflate(&self->deflater, flush);
        out->length = CHUNK - self->deflater.avail_out;
        if (out->length == 0)
            g_free(out);
        else if (!relay_put(self->blocks, out))
            return FALSE;
    } while (self->deflater.avail_out == 0 || (flush == Z_FINISH && state != Z_STREAM_END));
    return TRUE;
}

/* Takes BLOCK, the next bytes of the tar. FALSE if the other thread has given up. */
static gboolean
pass_on(writing *self, relay_block *block)
{
    self->deflater.next_in = block->bytes;
    self->deflater.avail_in = (uInt)block->length;
    if (compress_some(self, Z_NO_FLUSH))
        return relay_put(self->blocks, block);
    g_free(block);
    return FALSE;
}

static gboolean
pass_bytes(writing *self, const guint8 *bytes, gsize length)
{
    relay_block *block = relay_block_new(BLOCK_TAR, length);

    if (bytes != NULL)
        memcpy(block->bytes, bytes, length);
    else
        memset(block->bytes, 0, length);
    return pass_on(self, block);
}

static gboolean
read_exactly(writing *self, relay_block *block, guint64 at, GError **error)
{
    const char *path = self->request->image;
    gsize done = 0;

    while (done < block->length) {
        ssize_t got =
            pread(self->fd, block->bytes + done, block->length - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(error, errno, "can't read %s", path);
        if (got == 0)
            return error_set(error, ERROR_PARAMETER_VALUE,
                             "%s became shorter while it was read: try again", path);
        done += (gsize)got;
    }
    return TRUE;
}

static gboolean
pass_segment(writing *self, const tar_segment *segment, GError **error)
{
    for (guint64 at = 0; at < segment->size;) {
        gsize length = (gsize)MIN(CHUNK, segment->size - at);
        relay_block *block = relay_block_new(BLOCK_TAR, length);
        if (!read_exactly(self, block, segment->start + at, error)) {
            g_free(block);
            return FALSE;
        }
        if (!pass_on(self, block))
            return FALSE;
        at += length;
        self->done += length;
        progress_at(self->request->listener, "bundling", (double)self->done / self->stored);
    }
    return TRUE;
}

/* FALSE with an error, or without one if it is the other thread that has it. */
static gboolean
pass_all(writing *self, GError **error)
{
    g_autoptr(GByteArray) header = tar_header(self->request->name, (guint64)self->info.st_size,
                                              (gint64)self->info.st_mtim.tv_sec, self->segments);

    if (!pass_bytes(self, header->data, header->len))
        return FALSE;
    for (guint i = 0; i < self->segments->len; i++)
        if (!pass_segment(self, &g_array_index(self->segments, tar_segment, i), error))
            return FALSE;
    return pass_bytes(self, NULL, tar_trailer(header->len, self->stored)) &&
           compress_some(self, Z_FINISH);
}

static gboolean
pipe_through(writing *self, GError **error)
{
    GThread *other = g_thread_new("bundle", write_blocks, self);
    gboolean done = pass_all(self, error);

    if (!done)
        relay_give_up(self->blocks);
    relay_end(self->blocks);
    g_thread_join(other);
    if (self->problem == NULL)
        return done;
    g_clear_error(error);
    g_propagate_error(error, g_steal_pointer(&self->problem));
    return FALSE;
}

static gboolean
is_unchanged(const writing *self, GError **error)
{
    struct stat now;

    if (fstat(self->fd, &now) == 0 && now.st_size == self->info.st_size &&
        now.st_mtim.tv_sec == self->info.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == self->info.st_mtim.tv_nsec)
        return TRUE;
    return error_set(error, ERROR_PARAMETER_VALUE, "%s changed while it was read: try again",
                     self->request->image);
}

static gboolean
write_all(writing *self, manifest *result, GError **error)
{
    const bundle_write_request *request = self->request;

    self->segments = segments_find(self->fd, (guint64)self->info.st_size, &self->stored);
    self->blocks = relay_new(MOST_BLOCKS);
    self->parts = part_writer_new(request->folder, request->name, request->key, request->iv, error);
    if (self->parts == NULL)
        return FALSE;
    if (deflateInit2(&self->deflater, request->level, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return error_set(error, ERROR_INTERNAL, "zlib can't compress");
    result->size = (guint64)self->info.st_size;
    return pipe_through(self, error) && is_unchanged(self, error) &&
           part_writer_finish(self->parts, result, error);
}

static gboolean
open_image(writing *self, GError **error)
{
    const char *path = self->request->image;

    self->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (self->fd < 0 || fstat(self->fd, &self->info) != 0)
        return error_set_errno(error, errno, "can't read %s", path);
    if (self->info.st_size > 0 && (guint64)self->info.st_size <= MANIFEST_MOST_SIZE)
        return TRUE;
    return error_set(
        error, ERROR_PARAMETER_VALUE,
        "a bundle's image has at most %u GiB, and at least a byte: %s has %" G_GINT64_FORMAT
        " bytes",
        (guint)(MANIFEST_MOST_SIZE >> 30), path, (gint64)self->info.st_size);
}

gboolean
bundle_write_parts(const bundle_write_request *request, manifest *result, GError **error)
{
    writing self = {.request = request, .fd = -1};
    gboolean done = open_image(&self, error) && write_all(&self, result, error);

    deflateEnd(&self.deflater);
    part_writer_free(self.parts);
    relay_free(self.blocks);
    if (self.segments != NULL)
        g_array_unref(self.segments);
    if (self.fd >= 0)
        close(self.fd);
    return done;
}
