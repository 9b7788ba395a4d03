#include "images/picture.h"
#include "common/error.h"

#include <png.h>
#include <stdio.h>
#include <string.h>

#define PNG_BEGIN "\x89PNG\r\n\x1a\n"
#define HEAD_MOST 64

typedef struct {
    guint width;
    guint height;
    const guint8 *pixels;
} pixmap;

/* Only as QEMU writes it: without comments, 8 bits for each colour. */
static gboolean
pixmap_read(const guint8 *data, gsize length, pixmap *found)
{
    g_autofree char *head = g_strndup((const char *)data, MIN(length, HEAD_MOST));
    guint most = 0;
    int end = 0;

    if (sscanf(head, "P6 %5u %5u %3u%n", &found->width, &found->height, &most, &end) != 3 ||
        end == 0 || most != 255 || found->width == 0 || found->height == 0 ||
        found->width > PICTURE_SIDE_MOST || found->height > PICTURE_SIDE_MOST)
        return FALSE;
    found->pixels = data + end + 1;
    return length > (gsize)end &&
           length - (gsize)end - 1 == (gsize)found->width * found->height * 3;
}

static GBytes *
pixmap_to_png(const pixmap *what, GError **error)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = what->width,
                       .height = what->height,
                       .format = PNG_FORMAT_RGB};
    png_alloc_size_t length = PNG_IMAGE_PNG_SIZE_MAX(image);
    g_autofree guint8 *bytes = g_malloc(length);

    if (png_image_write_to_memory(&image, bytes, &length, 0, what->pixels, 0, NULL) == 0) {
        error_set(error, ERROR_INTERNAL, "libpng can't write the picture: %s", image.message);
        return NULL;
    }
    return g_bytes_new(bytes, length);
}

GBytes *
picture_to_png(GBytes *picture, GError **error)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(picture, &length);
    pixmap found;

    if (length > strlen(PNG_BEGIN) && memcmp(data, PNG_BEGIN, strlen(PNG_BEGIN)) == 0)
        return g_bytes_ref(picture);
    if (data != NULL && pixmap_read(data, length, &found))
        return pixmap_to_png(&found, error);
    error_set(error, ERROR_HOST_QEMU, "QEMU's picture of the screen is in an unknown form");
    return NULL;
}
