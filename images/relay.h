/* Blocks of bytes on their way from one thread to another, in order, a few at most at a time. */
#ifndef IMAGES_RELAY_H
#define IMAGES_RELAY_H

#include <glib.h>

typedef struct {
    int kind; /* the threads' own business */
    gsize length;
    guint8 bytes[];
} relay_block;

typedef struct relay relay;

relay *relay_new(guint most_blocks);
void relay_free(relay *self);

/* A block of LENGTH bytes. Freed with g_free(), or by relay_put(). */
relay_block *relay_block_new(int kind, gsize length);

/* Waits while there are too many. Takes BLOCK in any case; FALSE if the other side has given up. */
gboolean relay_put(relay *self, relay_block *block);

/* Nothing more will be put. */
void relay_end(relay *self);

/* Waits for the next block, which the caller frees with g_free(). NULL at the end. */
relay_block *relay_take(relay *self);

/* The taking side gives up. */
void relay_give_up(relay *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(relay, relay_free)

#endif
