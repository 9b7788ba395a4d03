#include "net/framing.h"

#include <string.h>

/* Moves what is there, at most up to WHOLE kept bytes. */
static gsize
keep(framing *self, const guint8 *bytes, gsize length, gsize whole)
{
    gsize part = MIN(length, whole - self->length);

    memcpy(self->kept + self->length, bytes, part);
    self->length += part;
    return part;
}

/* Whether a frame of that length is wanted; *SKIP is what has to be passed over if not. */
static gboolean
is_wanted(gsize announced, gsize *skip)
{
    *skip = announced < FRAME_HEAD || announced > FRAME_MOST ? announced : 0;
    return *skip == 0 && announced > 0;
}

/* Goes on with a frame whose beginning came earlier; how many of the bytes are used up. */
static gsize
feed_kept(framing *self, const guint8 *bytes, gsize length, framing_taker taker, gpointer data)
{
    gsize used = 0, announced;

    if (self->length < FRAMING_HEAD)
        used = keep(self, bytes, length, FRAMING_HEAD);
    if (self->length < FRAMING_HEAD)
        return used;
    announced = frame_get32(self->kept);
    if (announced > FRAMING_MOST)
        return used;
    if (!is_wanted(announced, &self->skip)) {
        self->length = 0;
        return used;
    }
    used += keep(self, bytes + used, length - used, FRAMING_HEAD + announced);
    if (self->length == FRAMING_HEAD + announced) {
        self->length = 0;
        taker(self->kept + FRAMING_HEAD, announced, data);
    }
    return used;
}

static gboolean
is_broken(const framing *self)
{
    return self->length >= FRAMING_HEAD && frame_get32(self->kept) > FRAMING_MOST;
}

/* A frame that is all there is taken where it is. */
static gsize
feed_whole(guint8 *bytes, gsize length, framing_taker taker, gpointer data)
{
    gsize announced;

    if (length < FRAMING_HEAD)
        return 0;
    announced = frame_get32(bytes);
    if (announced < FRAME_HEAD || announced > FRAME_MOST || announced > length - FRAMING_HEAD)
        return 0;
    taker(bytes + FRAMING_HEAD, announced, data);
    return FRAMING_HEAD + announced;
}

gboolean
framing_feed(framing *self, guint8 *bytes, gsize length, framing_taker taker, gpointer data)
{
    while (length > 0) {
        gsize used = MIN(self->skip, length);

        self->skip -= used;
        if (used == 0 && self->length == 0)
            used = feed_whole(bytes, length, taker, data);
        if (used == 0)
            used = feed_kept(self, bytes, length, taker, data);
        if (is_broken(self))
            return FALSE;
        bytes += used;
        length -= used;
    }
    return TRUE;
}
