#include "net/poller.h"

#include "common/error.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 128

typedef struct {
    poller_ready ready; /* NULL: isn't watched */
    gpointer data;
    guint32 events;
    guint32 serial; /* of this watch: an event of an earlier file of that number isn't this one's */
} watch;

typedef struct {
    GSource source;
    poller *owner;
} poller_source;

struct poller {
    int epoll;
    GSource *source;
    GArray *watches; /* watch, by the file's number */
    guint32 serial;
    GQueue deferred[ROUND_PARTS]; /* poller_task* */
    GPtrArray *alarms;            /* poller_task* */
};

static gint64
next_alarm(const poller *self)
{
    gint64 next = -1;

    for (guint i = 0; i < self->alarms->len; i++) {
        const poller_task *task = self->alarms->pdata[i];
        if (next < 0 || task->alarm < next)
            next = task->alarm;
    }
    return next;
}

static gboolean
prepare(GSource *source, int *timeout)
{
    poller *self = ((poller_source *)source)->owner;

    *timeout = -1;
    g_source_set_ready_time(source, next_alarm(self));
    return !g_queue_is_empty(&self->deferred[ROUND_WORK]) ||
           !g_queue_is_empty(&self->deferred[ROUND_SEND]);
}

static void
tell(poller *self, const struct epoll_event *event)
{
    guint fd = (guint)(event->data.u64 & 0xffffffffu);
    const watch *which;

    if (fd >= self->watches->len)
        return;
    which = &g_array_index(self->watches, watch, fd);
    if (which->ready != NULL && which->serial == event->data.u64 >> 32)
        which->ready((int)fd, event->events, which->data);
}

static void
tell_all(poller *self)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = epoll_wait(self->epoll, events, EVENTS_AT_ONCE, 0);

    for (int i = 0; i < count; i++)
        tell(self, &events[i]);
}

static void
ring(poller *self)
{
    gint64 now = g_get_monotonic_time();

    for (guint i = self->alarms->len; i > 0; i--) {
        poller_task *task = self->alarms->pdata[i - 1];
        if (task->alarm > now)
            continue;
        poller_set_alarm(self, task, 0);
        poller_defer(self, ROUND_WORK, task);
    }
}

static poller_task *
next_task(poller *self)
{
    poller_task *task = g_queue_pop_head(&self->deferred[ROUND_WORK]);

    return task != NULL ? task : g_queue_pop_head(&self->deferred[ROUND_SEND]);
}

static gboolean
dispatch(GSource *source, GSourceFunc callback G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
    poller *self = ((poller_source *)source)->owner;
    poller_task *task;

    tell_all(self);
    ring(self);
    while ((task = next_task(self)) != NULL) {
        task->is_deferred = FALSE;
        task->run(task->data);
    }
    return G_SOURCE_CONTINUE;
}

poller *
poller_new(GError **error)
{
    static GSourceFuncs functions = {.prepare = prepare, .dispatch = dispatch};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    poller *self;

    if (epoll < 0) {
        error_set_errno(error, errno, "can't watch files");
        return NULL;
    }
    self = g_new0(poller, 1);
    self->epoll = epoll;
    self->watches = g_array_new(FALSE, TRUE, sizeof(watch));
    self->alarms = g_ptr_array_new();
    for (guint i = 0; i < ROUND_PARTS; i++)
        g_queue_init(&self->deferred[i]);
    self->source = g_source_new(&functions, sizeof(poller_source));
    ((poller_source *)self->source)->owner = self;
    g_source_add_unix_fd(self->source, epoll, G_IO_IN);
    g_source_attach(self->source, NULL);
    return self;
}

void
poller_free(poller *self)
{
    if (self == NULL)
        return;
    g_source_destroy(self->source);
    g_source_unref(self->source);
    for (guint i = 0; i < ROUND_PARTS; i++)
        g_queue_clear(&self->deferred[i]);
    g_ptr_array_unref(self->alarms);
    g_array_unref(self->watches);
    close(self->epoll);
    g_free(self);
}

static watch *
watch_of(poller *self, int fd)
{
    if ((guint)fd >= self->watches->len)
        g_array_set_size(self->watches, (guint)fd + 1);
    return &g_array_index(self->watches, watch, fd);
}

void
poller_watch(poller *self, int fd, guint32 events, poller_ready ready, gpointer data)
{
    watch *which = watch_of(self, fd);
    gboolean is_new = which->ready == NULL;
    struct epoll_event event;

    if (!is_new && which->events == events && which->data == data)
        return;
    if (is_new)
        which->serial = ++self->serial;
    which->ready = ready;
    which->data = data;
    which->events = events;
    event.events = events;
    event.data.u64 = (guint64)which->serial << 32 | (guint)fd;
    if (epoll_ctl(self->epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) != 0)
        g_warning("can't watch a file: %s", g_strerror(errno));
}

void
poller_unwatch(poller *self, int fd)
{
    watch *which = watch_of(self, fd);

    if (which->ready == NULL)
        return;
    which->ready = NULL;
    epoll_ctl(self->epoll, EPOLL_CTL_DEL, fd, NULL);
}

void
poller_defer(poller *self, round_part part, poller_task *task)
{
    if (task->is_deferred)
        return;
    task->is_deferred = TRUE;
    g_queue_push_tail(&self->deferred[part], task);
}

void
poller_set_alarm(poller *self, poller_task *task, gint64 at)
{
    if (task->alarm == 0 && at != 0)
        g_ptr_array_add(self->alarms, task);
    else if (task->alarm != 0 && at == 0)
        g_ptr_array_remove_fast(self->alarms, task);
    task->alarm = at;
}

void
poller_cancel(poller *self, poller_task *task)
{
    poller_set_alarm(self, task, 0);
    if (!task->is_deferred)
        return;
    for (guint i = 0; i < ROUND_PARTS; i++)
        g_queue_remove(&self->deferred[i], task);
    task->is_deferred = FALSE;
}
