/* How much a guest has sent on its TCP connections that libslirp hasn't acknowledged. libslirp
 * keeps segments that come out of order, each with a buffer of its own, however short it is: so a
 * guest that leaves gaps could fill our memory by bytes. What is above these bounds isn't handed to
 * it, and comes again as TCP does. Pure. */
#ifndef NET_FLOW_H
#define NET_FLOW_H

#include "net/frame.h"

#define FLOW_SEGMENTS_MOST 512      /* of one connection */
#define FLOW_ALL_SEGMENTS_MOST 8192 /* of all connections of a guest */
#define FLOW_CONNECTIONS_MOST 4096  /* in which there are any */
#define FLOW_BYTES_MOST (1 << 20)   /* ahead of what is acknowledged; no window is that large */

typedef struct flow_table flow_table;

flow_table *flow_table_new(void);
void flow_table_free(flow_table *self);

/* The guest sends the TCP segment WHAT; FALSE if it mustn't be handed on. */
gboolean flow_admit(flow_table *self, const frame *what);

/* The segment WHAT goes to the guest: what it acknowledges is out of the way, a reset ends its
 * connection, and SYN begins one. What the guest itself says of that, it may say of no connection
 * or in vain. */
void flow_acknowledge(flow_table *self, const frame *what);

/* The connection that the guest's segment WHAT is of has come to its end. */
void flow_end(flow_table *self, const frame *what);

/* How many segments aren't acknowledged, of all connections. */
guint flow_waiting(const flow_table *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(flow_table, flow_table_free)

#endif
