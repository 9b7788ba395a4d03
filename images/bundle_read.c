/* One thread reads, checks and decrypts the parts; the other inflates, hashes the tar and writes
 * the image. */
#include "images/bundle_read.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "images/bundle_key.h"
#include "images/bundle_part.h"
#include "images/relay.h"
#include "images/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK (256 * 1024)
#define MOST_BLOCKS 32
#define MOST_PART (64 * 1024 * 1024)
#define GZIP_WINDOW (15 + 16)

typedef struct {
    const bundle_read_request *request;
    int fd; /* of the image */
    relay *blocks;
    GError *problem; /* the other thread's */
    gboolean ended;  /* so is the gzip stream */
    guint64 done;    /* bytes of the parts */
    z_stream inflater;
    EVP_MD_CTX *digest;
    tar_reader *tar;
    guint8 out[CHUNK];
} reading;

/* ---- the other thread ---- */

static gboolean
pass_part(reading *self, part_opener *opener, const GByteArray *part, gboolean is_last)
{
    for (gsize at = 0; at < part->len; at += CHUNK) {
        gsize length = MIN(CHUNK, part->len - at);
        relay_block *block = relay_block_new(0, length + 16);
        gboolean last = is_last && at + length == part->len;
        if (!part_opener_take(opener, part->data + at, length, last, block->bytes, &block->length,
                              &self->problem)) {
            g_free(block);
            return FALSE;
        }
        if (!relay_put(self->blocks, block))
            return FALSE;
    }
    return TRUE;
}

static gpointer
read_parts(gpointer data)
{
    reading *self = data;
    const bundle_read_request *request = self->request;
    const GPtrArray *parts = request->what->parts;
    g_autoptr(part_opener) opener = part_opener_new(request->key, request->iv, &self->problem);
    gboolean going = opener != NULL;

    for (guint i = 0; going && i < parts->len; i++) {
        g_autoptr(GByteArray) part =
            part_read(request->folder_fd, g_ptr_array_index(parts, i), MOST_PART, &self->problem);
        going = part != NULL && pass_part(self, opener, part, i + 1 == parts->len);
    }
    relay_end(self->blocks);
    return NULL;
}

/* ---- this one ---- */

static gboolean
inflate_failed(int state, GError **error)
{
    if (state == Z_MEM_ERROR)
        return error_set(error, ERROR_INTERNAL, "zlib has no memory");
    return error_set(error, ERROR_MANIFEST,
                     "what was decrypted is no gzip: the key and the parts don't belong together, "
                     "or it was made wrong");
}

static gboolean
take_some(reading *self, GError **error)
{
    int state;

    self->inflater.next_out = self->out;
    self->inflater.avail_out = CHUNK;
    state = inflate(&self->inflater, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
        return inflate_failed(state, error);
    self->ended = state == Z_STREAM_END;
    EVP_DigestUpdate(self->digest, self->out, CHUNK - self->inflater.avail_out);
    return tar_reader_take(self->tar, self->out, CHUNK - self->inflater.avail_out, error);
}

static gboolean
take_block(reading *self, relay_block *block, GError **error)
{
    self->inflater.next_in = block->bytes;
    self->inflater.avail_in = (uInt)block->length;
    do {
        if (self->ended)
            return self->inflater.avail_in == 0 ||
                   error_set(error, ERROR_MANIFEST, "the gzip in the bundle goes on after its end");
        if (!take_some(self, error))
            return FALSE;
    } while (self->inflater.avail_in > 0 || self->inflater.avail_out == 0);
    self->done += block->length;
    progress_at(self->request->listener, "unbundling",
                MIN(1.0, (double)self->done / self->request->what->bundled_size));
    return TRUE;
}

static gboolean
take_all(reading *self, GError **error)
{
    relay_block *block;

    while ((block = relay_take(self->blocks)) != NULL) {
        gboolean taken = take_block(self, block, error);
        g_free(block);
        if (!taken)
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_end(reading *self, GError **error)
{
    guint8 value[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    g_autofree char *digest = NULL;

    if (!self->ended)
        return error_set(error, ERROR_MANIFEST, "the gzip in the bundle ends too early");
    if (!tar_reader_finish(self->tar, error))
        return FALSE;
    EVP_DigestFinal_ex(self->digest, value, &length);
    digest = hex_of_bytes(value, length);
    return g_str_equal(digest, self->request->what->digest) ||
           error_set(error, ERROR_MANIFEST,
                     "the image is not the one that was bundled: its digest is wrong");
}

static gboolean
pipe_through(reading *self, GError **error)
{
    GThread *other = g_thread_new("unbundle", read_parts, self);
    gboolean done = take_all(self, error);

    if (!done)
        relay_give_up(self->blocks);
    g_thread_join(other);
    /* A part that isn't right is what made the rest wrong. */
    if (self->problem != NULL) {
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&self->problem));
        return FALSE;
    }
    return done && check_end(self, error);
}

static gboolean
read_into(reading *self, GError **error)
{
    gboolean done;

    if (inflateInit2(&self->inflater, GZIP_WINDOW) != Z_OK)
        return error_set(error, ERROR_INTERNAL, "zlib can't inflate");
    self->blocks = relay_new(MOST_BLOCKS);
    self->digest = EVP_MD_CTX_new();
    self->tar = tar_reader_new(self->fd, self->request->what->size);
    EVP_DigestInit_ex(self->digest, EVP_sha1(), NULL);
    done = pipe_through(self, error);
    inflateEnd(&self->inflater);
    EVP_MD_CTX_free(self->digest);
    tar_reader_free(self->tar);
    relay_free(self->blocks);
    return done;
}

gboolean
bundle_read_image(const bundle_read_request *request, const char *path, GError **error)
{
    g_autofree reading *self = g_new0(reading, 1);
    g_autofree char *folder = g_path_get_dirname(path);
    gboolean done;

    FAILPOINT_AROUND("unbundle");
    self->request = request;
    self->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (self->fd < 0)
        return error_set_errno(error, errno, "can't make %s", path);
    done = read_into(self, error);
    close(self->fd);
    if (done && file_sync(path, error) && file_sync(folder, error))
        return TRUE;
    file_remove(path, NULL);
    return FALSE;
}
