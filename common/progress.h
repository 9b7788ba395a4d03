/* How long work tells what it is doing. The worker calls progress_phase() and progress_at(); who
 * shows it (a terminal, a log, nobody) is the receiver's business. */
#ifndef COMMON_PROGRESS_H
#define COMMON_PROGRESS_H

#include <glib.h>

typedef struct progress progress;

struct progress {
    /* Called on the worker's thread. PHASE is a short present participle ("hashing"), never
     * NULL. FRACTION is 0 to 1, or negative while the length of the phase isn't known. */
    void (*report)(progress *self, const char *phase, double fraction);

    /* The same where it is bytes that are counted, of which TOTAL (0: that isn't known) are to be
     * done. NULL: report() is called instead. */
    void (*bytes)(progress *self, const char *phase, guint64 done, guint64 total);

    /* Called with a sentence that people should read but that isn't an error. */
    void (*note)(progress *self, const char *text);
};

/* Passes a printf-style sentence on. SELF may be NULL. */
static inline void G_GNUC_PRINTF(2, 3) progress_note(progress *self, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    if (self == NULL)
        return;
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    self->note(self, text);
}

/* Says that PHASE begins, or how far it is. SELF may be NULL: nobody listens. */
static inline void
progress_at(progress *self, const char *phase, double fraction)
{
    if (self != NULL)
        self->report(self, phase, fraction);
}

static inline void
progress_bytes(progress *self, const char *phase, guint64 done, guint64 total)
{
    if (self != NULL && self->bytes != NULL)
        self->bytes(self, phase, done, total);
    else
        progress_at(self, phase, total > 0 ? (double)done / (double)total : -1.0);
}

static inline void
progress_phase(progress *self, const char *phase)
{
    progress_at(self, phase, -1.0);
}

#endif
