#include "common/copy.h"
#include "common/error.h"
#include "common/failpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((gsize)8 << 20)
#define BUFFER ((gsize)1 << 20)
#define STAT_BLOCK 512 /* of st_blocks, whatever the file system's are */

typedef struct {
    int from, to;
    off_t size;
    progress *listener;
    const char *phase;
} copying;

/* Some file systems have no copying of their own, or none from one to the other. */
static ssize_t
copy_by_hand(const copying *self, off_t at, gsize length)
{
    g_autofree char *buffer = g_malloc(BUFFER);
    ssize_t got = pread(self->from, buffer, MIN(length, BUFFER), at);

    return got > 0 ? pwrite(self->to, buffer, (gsize)got, at) : got;
}

static ssize_t
copy_some(const copying *self, off_t at, gsize length)
{
    off_t in = at, out = at;
    ssize_t done = copy_file_range(self->from, &in, self->to, &out, MIN(length, CHUNK), 0);

    if (done >= 0 || (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS))
        return done;
    return copy_by_hand(self, at, length);
}

/* FALSE with errno. */
static gboolean
copy_extent(const copying *self, off_t at, off_t end)
{
    while (at < end) {
        ssize_t done = copy_some(self, at, (gsize)(end - at));
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            errno = done == 0 ? EIO : errno;
            return FALSE;
        }
        at += done;
        progress_at(self->listener, self->phase, (double)at / (double)self->size);
    }
    return TRUE;
}

static gboolean
copy_all(const copying *self)
{
    off_t at = 0;

    if (ioctl(self->to, FICLONE, self->from) == 0)
        return TRUE;
    if (ftruncate(self->to, self->size) != 0)
        return FALSE;
    while (at < self->size) {
        off_t data = lseek(self->from, at, SEEK_DATA);
        if (data < 0)
            return errno == ENXIO;
        at = lseek(self->from, data, SEEK_HOLE);
        if (at < 0 || !copy_extent(self, data, MIN(at, self->size)))
            return FALSE;
    }
    return TRUE;
}

gboolean
file_copy(const char *from, const char *to, progress *listener, const char *phase, GError **error)
{
    FAILPOINT_AROUND("copy");
    copying self = {.listener = listener, .phase = phase};
    struct stat info;
    gboolean done;
    int problem;

    self.from = open(from, O_RDONLY | O_CLOEXEC);
    if (self.from < 0)
        return error_set_errno(error, errno, "can't open %s", from);
    self.to = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (self.to < 0) {
        problem = errno;
        close(self.from);
        return error_set_errno(error, problem, "can't make %s", to);
    }
    done = fstat(self.from, &info) == 0;
    self.size = info.st_size;
    done = done && copy_all(&self);
    problem = errno;
    close(self.from);
    close(self.to);
    return done || error_set_errno(error, problem, "can't copy %s to %s", from, to);
}

guint64
file_bytes(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? (guint64)info.st_blocks * STAT_BLOCK : 0;
}
