#include "common/sum.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (1 << 20)
#define LANES 4
/* Odd, so that each step can be undone: no two values of a word come to the same. */
#define FACTOR G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)

/* Several sums side by side: one would wait for its own multiplications. The shift brings what the
 * multiplication carries upwards down again. */
static void
add_words(guint64 sums[LANES], const char *data, gsize length)
{
    guint64 word[LANES];

    for (gsize at = 0; at < length; at += sizeof(word)) {
        memcpy(word, data + at, sizeof(word));
        for (int lane = 0; lane < LANES; lane++) {
            sums[lane] = (sums[lane] ^ word[lane]) * FACTOR;
            sums[lane] ^= sums[lane] >> 32;
        }
    }
}

/* Fills DATA as far as the file goes: a short read would shift the words that follow. -1 with errno
 * on failure. */
static ssize_t
read_chunk(int fd, char *data)
{
    ssize_t have = 0;
    ssize_t got;

    while (have < CHUNK) {
        got = read(fd, data + have, (gsize)(CHUNK - have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? got : have;
        have += got;
    }
    return have;
}

static gboolean
sum_all(int fd, guint64 sums[LANES], guint64 *size)
{
    g_autofree char *data = g_malloc(CHUNK);
    ssize_t got;

    while ((got = read_chunk(fd, data)) > 0) {
        gsize padded = ((gsize)got + LANES * 8 - 1) & ~(gsize)(LANES * 8 - 1);
        memset(data + got, 0, padded - (gsize)got);
        add_words(sums, data, padded);
        *size += (gsize)got;
    }
    return got == 0;
}

char *
file_sum(const char *path, GError **error)
{
    guint64 sums[LANES] = {1, 2, 3, 4};
    guint64 total = 0;
    guint64 size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    gboolean read_all;

    if (fd < 0) {
        error_set_errno(error, errno, "can't open %s", path);
        return NULL;
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    read_all = sum_all(fd, sums, &size);
    if (!read_all)
        error_set_errno(error, errno, "can't read %s", path);
    close(fd);
    if (!read_all)
        return NULL;
    add_words(sums, (const char *)&(guint64[LANES]){size, size, size, size}, sizeof(sums));
    for (int lane = 0; lane < LANES; lane++)
        total = (total ^ sums[lane]) * FACTOR;
    return g_strdup_printf("%" G_GUINT64_FORMAT " %016" G_GINT64_MODIFIER "x", size, total);
}
