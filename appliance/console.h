/* The guest's console: its ring, shared with dom0, on one side, ttyS0 on the other. It takes the
 * place of xenconsoled. A byte leaves the ring when ttyS0 has taken it, so nothing is lost: a guest
 * that writes faster than QEMU takes waits. The ring is written by the guest: hostile. */
#ifndef APPLIANCE_CONSOLE_H
#define APPLIANCE_CONSOLE_H

#include <poll.h>
#include <stdbool.h>

#define CONSOLE_FDS 2

bool console_open(const char *tty);

/* Takes the ring of the guest DOMAIN, and its event channel PORT. */
bool console_bind(unsigned domain, unsigned port);
bool console_is_bound(void);

/* Moves what is left in the ring, for at most MS milliseconds, and lets go of it. */
void console_unbind(long ms);

/* What to wait for, in FDS; a descriptor may be -1. */
void console_wanted(struct pollfd fds[CONSOLE_FDS]);

/* Moves what can be moved, both ways. */
void console_move(void);

/* A line of our own. */
void console_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
