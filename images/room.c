#include "images/room.h"
#include "common/error.h"

#include <errno.h>
#include <sys/statvfs.h>

static guint64 (*pretended)(const char *path);

void
room_pretend(guint64 (*bytes)(const char *path))
{
    pretended = bytes;
}

static gboolean
measure(const char *path, guint64 *bytes, GError **error)
{
    struct statvfs disk;

    if (pretended != NULL) {
        *bytes = pretended(path);
        return TRUE;
    }
    if (statvfs(path, &disk) != 0)
        return error_set_errno(error, errno, "can't look at %s", path);
    *bytes = (guint64)disk.f_bavail * disk.f_frsize;
    return TRUE;
}

gboolean
room_check(const char *path, guint64 least, GError **error)
{
    guint64 bytes = 0;

    if (!measure(path, &bytes, error))
        return FALSE;
    return bytes >= least ||
           error_set(error, ERROR_HOST_DISK,
                     "only %" G_GUINT64_FORMAT
                     " MiB are free at %s, and the appliance needs %" G_GUINT64_FORMAT
                     " MiB there: make room",
                     bytes >> 20, path, least >> 20);
}
