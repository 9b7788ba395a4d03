#include "cli/terminal.h"
#include "cli/text.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#define QUIET_US G_USEC_PER_SEC /* what is quicker shows nothing */
#define REDRAW_US (G_USEC_PER_SEC / 5)
#define MIB (1024.0 * 1024.0)

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
    guint64 first, done, total; /* bytes, at the phase's begin and now; DONE 0: none are counted */
    gint64 begun;
    GHashTable *noted; /* what was said already: a command that waits looks again and again */
};

/* Whether FD is a terminal that knows escape sequences. */
static gboolean
is_able(int fd)
{
    return isatty(fd) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

static void
erase(terminal *self)
{
    if (self->drawn)
        fputs("\r\033[K", stderr);
    self->drawn = FALSE;
}

/* "12.3 of 45.6 MiB, 3.4 MiB/s, 10 s left" */
static void
draw_bytes(const terminal *self, gint64 taken)
{
    double rate = (double)(self->done - self->first) * G_USEC_PER_SEC / (double)taken;

    fprintf(stderr, "\r\033[K%s: %.1f", self->phase, (double)self->done / MIB);
    if (self->total > 0)
        fprintf(stderr, " of %.1f", (double)self->total / MIB);
    fprintf(stderr, " MiB, %.1f MiB/s", rate / MIB);
    if (self->total > self->done && rate > 0)
        fprintf(stderr, ", %.0f s left", ceil((double)(self->total - self->done) / rate));
}

static void
draw(terminal *self)
{
    gint64 taken = g_get_monotonic_time() - self->begun;

    if (self->phase == NULL || taken < QUIET_US)
        return;
    if (self->done > 0)
        draw_bytes(self, taken);
    else if (self->fraction >= 0)
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

/* DONE 0: no bytes are counted. */
static void
show(terminal *self, const char *foreign, double fraction, guint64 done, guint64 total)
{
    g_autofree char *phase = text_clean(foreign);

    g_mutex_lock(&self->lock);
    if (g_strcmp0(phase, self->phase) != 0) {
        if (self->verbose && !self->shows)
            fprintf(stderr, "%s\n", phase);
        g_free(self->phase);
        self->phase = g_steal_pointer(&phase);
        self->begun = g_get_monotonic_time();
        self->first = done;
    }
    self->fraction = fraction;
    self->done = done;
    self->total = total;
    /* What was begun anew has no rate yet. */
    self->first = MIN(self->first, done);
    if (self->shows && self->drawer == NULL)
        self->drawer = g_thread_new("progress", keep_drawing, self);
    g_mutex_unlock(&self->lock);
}

static void
report(progress *base, const char *phase, double fraction)
{
    show((terminal *)base, phase, fraction, 0, 0);
}

static void
report_bytes(progress *base, const char *phase, guint64 done, guint64 total)
{
    show((terminal *)base, phase, -1, done, total);
}

static void
note(progress *base, const char *text)
{
    terminal *self = (terminal *)base;
    g_autofree char *clean = text_clean(text);

    g_mutex_lock(&self->lock);
    if (g_hash_table_add(self->noted, g_strdup(clean))) {
        erase(self);
        fprintf(stderr, "amilaunch: note: %s\n", clean);
    }
    g_mutex_unlock(&self->lock);
}

terminal *
terminal_new(gboolean verbose)
{
    terminal *self = g_new0(terminal, 1);

    self->base.report = report;
    self->base.bytes = report_bytes;
    self->base.note = note;
    self->shows = is_able(STDERR_FILENO);
    self->verbose = verbose;
    self->noted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
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
    g_hash_table_destroy(self->noted);
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

    if (!is_able(STDOUT_FILENO) || (refused != NULL && *refused != '\0'))
        return "";
    return codes[which];
}
