#include "images/bundle_part.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "images/bundle_key.h"
#include "images/bundle_write.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#define AES_BLOCK 16
#define PIECE (64 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)

static EVP_CIPHER_CTX *
cipher_new(const char *key, const char *iv, gboolean encrypt, GError **error)
{
    g_autoptr(GByteArray) key_bytes = hex_to_bytes(key);
    g_autoptr(GByteArray) iv_bytes = hex_to_bytes(iv);
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();

    if (key_bytes != NULL && iv_bytes != NULL && key_bytes->len == BUNDLE_KEY_BYTES &&
        iv_bytes->len == BUNDLE_KEY_BYTES &&
        EVP_CipherInit_ex(cipher, EVP_aes_128_cbc(), NULL, key_bytes->data, iv_bytes->data,
                          encrypt) == 1)
        return cipher;
    EVP_CIPHER_CTX_free(cipher);
    error_set(error, ERROR_INTERNAL, "libcrypto takes no AES key");
    return NULL;
}

/* The digest so far; CONTEXT begins anew. */
static char *
digest_of(EVP_MD_CTX *context)
{
    guint8 value[EVP_MAX_MD_SIZE];
    unsigned int length = 0;

    EVP_DigestFinal_ex(context, value, &length);
    EVP_DigestInit_ex(context, EVP_sha1(), NULL);
    return hex_of_bytes(value, length);
}

static EVP_MD_CTX *
digest_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    EVP_DigestInit_ex(context, EVP_sha1(), NULL);
    return context;
}

/* ---- writing ---- */

struct part_writer {
    char *folder;
    char *name;
    EVP_CIPHER_CTX *cipher;
    EVP_MD_CTX *tar_digest;
    EVP_MD_CTX *part_digest;
    int fd;         /* of the current part; -1 for none */
    gsize part;     /* bytes in it */
    manifest *made; /* the parts */
};

part_writer *
part_writer_new(const char *folder, const char *name, const char *key, const char *iv,
                GError **error)
{
    EVP_CIPHER_CTX *cipher = cipher_new(key, iv, TRUE, error);
    part_writer *self;

    if (cipher == NULL)
        return NULL;
    self = g_new0(part_writer, 1);
    self->folder = g_strdup(folder);
    self->name = g_strdup(name);
    self->cipher = cipher;
    self->tar_digest = digest_new();
    self->part_digest = digest_new();
    self->fd = -1;
    self->made = manifest_new();
    return self;
}

void
part_writer_free(part_writer *self)
{
    if (self == NULL)
        return;
    if (self->fd >= 0)
        close(self->fd);
    g_free(self->folder);
    g_free(self->name);
    EVP_CIPHER_CTX_free(self->cipher);
    EVP_MD_CTX_free(self->tar_digest);
    EVP_MD_CTX_free(self->part_digest);
    manifest_free(self->made);
    g_free(self);
}

void
part_writer_hash(part_writer *self, const guint8 *bytes, gsize length)
{
    EVP_DigestUpdate(self->tar_digest, bytes, length);
}

static char *
part_name(const part_writer *self)
{
    return g_strdup_printf("%s.part.%02u", self->name, self->made->parts->len);
}

static gboolean
begin_part(part_writer *self, GError **error)
{
    g_autofree char *name = part_name(self);
    g_autofree char *path = g_build_filename(self->folder, name, NULL);

    FAILPOINT_AROUND("part");
    self->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    self->part = 0;
    return self->fd >= 0 || error_set_errno(error, errno, "can't make %s", path);
}

static gboolean
end_part(part_writer *self, GError **error)
{
    g_autofree char *name = part_name(self);
    g_autofree char *digest = digest_of(self->part_digest);
    gboolean safe = fdatasync(self->fd) == 0;
    int problem = errno;

    close(self->fd);
    self->fd = -1;
    if (!safe)
        return error_set_errno(error, problem, "can't write %s/%s", self->folder, name);
    manifest_add_part(self->made, name, digest);
    self->made->bundled_size += self->part;
    return TRUE;
}

static gboolean
write_piece(part_writer *self, const guint8 *bytes, gsize length, GError **error)
{
    EVP_DigestUpdate(self->part_digest, bytes, length);
    self->part += length;
    while (length > 0) {
        ssize_t written = write(self->fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return error_set_errno(error, written < 0 ? errno : ENOSPC, "can't write in %s",
                                   self->folder);
        bytes += written;
        length -= (gsize)written;
    }
    return TRUE;
}

static gboolean
write_encrypted(part_writer *self, const guint8 *bytes, gsize length, GError **error)
{
    while (length > 0) {
        gsize piece;
        if (self->fd < 0 && !begin_part(self, error))
            return FALSE;
        piece = MIN(length, BUNDLE_PART_BYTES - self->part);
        if (!write_piece(self, bytes, piece, error))
            return FALSE;
        bytes += piece;
        length -= piece;
        if (self->part == BUNDLE_PART_BYTES && !end_part(self, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
part_writer_take(part_writer *self, const guint8 *bytes, gsize length, GError **error)
{
    guint8 sealed[PIECE + AES_BLOCK];

    for (gsize done = 0; done < length; done += PIECE) {
        int got = 0;
        if (EVP_CipherUpdate(self->cipher, sealed, &got, bytes + done,
                             (int)MIN(PIECE, length - done)) != 1)
            return error_set(error, ERROR_INTERNAL, "libcrypto can't encrypt");
        if (!write_encrypted(self, sealed, (gsize)got, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
part_writer_finish(part_writer *self, manifest *result, GError **error)
{
    guint8 sealed[AES_BLOCK];
    int got = 0;

    if (EVP_CipherFinal_ex(self->cipher, sealed, &got) != 1)
        return error_set(error, ERROR_INTERNAL, "libcrypto can't encrypt");
    if (!write_encrypted(self, sealed, (gsize)got, error) ||
        (self->fd >= 0 && !end_part(self, error)))
        return FALSE;
    g_free(result->digest);
    result->digest = digest_of(self->tar_digest);
    result->bundled_size = self->made->bundled_size;
    for (guint i = 0; i < self->made->parts->len; i++) {
        const manifest_part *part = g_ptr_array_index(self->made->parts, i);
        manifest_add_part(result, part->filename, part->digest);
    }
    return file_sync(self->folder, error);
}

/* ---- reading ---- */

/* O_NOFOLLOW: a name may be a link that leads anywhere. O_NONBLOCK: or a pipe that nobody writes
 * to. */
int
part_open(int folder_fd, const manifest_part *part, guint64 *size, GError **error)
{
    int fd = openat(folder_fd, part->filename, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat info;

    if (fd < 0 && (errno == ENOENT || errno == ELOOP))
        error_set(error, ERROR_MANIFEST, "the part %s is %s", part->filename,
                  errno == ENOENT ? "missing" : "a symbolic link");
    else if (fd < 0 || fstat(fd, &info) != 0)
        error_set_errno(error, errno, "can't read the part %s", part->filename);
    else if (!S_ISREG(info.st_mode) || info.st_size == 0)
        error_set(error, ERROR_MANIFEST, "the part %s is %s", part->filename,
                  S_ISREG(info.st_mode) ? "empty" : "no plain file");
    else {
        *size = (guint64)info.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

static gboolean
fill(int fd, GByteArray *bytes)
{
    gsize done = 0;

    while (done < bytes->len) {
        ssize_t got = read(fd, bytes->data + done, bytes->len - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return FALSE;
        done += (gsize)got;
    }
    return TRUE;
}

static gboolean
check_digest(const GByteArray *bytes, const manifest_part *part, GError **error)
{
    g_autoptr(EVP_MD_CTX) context = digest_new();
    g_autofree char *digest = NULL;

    EVP_DigestUpdate(context, bytes->data, bytes->len);
    digest = digest_of(context);
    return g_str_equal(digest, part->digest) ||
           error_set(error, ERROR_MANIFEST,
                     "the part %s is not the one that was bundled: its digest is wrong",
                     part->filename);
}

GByteArray *
part_read(int folder_fd, const manifest_part *part, guint64 most, GError **error)
{
    guint64 size = 0;
    int fd = part_open(folder_fd, part, &size, error);
    g_autoptr(GByteArray) bytes = NULL;
    gboolean whole;

    if (fd < 0)
        return NULL;
    if (size > most) {
        close(fd);
        error_set(error, ERROR_MANIFEST, "the part %s is too large", part->filename);
        return NULL;
    }
    bytes = g_byte_array_sized_new((guint)size);
    g_byte_array_set_size(bytes, (guint)size);
    whole = fill(fd, bytes);
    close(fd);
    if (!whole) {
        error_set(error, ERROR_HOST_DISK, "can't read the part %s", part->filename);
        return NULL;
    }
    return check_digest(bytes, part, error) ? g_steal_pointer(&bytes) : NULL;
}

struct part_opener {
    EVP_CIPHER_CTX *cipher;
};

part_opener *
part_opener_new(const char *key, const char *iv, GError **error)
{
    EVP_CIPHER_CTX *cipher = cipher_new(key, iv, FALSE, error);
    part_opener *self;

    if (cipher == NULL)
        return NULL;
    self = g_new0(part_opener, 1);
    self->cipher = cipher;
    return self;
}

void
part_opener_free(part_opener *self)
{
    if (self == NULL)
        return;
    EVP_CIPHER_CTX_free(self->cipher);
    g_free(self);
}

gboolean
part_opener_take(part_opener *self, const guint8 *bytes, gsize length, gboolean last, guint8 *out,
                 gsize *got, GError **error)
{
    int opened = 0;
    int rest = 0;

    if (EVP_CipherUpdate(self->cipher, out, &opened, bytes, (int)length) != 1 ||
        (last && EVP_CipherFinal_ex(self->cipher, out + opened, &rest) != 1))
        return error_set(error, ERROR_MANIFEST,
                         "the parts can't be decrypted with the key in the manifest");
    *got = (gsize)(opened + rest);
    return TRUE;
}
