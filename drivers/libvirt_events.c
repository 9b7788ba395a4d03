#include "drivers/libvirt_events.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Until it is told this a monitor says nothing. */
#define GREETING "{\"execute\":\"qmp_capabilities\"}\n"

gboolean
events_ask(const char *events, int *held, GError **error)
{
    g_autofree char *path = NULL;
    struct stat info;
    int fd;

    *held = -1;
    if (events == NULL)
        return TRUE;
    path = g_strconcat(events, ".in", NULL);
    /* Reading too, or else nobody would be there to write to. */
    fd = open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(error, errno, "can't open %s", path);
    if (fstat(fd, &info) != 0 || !S_ISFIFO(info.st_mode) ||
        write(fd, GREETING, strlen(GREETING)) != (ssize_t)strlen(GREETING)) {
        close(fd);
        return error_set(error, ERROR_HOST_DISK, "can't ask for events in %s", path);
    }
    *held = fd;
    return TRUE;
}

void
events_release(int held)
{
    if (held >= 0)
        close(held);
}
