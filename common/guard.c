#include "common/guard.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TICK_MS 1000u

/* Time is counted in ticks, of which a process that is stopped (ctrl-Z), or on a machine that
 * sleeps, has at most one. */
struct guard {
    int process; /* a file that stands for it */
    guint silent_ms, tick_ms;
    GThread *thread;
    GMutex lock;
    GCond woken;
    guint waited_ms;
    gboolean ending, killed;
};

/* FALSE: the watch ends. */
static gboolean
wait_a_tick(guard *self)
{
    gint64 end = g_get_monotonic_time() + self->tick_ms * G_GINT64_CONSTANT(1000);

    while (!self->ending)
        if (!g_cond_wait_until(&self->woken, &self->lock, end))
            break;
    self->waited_ms += self->tick_ms;
    return !self->ending;
}

static gpointer
watch(gpointer data)
{
    guard *self = data;

    g_mutex_lock(&self->lock);
    while (wait_a_tick(self) && self->waited_ms < self->silent_ms)
        ;
    if (!self->ending)
        self->killed = syscall(SYS_pidfd_send_signal, self->process, SIGKILL, NULL, 0) == 0;
    g_mutex_unlock(&self->lock);
    return NULL;
}

guard *
guard_new(pid_t pid, guint silent_ms)
{
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    guard *self;

    if (process < 0)
        return NULL;
    self = g_new0(guard, 1);
    self->process = process;
    self->silent_ms = silent_ms;
    self->tick_ms = MIN(TICK_MS, silent_ms);
    g_mutex_init(&self->lock);
    g_cond_init(&self->woken);
    self->thread = g_thread_new("guard", watch, self);
    return self;
}

void
guard_told(guard *self)
{
    if (self == NULL)
        return;
    g_mutex_lock(&self->lock);
    self->waited_ms = 0;
    g_mutex_unlock(&self->lock);
}

gboolean
guard_has_killed(guard *self)
{
    gboolean killed;

    if (self == NULL)
        return FALSE;
    g_mutex_lock(&self->lock);
    killed = self->killed;
    g_mutex_unlock(&self->lock);
    return killed;
}

void
guard_free(guard *self)
{
    if (self == NULL)
        return;
    g_mutex_lock(&self->lock);
    self->ending = TRUE;
    g_cond_signal(&self->woken);
    g_mutex_unlock(&self->lock);
    g_thread_join(self->thread);
    g_mutex_clear(&self->lock);
    g_cond_clear(&self->woken);
    close(self->process);
    g_free(self);
}
