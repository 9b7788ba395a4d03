#include "images/packing.h"

#include "images/bytes.h"

typedef struct {
    const char *name;
    const char *magic;
    gsize size;
} packing;

/* Sources: the formats' own descriptions; lib/decompress.c of Linux has the same list. */
static const packing packings[] = {
    {"gzip", "\x1f\x8b", 2},
    {"bzip2", "BZh", 3},
    /* "\x5d", then the dictionary's size, a power of two of 64 KiB or more */
    {"lzma", "\x5d\0\0", 3},
    {"xz", "\xfd\x37zXZ\0", 6},
    {"lzo", "\x89LZO\0\r\n\x1a\n", 9},
    {"lz4", "\x02!L\x18", 4},
    {"lz4", "\x04\"M\x18", 4},
    {"zstd", "(\xb5/\xfd", 4},
};

const char *
packing_of(const guint8 *data, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(packings); i++)
        if (bytes_stand_at(data, length, 0, packings[i].magic, packings[i].size))
            return packings[i].name;
    return NULL;
}
