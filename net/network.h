/* The network of a HOME: the ports that its records say there are. */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include "net/port.h"

typedef struct network network;

/* Without ports yet. ENGINE and SERVICE must outlive it. CHANGED is called after it has read the
 * records by itself, because a QEMU has gone, and when one wasn't to be found. NULL on failure. */
network *network_new(const char *home, launcher *engine, imds *service,
                     void (*changed)(gpointer data), gpointer data, GError **error);
void network_free(network *self);

/* Reads the records: new ports are made, others go. RETRY: a QEMU that wasn't to be found may have
 * come since. FALSE if they can't be read; then all is as it was, and they are read
 * again soon. */
gboolean network_look(network *self, gboolean retry, GError **error);

/* Whether no port has a QEMU or may come to have one. */
gboolean network_is_idle(const network *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(network, network_free)

#endif
