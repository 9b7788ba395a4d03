/* One guest's cable: the UNIX socket at which its QEMU listens. Frames in both directions, with
 * bounded memory: what a guest doesn't read is lost, and nobody waits for it. A QEMU that isn't
 * there (yet) is tried again, at growing intervals, for QEMU_LINK_PATIENCE seconds. */
#ifndef NET_QEMU_LINK_H
#define NET_QEMU_LINK_H

#include "net/framing.h"
#include "net/poller.h"

#define QEMU_LINK_PATIENCE 60

typedef struct qemu_link qemu_link;

/* None may free the link. */
typedef struct {
    framing_taker frame;         /* the guest has sent one */
    void (*lost)(gpointer data); /* QEMU has hung up, or wasn't to be found for too long */
} qemu_link_events;

/* Begins to connect to PATH. Never NULL. */
qemu_link *qemu_link_new(poller *poll, const char *path, const qemu_link_events *events,
                         gpointer data);
void qemu_link_free(qemu_link *self);

/* Sends a frame of at most FRAME_MOST bytes by the end of this round, if there is room. */
void qemu_link_send(qemu_link *self, const guint8 *bytes, gsize length);

/* The same for what another guest sends, which may take half of the room: so guests can't keep from
 * each other what the gateway sends. */
void qemu_link_pass(qemu_link *self, const guint8 *bytes, gsize length);

/* Whether it is connected or trying to. */
gboolean qemu_link_is_alive(const qemu_link *self);

/* Tries again, if it isn't alive. */
void qemu_link_retry(qemu_link *self);

#endif
