/* The serial console on a terminal: bytes go both ways until ctrl-] or the end of the guest. The
 * end of the input ends nothing: what was piped in still has to do its work. Or with a talker in
 * the terminal's place. */
#include "drivers/libvirt.h"
#include "common/error.h"

#include <errno.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#define ESCAPE 0x1d /* ctrl-] */

typedef struct {
    virStreamPtr stream;
    const console_talker *talker; /* NULL: the terminal */
    GString *typed;               /* not sent yet */
    gboolean done;
    gboolean failed;
} session;

static void
leave(session *self, gboolean failed)
{
    self->done = TRUE;
    self->failed = failed;
}

static void
print_output(session *self)
{
    char buffer[4096];
    int got = virStreamRecv(self->stream, buffer, sizeof buffer);

    if (got == -2)
        return;
    if (got <= 0) {
        leave(self, got < 0);
        return;
    }
    if (self->talker != NULL) {
        if (!self->talker->heard(buffer, (gsize)got, self->typed, self->talker->data))
            leave(self, FALSE);
        return;
    }
    fwrite(buffer, 1, (size_t)got, stdout);
    fflush(stdout);
}

static void
send_typed(session *self)
{
    int sent;

    if (self->typed->len == 0)
        return;
    sent = virStreamSend(self->stream, self->typed->str, self->typed->len);
    if (sent > 0)
        g_string_erase(self->typed, 0, sent);
    else if (sent == -1)
        leave(self, TRUE);
}

static void
events_wanted(session *self)
{
    int events = VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP;

    if (self->typed->len > 0)
        events |= VIR_STREAM_EVENT_WRITABLE;
    virStreamEventUpdateCallback(self->stream, events);
}

static void
on_stream(virStreamPtr stream G_GNUC_UNUSED, int events, void *opaque)
{
    session *self = opaque;

    if (events & VIR_STREAM_EVENT_READABLE)
        print_output(self);
    else if (events & (VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP))
        leave(self, FALSE);
    if (!self->done && (events & VIR_STREAM_EVENT_WRITABLE))
        send_typed(self);
    if (!self->done)
        events_wanted(self);
}

static void
on_input(int watch, int fd, int events G_GNUC_UNUSED, void *opaque)
{
    session *self = opaque;
    char buffer[1024];
    ssize_t got = read(fd, buffer, sizeof buffer);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        /* What was piped in still has to reach the guest, and its answer us. */
        virEventUpdateHandle(watch, 0);
        return;
    }
    for (ssize_t i = 0; i < got && !self->done; i++) {
        if (buffer[i] == ESCAPE)
            leave(self, FALSE);
        else
            g_string_append_c(self->typed, buffer[i]);
    }
    events_wanted(self);
}

static void
on_wait(int timer G_GNUC_UNUSED, void *opaque)
{
    session *self = opaque;

    if (self->done)
        return;
    if (!self->talker->waited(self->typed, self->talker->data))
        leave(self, FALSE);
    else
        events_wanted(self);
}

static gboolean
terminal_raw(struct termios *saved)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, saved) != 0)
        return FALSE;
    raw = *saved;
    cfmakeraw(&raw);
    raw.c_oflag |= OPOST;
    return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static gboolean
talk(session *self, GError **error)
{
    gboolean typing = self->talker == NULL;
    int watch =
        typing ? virEventAddHandle(STDIN_FILENO, VIR_EVENT_HANDLE_READABLE, on_input, self, NULL)
               : virEventAddTimeout(CONSOLE_WAIT_MS, on_wait, self, NULL);

    virStreamEventAddCallback(
        self->stream, VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP,
        on_stream, self, NULL);
    while (!self->done && virEventRunDefaultImpl() == 0)
        ;
    if (watch >= 0)
        typing ? virEventRemoveHandle(watch) : virEventRemoveTimeout(watch);
    virStreamEventRemoveCallback(self->stream);
    virStreamAbort(self->stream);
    return !self->failed || libvirt_failed("the console broke off", error);
}

gboolean
libvirt_console(hypervisor *base, const char *name, const console_talker *talker, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    gboolean absent;
    g_autoptr(virDomain) domain = libvirt_find(self, name, &absent, error);
    g_autoptr(virStream) stream = NULL;
    session talking = {.talker = talker};
    struct termios saved;
    gboolean raw, done;

    if (domain == NULL)
        return absent ? error_set(error, ERROR_HOST_LIBVIRT, "libvirt has no domain %s", name)
                      : FALSE;
    stream = virStreamNew(self->connection, VIR_STREAM_NONBLOCK);
    if (stream == NULL || virDomainOpenConsole(domain, NULL, stream, VIR_DOMAIN_CONSOLE_SAFE) < 0)
        return libvirt_failed("can't open the console (is another one open?)", error);
    talking.stream = stream;
    talking.typed = g_string_new(NULL);
    raw = talker == NULL && terminal_raw(&saved);
    done = talk(&talking, error);
    if (raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &saved);
    g_string_free(talking.typed, TRUE);
    return done;
}
