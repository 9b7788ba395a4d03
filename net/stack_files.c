#include "net/stack_files.h"

#include <slirp/libslirp.h>
#include <sys/epoll.h>

typedef struct {
    file_kind kind;
    guint16 guest_port;
    int wanted; /* this time; 0: not */
    int events; /* that have happened */
} file;

struct stack_files {
    poller *poll;
    void (*ready)(gpointer data);
    gpointer data;
    GHashTable *files;             /* int -> file */
    GHashTable *ports[FILE_KINDS]; /* the guest's, of UDP's and metadata's */
    GHashTable *half_open;         /* metadata's: the guest's port -> since when, in seconds */
    guint counts[FILE_KINDS];
    file_kind expected;
    guint16 expected_port;
};

static const struct {
    int slirp;
    guint32 epoll;
} flags[] = {
    {SLIRP_POLL_IN, EPOLLIN},   {SLIRP_POLL_OUT, EPOLLOUT}, {SLIRP_POLL_PRI, EPOLLPRI},
    {SLIRP_POLL_ERR, EPOLLERR}, {SLIRP_POLL_HUP, EPOLLHUP},
};

static guint32
to_epoll(int events)
{
    guint32 result = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(flags); i++)
        result |= events & flags[i].slirp ? flags[i].epoll : 0;
    return result;
}

static int
from_epoll(guint32 events)
{
    int result = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(flags); i++)
        result |= events & flags[i].epoll ? flags[i].slirp : 0;
    return result;
}

stack_files *
stack_files_new(poller *poll, void (*ready)(gpointer data), gpointer data)
{
    stack_files *self = g_new0(stack_files, 1);

    self->poll = poll;
    self->ready = ready;
    self->data = data;
    self->files = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    self->ports[FILE_UDP] = g_hash_table_new(NULL, NULL);
    self->ports[FILE_METADATA] = g_hash_table_new(NULL, NULL);
    self->half_open = g_hash_table_new(NULL, NULL);
    return self;
}

void
stack_files_free(stack_files *self)
{
    GHashTableIter iter;
    gpointer fd;

    if (self == NULL)
        return;
    g_hash_table_iter_init(&iter, self->files);
    while (g_hash_table_iter_next(&iter, &fd, NULL))
        poller_unwatch(self->poll, GPOINTER_TO_INT(fd));
    g_hash_table_unref(self->files);
    g_hash_table_unref(self->ports[FILE_UDP]);
    g_hash_table_unref(self->ports[FILE_METADATA]);
    g_hash_table_unref(self->half_open);
    g_free(self);
}

static file *
file_of(const stack_files *self, int fd)
{
    return g_hash_table_lookup(self->files, GINT_TO_POINTER(fd));
}

static file *
add(stack_files *self, int fd, file_kind kind)
{
    file *which = g_new0(file, 1);

    which->kind = kind;
    self->counts[kind]++;
    g_hash_table_insert(self->files, GINT_TO_POINTER(fd), which);
    return which;
}

void
stack_files_expect(stack_files *self, file_kind kind, guint16 guest_port)
{
    self->expected = kind;
    self->expected_port = guest_port;
}

void
stack_files_open(stack_files *self, int fd)
{
    file *which;

    stack_files_close(self, fd);
    which = add(self, fd, self->expected);
    which->guest_port = self->expected_port;
    if (self->ports[which->kind] != NULL)
        g_hash_table_add(self->ports[which->kind], GUINT_TO_POINTER(which->guest_port));
    if (which->kind == FILE_METADATA)
        g_hash_table_remove(self->half_open, GUINT_TO_POINTER(which->guest_port));
}

void
stack_files_close(stack_files *self, int fd)
{
    file *which = file_of(self, fd);

    if (which == NULL)
        return;
    poller_unwatch(self->poll, fd);
    self->counts[which->kind]--;
    if (self->ports[which->kind] != NULL)
        g_hash_table_remove(self->ports[which->kind], GUINT_TO_POINTER(which->guest_port));
    g_hash_table_remove(self->files, GINT_TO_POINTER(fd));
}

static guint
seconds(void)
{
    return (guint)(g_get_monotonic_time() / G_USEC_PER_SEC);
}

static gboolean
is_old(gpointer port G_GNUC_UNUSED, gpointer since, gpointer now)
{
    return GPOINTER_TO_UINT(now) - GPOINTER_TO_UINT(since) > HALF_OPEN_S;
}

guint
stack_files_count_of(const stack_files *self, file_kind kind)
{
    if (kind != FILE_METADATA)
        return self->counts[kind];
    return self->counts[kind] + g_hash_table_size(self->half_open);
}

void
stack_files_announce(stack_files *self, file_kind kind, guint16 guest_port)
{
    if (kind == FILE_METADATA && !stack_files_has(self, kind, guest_port))
        g_hash_table_insert(self->half_open, GUINT_TO_POINTER(guest_port),
                            GUINT_TO_POINTER(seconds()));
}

guint
stack_files_count(const stack_files *self)
{
    return g_hash_table_size(self->files) - self->counts[FILE_LISTENER];
}

gboolean
stack_files_has(const stack_files *self, file_kind kind, guint16 guest_port)
{
    return self->ports[kind] != NULL &&
           g_hash_table_contains(self->ports[kind], GUINT_TO_POINTER(guest_port));
}

void
stack_files_begin(stack_files *self)
{
    GHashTableIter iter;
    gpointer which;

    g_hash_table_iter_init(&iter, self->files);
    while (g_hash_table_iter_next(&iter, NULL, &which))
        ((file *)which)->wanted = 0;
    if (g_hash_table_size(self->half_open) > 0)
        g_hash_table_foreach_remove(self->half_open, is_old, GUINT_TO_POINTER(seconds()));
}

void
stack_files_want(stack_files *self, int fd, int events)
{
    file *which = file_of(self, fd);

    if (which == NULL)
        which = add(self, fd, FILE_LISTENER);
    which->wanted = events;
}

static void
on_ready(int fd, guint32 events, gpointer data)
{
    stack_files *self = data;
    file *which = file_of(self, fd);

    if (which != NULL)
        which->events |= from_epoll(events);
    self->ready(self->data);
}

void
stack_files_end(stack_files *self, gboolean listen)
{
    GHashTableIter iter;
    gpointer fd, value;

    g_hash_table_iter_init(&iter, self->files);
    while (g_hash_table_iter_next(&iter, &fd, &value)) {
        const file *which = value;
        if (which->wanted != 0 && (listen || which->kind != FILE_LISTENER))
            poller_watch(self->poll, GPOINTER_TO_INT(fd), to_epoll(which->wanted), on_ready, self);
        else
            poller_unwatch(self->poll, GPOINTER_TO_INT(fd));
    }
}

int
stack_files_take_events(stack_files *self, int fd)
{
    file *which = file_of(self, fd);
    int events = which != NULL ? which->events : 0;

    if (which != NULL)
        which->events = 0;
    return events;
}
