#include "images/segments.h"
#include "images/tar.h"

#include <unistd.h>

#define SMALL_GAP (64 * 1024)

/* Adds it to the last one if there is only a small gap. */
static void
add(GArray *all, guint64 start, guint64 end)
{
    tar_segment *last = all->len > 0 ? &g_array_index(all, tar_segment, all->len - 1) : NULL;
    const tar_segment next = {start, end - start};

    if (last != NULL && start - (last->start + last->size) < SMALL_GAP)
        last->size = end - last->start;
    else
        g_array_append_val(all, next);
}

GArray *
segments_find(int fd, guint64 size, guint64 *stored)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(tar_segment));
    guint64 end = 0;

    while (end < size) {
        off_t data = lseek(fd, (off_t)end, SEEK_DATA);
        off_t hole = data >= 0 ? lseek(fd, data, SEEK_HOLE) : -1;
        /* ENXIO: nothing but a hole is left. */
        if (data < 0 || hole <= data)
            break;
        end = MIN((guint64)hole, size);
        add(all, (guint64)data, end);
    }
    if (all->len == 0 && lseek(fd, 0, SEEK_HOLE) < 0)
        add(all, 0, size);
    else if (end < size) {
        const tar_segment last = {size, 0};
        g_array_append_val(all, last);
    }
    *stored = 0;
    for (guint i = 0; i < all->len; i++)
        *stored += g_array_index(all, tar_segment, i).size;
    return all;
}
