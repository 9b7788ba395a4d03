#include "images/extent.h"

#include <errno.h>
#include <unistd.h>

gboolean
extent_need(const extent *self, guint64 at, guint64 size, const char *what, GError **error)
{
    if (extent_holds(self, at, size))
        return TRUE;
    return error_set(error, ERROR_DISK_FORMAT,
                     "it is truncated or damaged: %s should lie at byte %" G_GUINT64_FORMAT
                     " (%" G_GUINT64_FORMAT " bytes), but all ends at byte %" G_GUINT64_FORMAT,
                     what, at, size, self->length);
}

gboolean
extent_spend(const extent *self, guint64 *spent, guint64 size, GError **error)
{
    if (!extent_holds(self, *spent, size))
        return error_set(
            error, ERROR_DISK_FORMAT,
            "it is damaged: parts of its disk overlap, they are more than the %" G_GUINT64_FORMAT
            " bytes that there are",
            self->length);
    *spent += size;
    return TRUE;
}

gboolean
extent_read(const extent *self, guint64 at, void *buffer, gsize size, const char *what,
            GError **error)
{
    gsize done = 0;

    if (!extent_need(self, at, size, what, error))
        return FALSE;
    while (done < size) {
        ssize_t got =
            pread(self->fd, (char *)buffer + done, size - done, (off_t)(self->start + at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(error, errno, "can't read %s", what);
        if (got == 0)
            return error_set(error, ERROR_DISK_FORMAT, "it shrank while it was read");
        done += (gsize)got;
    }
    return TRUE;
}

gssize
extent_read_head(const extent *self, void *buffer, gsize size, GError **error)
{
    gsize there = (gsize)MIN(self->length, size);

    return extent_read(self, 0, buffer, there, "its beginning", error) ? (gssize)there : -1;
}
