#include "net/qemu_link.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_SIZE (256 * 1024)
#define CHUNK_SIZE (256 * 1024)
#define CHUNKS_KEPT 4
#define PAUSE_FIRST 20 /* milliseconds */
#define PAUSE_MOST 2000
#define WELL_CONNECTED 5 /* seconds */

struct qemu_link {
    poller *poll;
    char *path;
    qemu_link_events events;
    gpointer data;
    int fd; /* -1: isn't connected */
    framing in;
    guint8 *out; /* a chunk, or NULL: nothing waits to be sent */
    gsize out_begin;
    gsize out_end;
    poller_task flush;
    poller_task connect;
    gint64 since; /* when it was connected */
    gint64 until; /* when to give up connecting; 0: isn't trying */
    gint64 pause; /* milliseconds to the next attempt */
};

/* Most links have nothing to send at most times: those that have take a chunk from here. */
static guint8 *chunks[CHUNKS_KEPT];
static guint chunk_count;

static guint8 *
chunk_take(void)
{
    return chunk_count > 0 ? chunks[--chunk_count] : g_malloc(CHUNK_SIZE);
}

static void
chunk_give(guint8 *chunk)
{
    if (chunk != NULL && chunk_count < CHUNKS_KEPT)
        chunks[chunk_count++] = chunk;
    else
        g_free(chunk);
}

static void
forget_output(qemu_link *self)
{
    chunk_give(g_steal_pointer(&self->out));
    self->out_begin = self->out_end = 0;
}

/* The next attempt comes after PAUSE milliseconds, the one after that later. */
static void
try_later(qemu_link *self, gint64 pause)
{
    poller_set_alarm(self->poll, &self->connect, g_get_monotonic_time() + pause * 1000);
    self->pause = MIN(pause + self->pause, PAUSE_MOST);
}

static void
try_for_a_while(qemu_link *self, gint64 pause)
{
    self->until = g_get_monotonic_time() + QEMU_LINK_PATIENCE * G_USEC_PER_SEC;
    try_later(self, pause);
}

static void
hang_up(qemu_link *self)
{
    if (self->fd < 0)
        return;
    poller_unwatch(self->poll, self->fd);
    close(self->fd);
    self->fd = -1;
    self->in = (framing){0};
    forget_output(self);
    /* One that hangs up as soon as it is reached isn't reached all the time. */
    if (g_get_monotonic_time() - self->since > WELL_CONNECTED * G_USEC_PER_SEC)
        self->pause = PAUSE_FIRST;
    try_for_a_while(self, self->pause);
    self->events.lost(self->data);
}

static void watch_link(qemu_link *self, gboolean for_room);

static void
flush(gpointer data)
{
    qemu_link *self = data;
    gssize sent;

    if (self->fd < 0 || self->out == NULL)
        return;
    sent =
        send(self->fd, self->out + self->out_begin, self->out_end - self->out_begin, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        hang_up(self);
        return;
    }
    self->out_begin += (gsize)MAX(sent, 0);
    if (self->out_begin == self->out_end)
        forget_output(self);
    watch_link(self, self->out != NULL);
}

static void
receive(qemu_link *self)
{
    static guint8 bytes[READ_SIZE];
    gssize length = recv(self->fd, bytes, sizeof bytes, 0);

    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0 ||
        !framing_feed(&self->in, bytes, (gsize)length, self->events.frame, self->data))
        hang_up(self);
}

static void
on_ready(int fd G_GNUC_UNUSED, guint32 events, gpointer data)
{
    qemu_link *self = data;

    if (events & EPOLLOUT)
        poller_defer(self->poll, ROUND_SEND, &self->flush);
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        receive(self);
}

static void
watch_link(qemu_link *self, gboolean for_room)
{
    poller_watch(self->poll, self->fd, EPOLLIN | (for_room ? EPOLLOUT : 0), on_ready, self);
}

static int
open_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void
try_to_connect(gpointer data)
{
    qemu_link *self = data;
    gint64 now = g_get_monotonic_time();

    if (self->fd >= 0)
        return;
    self->fd = open_socket(self->path);
    if (self->fd >= 0) {
        self->until = 0;
        self->since = now;
        watch_link(self, FALSE);
        return;
    }
    if (now >= self->until) {
        self->until = 0;
        self->events.lost(self->data);
        return;
    }
    try_later(self, self->pause);
}

qemu_link *
qemu_link_new(poller *poll, const char *path, const qemu_link_events *events, gpointer data)
{
    qemu_link *self = g_new0(qemu_link, 1);

    self->poll = poll;
    self->path = g_strdup(path);
    self->events = *events;
    self->data = data;
    self->fd = -1;
    self->flush = (poller_task){.run = flush, .data = self};
    self->connect = (poller_task){.run = try_to_connect, .data = self};
    self->pause = PAUSE_FIRST;
    try_for_a_while(self, 0);
    return self;
}

void
qemu_link_free(qemu_link *self)
{
    if (self == NULL)
        return;
    poller_cancel(self->poll, &self->flush);
    poller_cancel(self->poll, &self->connect);
    if (self->fd >= 0) {
        poller_unwatch(self->poll, self->fd);
        close(self->fd);
    }
    forget_output(self);
    g_free(self->path);
    g_free(self);
}

static gboolean
has_room(qemu_link *self, gsize more)
{
    if (self->out_end + more <= CHUNK_SIZE)
        return TRUE;
    if (self->out_begin == 0)
        return FALSE;
    memmove(self->out, self->out + self->out_begin, self->out_end - self->out_begin);
    self->out_end -= self->out_begin;
    self->out_begin = 0;
    return self->out_end + more <= CHUNK_SIZE;
}

void
qemu_link_pass(qemu_link *self, const guint8 *bytes, gsize length)
{
    if (self->out_end - self->out_begin + FRAMING_HEAD + length <= CHUNK_SIZE / 2)
        qemu_link_send(self, bytes, length);
}

void
qemu_link_send(qemu_link *self, const guint8 *bytes, gsize length)
{
    if (self->fd < 0 || length > FRAME_MOST || !has_room(self, FRAMING_HEAD + length))
        return;
    if (self->out == NULL)
        self->out = chunk_take();
    frame_put32(self->out + self->out_end, (guint32)length);
    memcpy(self->out + self->out_end + FRAMING_HEAD, bytes, length);
    self->out_end += FRAMING_HEAD + length;
    /* While QEMU doesn't read, its room is waited for, not the round's end. */
    if (self->out_begin == 0)
        poller_defer(self->poll, ROUND_SEND, &self->flush);
}

gboolean
qemu_link_is_alive(const qemu_link *self)
{
    return self->fd >= 0 || self->until != 0;
}

void
qemu_link_retry(qemu_link *self)
{
    if (qemu_link_is_alive(self))
        return;
    self->pause = PAUSE_FIRST;
    try_for_a_while(self, 0);
}
