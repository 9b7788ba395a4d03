#include "cli/terminal.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#define QUIET_US G_USEC_PER_SEC /* what is quicker shows nothing */
#define REDRAW_US (G_USEC_PER_SEC / 5)

struct terminal {
    progress base;
    gboolean shows;
    gboolean verbose;
    GMutex lock;
    GCond woken;
    GThread *drawer; /* NULL until the first phase */
    gboolean ending;
    gboolean drawn;
    char *phase;
    double fraction;
    gint64 begun;
};

static void
erase(terminal *self)
{
    if (self->drawn)
        fputs("\r\033[K", stderr);
    self->drawn = FALSE;
}

static void
draw(terminal *self)
{
    gint64 taken = g_get_monotonic_time() - self->begun;

    if (self->phase == NULL || taken < QUIET_US)
        return;
    if (self->fraction >= 0)
        fprintf(stderr, "\r\033[K%s: %d%%", self->phase, (int)lround(self->fraction * 100));
    else
        fprintf(stderr, "\r\033[K%s: %d s", self->phase, (int)(taken / G_USEC_PER_SEC));
    fflush(stderr);
    self->drawn = TRUE;
}

/* A phase may last long without a word from the worker; the seconds have to pass all the same. */
static gpointer
keep_drawing(gpointer opaque)
{
    terminal *self = opaque;

    g_mutex_lock(&self->lock);
    while (!self->ending) {
        draw(self);
        g_cond_wait_until(&self->woken, &self->lock, g_get_monotonic_time() + REDRAW_US);
    }
    g_mutex_unlock(&self->lock);
    return NULL;
}

static void
report(progress *base, const char *phase, double fraction)
{
    terminal *self = (terminal *)base;

    g_mutex_lock(&self->lock);
    if (g_strcmp0(phase, self->phase) != 0) {
        if (self->verbose && !self->shows)
            fprintf(stderr, "%s\n", phase);
        g_free(self->phase);
        self->phase = g_strdup(phase);
        self->begun = g_get_monotonic_time();
    }
    self->fraction = fraction;
    if (self->shows && self->drawer == NULL)
        self->drawer = g_thread_new("progress", keep_drawing, self);
    g_mutex_unlock(&self->lock);
}

static void
note(progress *base, const char *text)
{
    terminal *self = (terminal *)base;

    g_mutex_lock(&self->lock);
    erase(self);
    fprintf(stderr, "amilaunch: note: %s\n", text);
    g_mutex_unlock(&self->lock);
}

terminal *
terminal_new(gboolean verbose)
{
    terminal *self = g_new0(terminal, 1);

    self->base.report = report;
    self->base.note = note;
    self->shows = isatty(STDERR_FILENO);
    self->verbose = verbose;
    g_mutex_init(&self->lock);
    g_cond_init(&self->woken);
    return self;
}

void
terminal_clear(terminal *self)
{
    g_mutex_lock(&self->lock);
    g_clear_pointer(&self->phase, g_free);
    erase(self);
    g_mutex_unlock(&self->lock);
}

void
terminal_free(terminal *self)
{
    if (self == NULL)
        return;
    terminal_clear(self);
    if (self->drawer != NULL) {
        g_mutex_lock(&self->lock);
        self->ending = TRUE;
        g_cond_signal(&self->woken);
        g_mutex_unlock(&self->lock);
        g_thread_join(self->drawer);
    }
    g_mutex_clear(&self->lock);
    g_cond_clear(&self->woken);
    g_free(self);
}

progress *
terminal_progress(terminal *self)
{
    return &self->base;
}

const char *
terminal_colour(colour which)
{
    static const char *const codes[] = {"\033[0m", "\033[32m", "\033[33m", "\033[31m", "\033[2m"};
    const char *refused = g_getenv("NO_COLOR");

    if (!isatty(STDOUT_FILENO) || (refused != NULL && *refused != '\0'))
        return "";
    return codes[which];
}
