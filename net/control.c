#include "net/control.h"

#include "common/error.h"
#include "launcher/network.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MOST 16

typedef struct {
    control *owner;
    int fd;
    guint source;
    char line[LINE_MOST];
    gsize length;
} client;

struct control {
    char *path;
    struct stat made; /* what is at PATH, if nobody has made it anew */
    int fd;
    guint source;
    GQueue clients; /* client*, the oldest first */
    void (*look)(gpointer data);
    gpointer data;
};

static void
client_free(client *self)
{
    g_queue_remove(&self->owner->clients, self);
    g_source_remove(self->source);
    close(self->fd);
    g_free(self);
}

/* Works off whole lines. FALSE: it isn't one of our commands that is talking. */
static gboolean
obey(client *self)
{
    const gsize length = strlen(NETWORK_LOOK);

    while (self->length >= length) {
        if (memcmp(self->line, NETWORK_LOOK, length) != 0)
            return FALSE;
        self->length -= length;
        memmove(self->line, self->line + length, self->length);
        self->owner->look(self->owner->data);
        send(self->fd, NETWORK_DONE, strlen(NETWORK_DONE), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    return memcmp(self->line, NETWORK_LOOK, self->length) == 0;
}

static gboolean
on_client(int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
    client *self = data;
    gssize got = recv(fd, self->line + self->length, LINE_MOST - self->length, MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    if (got > 0) {
        self->length += (gsize)got;
        if (obey(self))
            return G_SOURCE_CONTINUE;
    }
    client_free(self);
    return G_SOURCE_CONTINUE;
}

/* The oldest has had the longest time to say something. */
static gboolean
on_connection(int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
    control *self = data;
    int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    client *new;

    if (accepted < 0)
        return G_SOURCE_CONTINUE;
    if (g_queue_get_length(&self->clients) >= CONTROL_CLIENTS)
        client_free(g_queue_peek_head(&self->clients));
    new = g_new0(client, 1);
    new->owner = self;
    new->fd = accepted;
    new->source = g_unix_fd_add(accepted, G_IO_IN | G_IO_HUP | G_IO_ERR, on_client, new);
    g_queue_push_tail(&self->clients, new);
    return G_SOURCE_CONTINUE;
}

static int
listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    unlink(path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(fd, CONTROL_CLIENTS) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

control *
control_new(const char *path, void (*look)(gpointer data), gpointer data, GError **error)
{
    int fd = listen_at(path);
    control *self;

    if (fd < 0) {
        error_set_errno(error, errno, "can't listen at %s", path);
        return NULL;
    }
    self = g_new0(control, 1);
    self->path = g_strdup(path);
    self->fd = fd;
    if (lstat(path, &self->made) != 0)
        g_warning("%s: %s", path, g_strerror(errno));
    self->look = look;
    self->data = data;
    g_queue_init(&self->clients);
    self->source = g_unix_fd_add(fd, G_IO_IN, on_connection, self);
    return self;
}

/* HOME may have been removed and made anew, and have another's. */
static void
remove_socket(const control *self)
{
    struct stat there;

    if (lstat(self->path, &there) == 0 && there.st_ino == self->made.st_ino &&
        there.st_dev == self->made.st_dev)
        unlink(self->path);
}

void
control_free(control *self)
{
    if (self == NULL)
        return;
    while (!g_queue_is_empty(&self->clients))
        client_free(g_queue_peek_head(&self->clients));
    g_source_remove(self->source);
    remove_socket(self);
    close(self->fd);
    g_free(self->path);
    g_free(self);
}
