#include "images/qcow2_new.h"
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
 *     0 header | 1 refcount table | 2 refcounts | 3 ... LUKS header, if any | L1 table, empty
 *
 * Source: QEMU's docs/interop/qcow2.txt. */
#define CLUSTER_BITS 16
#define CLUSTER (1 << CLUSTER_BITS)
#define CLUSTERS(bytes) (((bytes) + CLUSTER - 1) / CLUSTER)
#define TABLE_AT CLUSTER
#define COUNTS_AT (2 * CLUSTER)
#define LUKS_AT (3 * CLUSTER)
#define BYTES_OF_L1_ENTRY ((guint64)CLUSTER * (CLUSTER / 8))

#define HEADER_V3 104
#define CRYPT_LUKS 2
#define REFCOUNT_ORDER 4 /* 16 bits each */
#define EXTENSION_BACKING_FORMAT 0xe2792aca
#define EXTENSION_ENCRYPTION 0x0537be77
#define BACKING_MOST 1023 /* bytes that a name may have */
#define HEADER_MOST (HEADER_V3 + 24 + 24 + BACKING_MOST)

typedef struct {
    guint64 size;
    const char *backing;
    const GByteArray *luks;
} new_disk;

static guint64
l1_at(const new_disk *self)
{
    return LUKS_AT + (self->luks != NULL ? CLUSTERS(LUKS_HEADER_SIZE) * CLUSTER : 0);
}

static guint32
l1_entries(const new_disk *self)
{
    return (guint32)((self->size + BYTES_OF_L1_ENTRY - 1) / BYTES_OF_L1_ENTRY);
}

static guint32
clusters_of(const new_disk *self)
{
    return (guint32)(l1_at(self) / CLUSTER + CLUSTERS(MAX(l1_entries(self), 1) * 8));
}

/* AT's next free byte after the head of an extension. */
static guint8 *
put_extension(guint8 *at, guint32 kind, guint32 length)
{
    put_be32(at, kind);
    put_be32(at + 4, length);
    return at + 8;
}

static guint8 *
put_encryption(guint8 *header, guint8 *at)
{
    put_be32(header + 32, CRYPT_LUKS);
    at = put_extension(at, EXTENSION_ENCRYPTION, 16);
    put_be64(at, LUKS_AT);
    put_be64(at + 8, LUKS_HEADER_SIZE);
    return at + 16;
}

/* The name follows the end of the extensions, eight zeros. */
static guint8 *
put_backing(guint8 *header, guint8 *at, const char *backing)
{
    gsize length = strlen(backing);

    at = put_extension(at, EXTENSION_BACKING_FORMAT, 5);
    memcpy(at, "qcow2", 5);
    at += 16;
    put_be64(header + 8, (guint64)(at - header));
    put_be32(header + 16, (guint32)length);
    memcpy(at, backing, length);
    return at + length;
}

/* How many bytes it has. */
static gsize
put_header(const new_disk *self, guint8 *header)
{
    guint8 *at = header + HEADER_V3;

    memcpy(header, "QFI\xfb", 4);
    put_be32(header + 4, 3);
    put_be32(header + 20, CLUSTER_BITS);
    put_be64(header + 24, self->size);
    put_be32(header + 36, l1_entries(self));
    put_be64(header + 40, l1_at(self));
    put_be64(header + 48, TABLE_AT);
    put_be32(header + 56, 1);
    put_be32(header + 96, REFCOUNT_ORDER);
    put_be32(header + 100, HEADER_V3);
    if (self->luks != NULL)
        at = put_encryption(header, at);
    if (self->backing != NULL)
        at = put_backing(header, at, self->backing);
    return (gsize)(at - header);
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

static gboolean
write_counts(const new_disk *self, int fd)
{
    gsize length = 2 * clusters_of(self);
    g_autofree guint8 *counts = g_malloc0(length);
    guint8 where[8];

    put_be64(where, COUNTS_AT);
    for (gsize i = 1; i < length; i += 2)
        counts[i] = 1;
    return write_at(fd, where, sizeof where, TABLE_AT) && write_at(fd, counts, length, COUNTS_AT);
}

/* What isn't written stays a hole, which takes no room and reads as zeros. */
static gboolean
write_all(const new_disk *self, int fd)
{
    guint8 header[HEADER_MOST] = {0};
    gsize length = put_header(self, header);

    return write_at(fd, header, length, 0) && write_counts(self, fd) &&
           (self->luks == NULL || write_at(fd, self->luks->data, self->luks->len, LUKS_AT)) &&
           ftruncate(fd, (off_t)clusters_of(self) * CLUSTER) == 0;
}

gboolean
qcow2_make(const char *path, guint64 size, const char *backing, const GByteArray *luks,
           GError **error)
{
    const new_disk self = {size, backing, luks};
    gboolean done;
    int fd, problem;

    if (backing != NULL && strlen(backing) > BACKING_MOST)
        return error_set(error, ERROR_HOST_DISK, "the path of %s is too long for a qcow2", backing);
    FAILPOINT_AROUND("write");
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set_errno(error, errno, "can't make %s", path);
    done = write_all(&self, fd);
    problem = errno;
    close(fd);
    return done || error_set_errno(error, problem, "can't write %s", path);
}
