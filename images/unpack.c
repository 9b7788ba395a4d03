#include "images/unpack.h"

#include "common/process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *packing;
    const char *argv[4];
    const char *package; /* Debian's */
} unpacker;

static const unpacker unpackers[] = {
    {"gzip", {"gzip", "-dcq", NULL}, "gzip"},
    {"bzip2", {"bzip2", "-dcq", NULL}, "bzip2"},
    {"lzma", {"xz", "--format=lzma", "-dcq", NULL}, "xz-utils"},
    {"xz", {"xz", "--single-stream", "-dcq", NULL}, "xz-utils"},
    {"lzo", {"lzop", "-dcq", NULL}, "lzop"},
    {"lz4", {"lz4", "-dcq", NULL}, "lz4"},
    {"zstd", {"zstd", "-dcq", NULL}, "zstd"},
};

typedef struct {
    unpack_taker taker;
    gpointer data;
    gboolean some;
} relay;

static gboolean
pass_on(const guint8 *data, gsize length, gpointer to)
{
    relay *self = to;

    self->some = TRUE;
    return self->taker(data, length, self->data);
}

static const unpacker *
find_unpacker(const char *packing)
{
    for (gsize i = 0; i < G_N_ELEMENTS(unpackers); i++)
        if (g_str_equal(unpackers[i].packing, packing))
            return &unpackers[i];
    return NULL;
}

static gboolean
check_program(const unpacker *with, GError **error)
{
    g_autofree char *program = process_find(with->argv[0]);

    return program != NULL ||
           error_set(error, ERROR_HOST_INCOMPLETE, "%s isn't there to unpack it: apt install %s",
                     with->argv[0], with->package);
}

gboolean
unpack_file(const char *path, guint64 offset, const char *packing, guint64 most, unpack_taker taker,
            gpointer data, GError **error)
{
    const unpacker *with = find_unpacker(packing);
    relay to = {taker, data, FALSE};
    int file;

    if (with == NULL)
        return error_set(error, ERROR_HOST_INSPECTION, "%s can't be unpacked", packing);
    if (!check_program(with, error))
        return FALSE;
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return error_set_errno(error, errno, "can't read %s", path);
    if (lseek(file, (off_t)offset, SEEK_SET) < 0) {
        close(file);
        return error_set_errno(error, errno, "can't read %s", path);
    }
    if (!process_filter(with->argv, file, ERROR_HOST_INSPECTION, most, pass_on, &to, error))
        return FALSE;
    return to.some || error_set(error, ERROR_HOST_INSPECTION,
                                "the %s stream in it can't be unpacked", packing);
}
