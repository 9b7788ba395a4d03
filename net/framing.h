/* The bytes of a QEMU socket as frames: each stands behind its length, 4 bytes, big-endian.
 * Bounded, whatever is announced. Pure.
 * Source: net/stream.c and net/net.c of QEMU 7.2; it sends no more than FRAMING_MOST. */
#ifndef NET_FRAMING_H
#define NET_FRAMING_H

#include "net/frame.h"

#define FRAMING_HEAD 4
#define FRAMING_MOST (65536 + 4096)

/* Zeroed: nothing has come yet. */
typedef struct {
    guint8 kept[FRAMING_HEAD + FRAME_MOST]; /* the beginning of what isn't whole yet */
    gsize length;                           /* of that */
    gsize skip;                             /* how much to come is of a frame that is too long */
} framing;

/* A whole frame, FRAME_HEAD to FRAME_MOST bytes, which may be changed in place. */
typedef void (*framing_taker)(guint8 *bytes, gsize length, gpointer data);

/* Takes the next LENGTH bytes; frames that are shorter or longer than any that we want are passed
 * over. FALSE if a length is announced that QEMU wouldn't: the rest can't be understood. */
gboolean framing_feed(framing *self, guint8 *bytes, gsize length, framing_taker taker,
                      gpointer data);

#endif
