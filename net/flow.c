#include "net/flow.h"

struct flow_table {
    GHashTable *flows; /* flow -> itself; those in which something waits */
    guint waiting;
};

typedef struct {
    guint32 peer;
    guint16 guest_port;
    guint16 peer_port;
    guint32 acknowledged; /* up to where */
    guint32 highest;      /* up to where the guest has sent */
    guint32 part;         /* bytes acknowledged that didn't make up a whole segment */
    guint waiting;
} flow;

#define SEGMENT 1460

static guint
hash(gconstpointer which)
{
    const flow *self = which;

    return self->peer * 31 + ((guint)self->guest_port << 16 | self->peer_port);
}

static gboolean
same(gconstpointer which, gconstpointer other)
{
    const flow *self = which, *that = other;

    return self->peer == that->peer && self->guest_port == that->guest_port &&
           self->peer_port == that->peer_port;
}

flow_table *
flow_table_new(void)
{
    flow_table *self = g_new0(flow_table, 1);

    self->flows = g_hash_table_new_full(hash, same, g_free, NULL);
    return self;
}

void
flow_table_free(flow_table *self)
{
    if (self == NULL)
        return;
    g_hash_table_unref(self->flows);
    g_free(self);
}

static void
forget(flow_table *self, flow *which)
{
    if (which == NULL)
        return;
    self->waiting -= which->waiting;
    g_hash_table_remove(self->flows, which);
}

/* NULL: there are too many. */
static flow *
flow_of(flow_table *self, const flow *key)
{
    flow *found = g_hash_table_lookup(self->flows, key);

    if (found != NULL || g_hash_table_size(self->flows) >= FLOW_CONNECTIONS_MOST)
        return found;
    found = g_memdup2(key, sizeof *key);
    g_hash_table_add(self->flows, found);
    return found;
}

static flow
key_of_guest(const frame *what)
{
    return (flow){.peer = what->destination,
                  .guest_port = what->source_port,
                  .peer_port = what->destination_port,
                  .acknowledged = what->sequence,
                  .highest = what->sequence};
}

static gboolean
has_room(const flow_table *self, const flow *which, guint32 end)
{
    return self->waiting < FLOW_ALL_SEGMENTS_MOST && which->waiting < FLOW_SEGMENTS_MOST &&
           (gint32)(end - which->acknowledged) <= FLOW_BYTES_MOST;
}

gboolean
flow_admit(flow_table *self, const frame *what)
{
    const flow key = key_of_guest(what);
    guint32 end = what->sequence + (guint32)what->data_length;
    flow *which;

    if (what->data_length == 0)
        return TRUE;
    which = flow_of(self, &key);
    if (which == NULL || !has_room(self, which, end))
        return FALSE;
    if ((gint32)(end - which->highest) > 0)
        which->highest = end;
    which->waiting++;
    self->waiting++;
    return TRUE;
}

/* Where not all is acknowledged, some of the rest may have been kept: that much went that can't be
 * otherwise. */
static void
release(flow_table *self, flow *which, guint32 acknowledged)
{
    guint32 advance = acknowledged - which->acknowledged;
    guint whole;

    if ((gint32)advance <= 0 || advance > FLOW_BYTES_MOST)
        return;
    which->acknowledged = acknowledged;
    which->part += advance;
    whole = MIN(which->part / SEGMENT, which->waiting);
    which->part %= SEGMENT;
    which->waiting -= whole;
    self->waiting -= whole;
}

void
flow_acknowledge(flow_table *self, const frame *what)
{
    const flow key = {
        .peer = what->source, .guest_port = what->destination_port, .peer_port = what->source_port};
    flow *which = g_hash_table_lookup(self->flows, &key);

    if (which == NULL)
        return;
    if (what->is_reset || what->has_syn || (gint32)(what->acknowledged - which->highest) >= 0)
        forget(self, which);
    else
        release(self, which, what->acknowledged);
}

void
flow_end(flow_table *self, const frame *what)
{
    const flow key = key_of_guest(what);

    forget(self, g_hash_table_lookup(self->flows, &key));
}

guint
flow_waiting(const flow_table *self)
{
    return self->waiting;
}
