/* An instance's place in the network: its cable, its stack, and the rules between them. */
#ifndef NET_PORT_H
#define NET_PORT_H

#include "launcher/network.h"
#include "net/imds.h"
#include "net/stack.h"

typedef struct port port;

/* What the ports of a HOME share. All of it outlives them. */
typedef struct {
    const char *home;
    poller *poll;
    imds *metadata;
    port *(*find)(guint32 address, gpointer data); /* NULL: nobody has it */
    void (*lost)(gpointer data);                   /* a guest's QEMU has gone, or never came */
    gpointer data;
} port_world;

/* Connects RECORD's interface. NULL on failure. WORLD is kept. */
port *port_new(const port_world *world, const network_port *record, GError **error);
void port_free(port *self);

/* Whether RECORD is what it was made for; what is published may differ. */
gboolean port_is(const port *self, const network_port *record);

/* Publishes just what RECORD says. What can't be is told in the log, and tried again next time. */
void port_publish(port *self, const network_port *record);

void port_set_limits(port *self, const stack_limits *limits);

/* Whether there is a QEMU, or may come to be one. */
gboolean port_is_alive(const port *self);
void port_retry(port *self);

const char *port_instance(const port *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(port, port_free)

#endif
