#include "images/digest.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (1024 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)

static gboolean
feed(EVP_MD_CTX *context, int fd, guint64 size, progress *listener, const char *phase)
{
    g_autofree char *buffer = g_malloc(CHUNK);
    guint64 done = 0;
    ssize_t got;

    while ((got = read(fd, buffer, CHUNK)) > 0) {
        EVP_DigestUpdate(context, buffer, (size_t)got);
        done += (guint64)got;
        progress_at(listener, phase, size > 0 ? MIN(1.0, (double)done / size) : -1.0);
    }
    return got == 0;
}

static char *
hex(const unsigned char *bytes, unsigned int length)
{
    GString *text = g_string_new(NULL);

    for (unsigned int i = 0; i < length; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}

char *
file_digest(const char *path, digest_kind kind, progress *listener, const char *phase,
            GError **error)
{
    g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    struct stat info;
    gboolean read_all;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &info) != 0) {
        error_set_errno(error, errno, "can't read %s", path);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    EVP_DigestInit_ex(context, kind == DIGEST_SHA512 ? EVP_sha512() : EVP_sha256(), NULL);
    read_all = feed(context, fd, (guint64)info.st_size, listener, phase);
    if (!read_all)
        error_set_errno(error, errno, "can't read %s", path);
    close(fd);
    EVP_DigestFinal_ex(context, value, &length);
    return read_all ? hex(value, length) : NULL;
}

char *
file_sha256(const char *path, progress *listener, const char *phase, GError **error)
{
    return file_digest(path, DIGEST_SHA256, listener, phase, error);
}
