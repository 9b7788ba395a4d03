/* How commands keep HOME's network process alive and tell it of what they did (see network.h). It
 * never keeps a guest from running: what is wrong with it is noted. Nothing is done in an engine
 * whose guests' frames nobody carries (START_NETD is NULL). */
#ifndef LAUNCHER_NETD_H
#define LAUNCHER_NETD_H

#include "launcher/internal.h"

#define NETWORK_PROGRAM "amilaunch-netd" /* beside amilaunch's other programs */

/* TRUE if HOME's path leaves room for the sockets' names; else Host.Disk and the way out. */
gboolean network_check_home(const char *home, GError **error);

/* Starts the network process if it isn't there, and returns at once. To be called when it is
 * recorded who is to have a network. */
void network_ensure(launcher *self);

/* If the records have changed since it was told last (UNTOLD), it is told, and has read them then,
 * or a second has passed. With network_settle() it has to be there, as guests need it; else it may
 * be gone. launcher_free() tells what has not been told. */
void network_settle(launcher *self);
void network_tell(launcher *self);

/* What settles in the records without a command for it: it is there if any of ALL (instance*) needs
 * it. */
void network_reconcile(launcher *self, const GPtrArray *all);

/* Removes the sockets of an instance that is over. */
gboolean network_forget(launcher *self, const char *id, GError **error);

/* Starts the program, whose life is its own from then on; launcher_open() makes it START_NETD. */
gboolean netd_start(launcher *self, GError **error);

#endif
