/* Ending a program that is busy for ever, where it was started by somebody else's code, which waits
 * for it without a limit: that code then finds it dead. */
#ifndef COMMON_GUARD_H
#define COMMON_GUARD_H

#include <glib.h>
#include <sys/types.h>

typedef struct guard guard;

/* Watches PID, a child of this process that nobody has waited for yet. It is killed when
 * guard_told() hasn't been called for SILENT_MS; what passes while this process is stopped doesn't
 * count. No other process is ever killed, whatever becomes of PID's number. NULL where the kernel
 * can't tell processes from their numbers (Linux before 5.3). */
guard *guard_new(pid_t pid, guint silent_ms);

/* It gets on. NULL is fine. */
void guard_told(guard *self);

/* Whether it was killed. NULL is fine: FALSE. */
gboolean guard_has_killed(guard *self);

/* Ends the watch, and leaves the program as it is. NULL is fine. */
void guard_free(guard *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(guard, guard_free)

#endif
