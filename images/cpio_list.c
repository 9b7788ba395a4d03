#include "images/cpio_list.h"

#include <string.h>

#define HEADER_SIZE 110
#define FILE_SIZE_FIELD 6 /* the fields have eight digits in base 16, after six of magic */
#define NAME_SIZE_FIELD 11
#define TRAILER "TRAILER!!!"

typedef enum { HEADER, NAME, CONTENT, ENDED } state;

struct cpio_list {
    cpio_name name;
    gpointer data;
    state at;
    gboolean sound;
    guint64 skip;      /* bytes left of a file's content and its padding */
    guint64 file_size; /* of the file whose name comes */
    gsize wanted;      /* bytes that HEAD is to have, name's padding included */
    gsize name_size;   /* with its zero */
    gsize have;
    char head[HEADER_SIZE + CPIO_NAME_MAX + 4];
};

cpio_list *
cpio_list_new(cpio_name name, gpointer data)
{
    cpio_list *self = g_new0(cpio_list, 1);

    self->name = name;
    self->data = data;
    self->wanted = HEADER_SIZE;
    self->sound = TRUE;
    return self;
}

static gboolean
read_field(const cpio_list *self, int field, guint64 *value)
{
    const char *at = self->head + 6 + 8 * field;

    *value = 0;
    for (int i = 0; i < 8; i++) {
        int digit = g_ascii_xdigit_value(at[i]);
        if (digit < 0)
            return FALSE;
        *value = *value << 4 | (guint64)digit;
    }
    return TRUE;
}

static guint64
padded(guint64 size)
{
    return (size + 3) & ~(guint64)3;
}

static void
end(cpio_list *self, gboolean sound)
{
    self->at = ENDED;
    self->sound = sound;
}

/* Header and name together are padded to four bytes. */
static void
take_header(cpio_list *self)
{
    guint64 size;

    if ((memcmp(self->head, "070701", 6) != 0 && memcmp(self->head, "070702", 6) != 0) ||
        !read_field(self, FILE_SIZE_FIELD, &self->file_size) ||
        !read_field(self, NAME_SIZE_FIELD, &size) || size == 0 || size > CPIO_NAME_MAX) {
        end(self, FALSE);
        return;
    }
    self->at = NAME;
    self->name_size = (gsize)size;
    self->wanted = (gsize)padded(HEADER_SIZE + size);
}

static void
take_name(cpio_list *self)
{
    char *name = self->head + HEADER_SIZE;

    name[self->name_size - 1] = '\0';
    if (g_str_equal(name, TRAILER)) {
        end(self, TRUE);
        return;
    }
    self->name(name, self->data);
    self->at = CONTENT;
    self->skip = padded(self->file_size);
}

static void
begin_header(cpio_list *self)
{
    self->at = HEADER;
    self->have = 0;
    self->wanted = HEADER_SIZE;
}

/* Takes of the LENGTH bytes at DATA what belongs to the header or the name, or to the content. */
static gsize
take(cpio_list *self, const guint8 *data, gsize length)
{
    gsize size;

    if (self->at == CONTENT) {
        size = (gsize)MIN(self->skip, length);
        self->skip -= size;
        return size;
    }
    size = MIN(self->wanted - self->have, length);
    memcpy(self->head + self->have, data, size);
    self->have += size;
    return size;
}

static void
go_on(cpio_list *self)
{
    if (self->at == HEADER && self->have == self->wanted)
        take_header(self);
    else if (self->at == NAME && self->have == self->wanted)
        take_name(self);
    if (self->at == CONTENT && self->skip == 0)
        begin_header(self);
}

gsize
cpio_list_feed(cpio_list *self, const guint8 *data, gsize length)
{
    gsize done = 0;

    while (done < length && self->at != ENDED) {
        done += take(self, data + done, length - done);
        go_on(self);
    }
    return done;
}

gboolean
cpio_list_ended(const cpio_list *self)
{
    return self->at == ENDED;
}

gboolean
cpio_list_sound(const cpio_list *self)
{
    return self->sound;
}

void
cpio_list_free(cpio_list *self)
{
    g_free(self);
}
