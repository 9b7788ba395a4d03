#include "launcher/ssh_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BANNER "SSH-"
#define READ_MOST 4096 /* a server may say other lines first (RFC 4253, 4.2) */

static gboolean
is_ready(int fd, short events, gint64 deadline)
{
    struct pollfd one = {.fd = fd, .events = events};
    gint64 left_ms = (deadline - g_get_monotonic_time()) / 1000;

    return poll(&one, 1, (int)CLAMP(left_ms, 0, G_MAXINT)) == 1;
}

static gboolean
begins_a_line(const GString *said)
{
    return g_str_has_prefix(said->str, BANNER) || strstr(said->str, "\n" BANNER) != NULL;
}

static gboolean
hears_banner(int fd, gint64 deadline)
{
    g_autoptr(GString) said = g_string_new("");
    char buffer[256];

    while (said->len < READ_MOST && is_ready(fd, POLLIN, deadline)) {
        ssize_t got = read(fd, buffer, sizeof buffer);
        if (got <= 0)
            return FALSE;
        g_string_append_len(said, buffer, got);
        if (begins_a_line(said))
            return TRUE;
    }
    return FALSE;
}

static gboolean
connects(int fd, guint port, gint64 deadline)
{
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((guint16)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int problem = 0;
    socklen_t size = sizeof problem;

    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return TRUE;
    return errno == EINPROGRESS && is_ready(fd, POLLOUT, deadline) &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0;
}

gboolean
ssh_probe(guint port, int wait_ms)
{
    gint64 deadline = g_get_monotonic_time() + wait_ms * G_GINT64_CONSTANT(1000);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    gboolean answers;

    if (fd < 0)
        return FALSE;
    answers = connects(fd, port, deadline) && hears_banner(fd, deadline);
    close(fd);
    return answers;
}
