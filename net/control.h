/* Where commands tell the network process that the records have changed (launcher/network.h).
 * Nobody who connects is waited for, and no more than CONTROL_CLIENTS are kept. */
#ifndef NET_CONTROL_H
#define NET_CONTROL_H

#include <glib.h>

#define CONTROL_CLIENTS 16

typedef struct control control;

/* Listens at PATH, which is made anew. LOOK is called for each client that asks for it, and is
 * answered when it returns. NULL on failure. */
control *control_new(const char *path, void (*look)(gpointer data), gpointer data, GError **error);

/* Nobody can connect any more; PATH is gone. */
void control_free(control *self);

#endif
