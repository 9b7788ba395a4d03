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
};

/* Says that PHASE begins, or how far it is. SELF may be NULL: nobody listens. */
static inline void
progress_at(progress *self, const char *phase, double fraction)
{
    if (self != NULL)
        self->report(self, phase, fraction);
}

static inline void
progress_phase(progress *self, const char *phase)
{
    progress_at(self, phase, -1.0);
}

#endif
