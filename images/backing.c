#include "images/backing.h"
#include "common/error.h"
#include "images/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Source: QEMU's docs/interop/qcow2.txt. */
#define NAME_AT 8
#define NAME_LENGTH 16
#define NAME_MOST 1023
#define HEADER 20

/* "" if it has none; NULL if FD is no whole qcow2 file. */
static char *
read_name(int fd)
{
    char name[NAME_MOST + 1] = "";
    guint8 header[HEADER];
    guint64 at;
    guint32 length;

    if (pread(fd, header, sizeof header, 0) != (ssize_t)sizeof header ||
        memcmp(header, "QFI\xfb", 4) != 0)
        return NULL;
    at = be64(header + NAME_AT);
    length = be32(header + NAME_LENGTH);
    if (at == 0)
        return g_strdup("");
    if (length > NAME_MOST || at > G_MAXINT64 ||
        pread(fd, name, length, (off_t)at) != (ssize_t)length)
        return NULL;
    return g_path_get_basename(name);
}

char *
backing_name(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *found;

    if (fd < 0) {
        error_set_errno(error, errno, "can't open %s", path);
        return NULL;
    }
    found = read_name(fd);
    close(fd);
    if (found == NULL)
        error_set(error, ERROR_HOST_DISK, "%s is damaged: it is no qcow2", path);
    return found;
}

gboolean
backing_matches(const char *path, const char *backing, GError **error)
{
    g_autofree char *expected = backing != NULL ? g_path_get_basename(backing) : g_strdup("");
    g_autofree char *found = backing_name(path, error);

    if (found == NULL)
        return FALSE;
    if (g_str_equal(found, expected))
        return TRUE;
    return error_set(error, ERROR_HOST_INCOMPLETE,
                     "%s stands on %s, but amilaunch.db says on %s: was an older copy of it put "
                     "back? Put the right one back; as it is, the guest would find damaged data",
                     path, *found != '\0' ? found : "nothing",
                     *expected != '\0' ? expected : "nothing");
}
