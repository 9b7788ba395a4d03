#include "images/relay.h"

struct relay {
    GMutex mutex;
    GCond changed;
    GQueue blocks;
    guint most;
    gboolean ended;
    gboolean given_up;
};

relay *
relay_new(guint most_blocks)
{
    relay *self = g_new0(relay, 1);

    g_mutex_init(&self->mutex);
    g_cond_init(&self->changed);
    g_queue_init(&self->blocks);
    self->most = most_blocks;
    return self;
}

void
relay_free(relay *self)
{
    if (self == NULL)
        return;
    g_queue_clear_full(&self->blocks, g_free);
    g_cond_clear(&self->changed);
    g_mutex_clear(&self->mutex);
    g_free(self);
}

relay_block *
relay_block_new(int kind, gsize length)
{
    relay_block *block = g_malloc(sizeof *block + length);

    block->kind = kind;
    block->length = length;
    return block;
}

gboolean
relay_put(relay *self, relay_block *block)
{
    gboolean wanted;

    g_mutex_lock(&self->mutex);
    while (self->blocks.length >= self->most && !self->given_up)
        g_cond_wait(&self->changed, &self->mutex);
    wanted = !self->given_up;
    if (wanted)
        g_queue_push_tail(&self->blocks, block);
    else
        g_free(block);
    g_cond_signal(&self->changed);
    g_mutex_unlock(&self->mutex);
    return wanted;
}

void
relay_end(relay *self)
{
    g_mutex_lock(&self->mutex);
    self->ended = TRUE;
    g_cond_signal(&self->changed);
    g_mutex_unlock(&self->mutex);
}

relay_block *
relay_take(relay *self)
{
    relay_block *block;

    g_mutex_lock(&self->mutex);
    while (self->blocks.length == 0 && !self->ended)
        g_cond_wait(&self->changed, &self->mutex);
    block = g_queue_pop_head(&self->blocks);
    g_cond_signal(&self->changed);
    g_mutex_unlock(&self->mutex);
    return block;
}

void
relay_give_up(relay *self)
{
    g_mutex_lock(&self->mutex);
    self->given_up = TRUE;
    g_queue_clear_full(&self->blocks, g_free);
    g_cond_signal(&self->changed);
    g_mutex_unlock(&self->mutex);
}
