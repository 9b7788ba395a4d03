/* The fifo by which QEMU is asked for its events; see guest_events.h. */
#ifndef DRIVERS_LIBVIRT_EVENTS_H
#define DRIVERS_LIBVIRT_EVENTS_H

#include <glib.h>

/* Opens EVENTS.in and asks in it for events. What comes back is to be kept open until QEMU has
 * opened it too: what is in a fifo that nobody holds is gone. -1 for no EVENTS (NULL). */
gboolean events_ask(const char *events, int *held, GError **error);

/* Lets go of what events_ask() gave. */
void events_release(int held);

#endif
