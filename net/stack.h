/* One guest's way out: a TCP/IP stack in user space (libslirp) of its own, so that no guest can use
 * up another's. What may reach it has been judged before (verdict.h). */
#ifndef NET_STACK_H
#define NET_STACK_H

#include "net/poller.h"
#include "net/verdict.h"

typedef struct stack stack;

/* A packet for the guest, which was read as WHAT; it may be changed in place. */
typedef void (*stack_send)(guint8 *bytes, gsize length, const frame *what, gpointer data);

/* METADATA is the UNIX socket at which the metadata service listens for this guest; connections to
 * SUBNET_SPARE's port 80 are handed to it. NULL on failure. */
stack *stack_new(poller *poll, const station *guest, const char *metadata, stack_send send,
                 gpointer data, GError **error);
void stack_free(stack *self);

/* Most that a guest may have open at once, by what it is. */
typedef struct {
    guint tcp;
    guint udp;
    guint icmp;
    guint metadata;
} stack_limits;

/* For each of PORTS guests, so that FILES open files suffice for all. Pure. */
stack_limits stack_fair_limits(guint ports, guint64 files);
void stack_set_limits(stack *self, const stack_limits *limits);

/* A frame of the guest, which was read as WHAT. */
void stack_input(stack *self, const guint8 *bytes, const frame *what);

/* From now on connections to PORT of the host's 127.0.0.1 go to the guest's GUEST_PORT. FALSE if
 * the host's is taken. */
gboolean stack_publish(stack *self, guint16 port, guint16 guest_port, GError **error);
void stack_unpublish(stack *self, guint16 port);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(stack, stack_free)

#endif
