/* What wakes the network process: many files by one epoll, a source of GLib's default main context.
 * What one wake-up brings is worked off in a round: first what the files have, then the work that
 * was deferred, then what was gathered is sent. So many frames cost one system call. */
#ifndef NET_POLLER_H
#define NET_POLLER_H

#include <glib.h>

typedef struct poller poller;

/* NULL on failure. */
poller *poller_new(GError **error);
void poller_free(poller *self);

/* EVENTS (EPOLLIN, ...) have happened at FD. The file may be closed, and others unwatched. */
typedef void (*poller_ready)(int fd, guint32 events, gpointer data);

/* From now on FD is watched for just these events (and errors). Before it is closed it is
 * unwatched; who wasn't watched is fine. */
void poller_watch(poller *self, int fd, guint32 events, poller_ready ready, gpointer data);
void poller_unwatch(poller *self, int fd);

/* Something to be done later in this round, once however often it is asked for; or at a time. The
 * owner embeds it, fills in the first two, and cancels it before it goes. */
typedef struct {
    void (*run)(gpointer data);
    gpointer data;
    gboolean is_deferred;
    gint64 alarm; /* g_get_monotonic_time()'s; 0: none */
} poller_task;

typedef enum { ROUND_WORK, ROUND_SEND, ROUND_PARTS } round_part;

void poller_defer(poller *self, round_part part, poller_task *task);

/* TASK is deferred (as work) at AT; 0: not any more. */
void poller_set_alarm(poller *self, poller_task *task, gint64 at);
void poller_cancel(poller *self, poller_task *task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(poller, poller_free)

#endif
