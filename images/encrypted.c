#include "images/encrypted.h"
#include "common/error.h"
#include "common/failpoint.h"
#include "images/bytes.h"
#include "images/luks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Clusters of the new file:
 *
 *     0 header | 1 refcount table | 2 refcounts | 3 ... LUKS header | 35 ... L1 table, empty
 *
 * Source: QEMU's docs/interop/qcow2.txt. */
#define CLUSTER_BITS 16
#define CLUSTER (1 << CLUSTER_BITS)
#define CLUSTERS(bytes) (((bytes) + CLUSTER - 1) / CLUSTER)
#define TABLE_AT CLUSTER
#define COUNTS_AT (2 * CLUSTER)
#define LUKS_AT (3 * CLUSTER)
#define L1_AT (LUKS_AT + CLUSTERS(LUKS_HEADER_SIZE) * CLUSTER)
#define BYTES_OF_L1_ENTRY ((guint64)CLUSTER * (CLUSTER / 8))

#define HEADER_V3 104
#define CRYPT_LUKS 2
#define REFCOUNT_ORDER 4 /* 16 bits each */
#define EXTENSION_BACKING_FORMAT 0xe2792aca
#define EXTENSION_ENCRYPTION 0x0537be77

static guint32
l1_entries(guint64 size)
{
    return (guint32)((size + BYTES_OF_L1_ENTRY - 1) / BYTES_OF_L1_ENTRY);
}

static guint32
clusters_of(guint64 size)
{
    return L1_AT / CLUSTER + CLUSTERS(MAX(l1_entries(size), 1) * 8);
}

/* AT's next free byte after an extension of eight-byte words. */
static guint8 *
put_extension(guint8 *at, guint32 kind, guint32 length)
{
    put_be32(at, kind);
    put_be32(at + 4, length);
    return at + 8;
}

static void
put_header(guint8 *header, guint64 size, const char *backing)
{
    guint8 *at = header + HEADER_V3;

    memcpy(header, "QFI\xfb", 4);
    put_be32(header + 4, 3);
    put_be32(header + 20, CLUSTER_BITS);
    put_be64(header + 24, size);
    put_be32(header + 32, CRYPT_LUKS);
    put_be32(header + 36, l1_entries(size));
    put_be64(header + 40, L1_AT);
    put_be64(header + 48, TABLE_AT);
    put_be32(header + 56, 1);
    put_be32(header + 96, REFCOUNT_ORDER);
    put_be32(header + 100, HEADER_V3);
    at = put_extension(at, EXTENSION_ENCRYPTION, 16);
    put_be64(at, LUKS_AT);
    put_be64(at + 8, LUKS_HEADER_SIZE);
    at += 16;
    if (backing == NULL)
        return;
    at = put_extension(at, EXTENSION_BACKING_FORMAT, 5);
    memcpy(at, "qcow2", 5);
    at += 8;
    at += 8; /* the end of the extensions, zeros */
    put_be64(header + 8, (guint64)(at - header));
    put_be32(header + 16, (guint32)strlen(backing));
    memcpy(at, backing, strlen(backing));
}

/* The first clusters up to the LUKS header. */
static guint8 *
clusters_new(guint64 size, const char *backing)
{
    guint8 *bytes = g_malloc0(LUKS_AT);

    put_header(bytes, size, backing);
    put_be64(bytes + TABLE_AT, COUNTS_AT);
    for (guint32 i = 0; i < clusters_of(size); i++)
        bytes[COUNTS_AT + 2 * i + 1] = 1;
    return bytes;
}

static gboolean
write_at(int fd, const guint8 *bytes, gsize length, off_t at)
{
    while (length > 0) {
        ssize_t written = pwrite(fd, bytes, length, at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return FALSE;
        bytes += written;
        at += written;
        length -= (gsize)written;
    }
    return TRUE;
}

gboolean
encrypted_file_make(const char *path, guint64 size, const char *backing, const char *passphrase,
                    GError **error)
{
    g_autoptr(GByteArray) luks = luks_header_new(passphrase, error);
    g_autofree guint8 *first = NULL;
    gboolean done;
    int fd, problem;

    if (luks == NULL)
        return FALSE;
    FAILPOINT_AROUND("write");
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set_errno(error, errno, "can't make %s", path);
    first = clusters_new(size, backing);
    done = write_at(fd, first, LUKS_AT, 0) && write_at(fd, luks->data, luks->len, LUKS_AT) &&
           ftruncate(fd, (off_t)clusters_of(size) * CLUSTER) == 0;
    problem = errno;
    close(fd);
    return done || error_set_errno(error, problem, "can't write %s", path);
}
