/* How far a guest has come, and in which link of its chain it stopped, told from what it wrote to
 * its console. Pure.
 *
 * What is told later beats what was told earlier, and what was said before the last boot doesn't
 * count. A guest may write what it likes: it can fool nobody but its own user, and however much it
 * writes, only the end is read. */
#ifndef LAUNCHER_DIAGNOSIS_H
#define LAUNCHER_DIAGNOSIS_H

#include "drivers/boot_plan.h"

/* Bytes at the end of a text that are read. */
#define DIAGNOSIS_LIMIT (64 * 1024)

typedef enum {
    BOOT_UNKNOWN, /* nothing was said that tells anything */
    BOOT_GOES_ON, /* it has got to LINK */
    BOOT_WAITS,   /* it stopped in LINK, but may go on by itself after some seconds */
    BOOT_STOPPED, /* it stopped in LINK for good */
    BOOT_COMPLETE /* it asks for a login */
} boot_progress;

typedef struct {
    boot_progress progress;
    const char *link; /* a BOOT_LINK_ word; NULL if UNKNOWN or COMPLETE */
    const char *what; /* what is wrong, for people; NULL if nothing is known to be. Not owned */
    char *line;       /* the line that shows it, in valid UTF-8; NULL if UNKNOWN */
} diagnosis;

/* CONSOLE: all that a guest which boots by KIND wrote, or its end. APPLIANCE: the same of the Xen
 * appliance's own log, which counts as long as the guest is silent; NULL if there is none. Never
 * NULL. */
diagnosis *diagnosis_of(boot_kind kind, const char *console, const char *appliance);
void diagnosis_free(diagnosis *self);

/* PLAN's warning of what can't boot in the link in which the guest stopped or was last; NULL: it
 * has none. */
const boot_warning *diagnosis_foreseen(const diagnosis *self, const boot_plan *plan);

/* TRUE if a guest whose console has been silent for SILENT_S seconds won't come up: it stopped for
 * good; what it waits for doesn't happen by itself (GRUB gives people 10 s before it tries the next
 * entry); or, if FORESEEN, it has got as far as its plan said. One that is merely slow isn't given
 * up. */
gboolean diagnosis_is_final(const diagnosis *self, gboolean foreseen, guint silent_s);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(diagnosis, diagnosis_free)

#endif
