#include "images/initramfs.h"

#include "images/packing.h"
#include "images/unpack.h"

#include <errno.h>
#include <stdio.h>

#define CHUNK 65536

struct initramfs_list {
    cpio_name name;
    gpointer data;
    cpio_list *archive; /* NULL: between archives */
    guint archives;
    gboolean damaged;
};

initramfs_list *
initramfs_list_new(cpio_name name, gpointer data)
{
    initramfs_list *self = g_new0(initramfs_list, 1);

    self->name = name;
    self->data = data;
    return self;
}

static void
end_archive(initramfs_list *self)
{
    if (self->archive == NULL || !cpio_list_ended(self->archive))
        return;
    self->damaged |= !cpio_list_sound(self->archive);
    g_clear_pointer(&self->archive, cpio_list_free);
}

/* All magics of archives begin with a zero as a digit. */
static gboolean
begin_archive(initramfs_list *self, guint8 byte)
{
    if (byte != '0' || self->damaged)
        return FALSE;
    self->archive = cpio_list_new(self->name, self->data);
    self->archives++;
    return TRUE;
}

gsize
initramfs_list_feed(initramfs_list *self, const guint8 *data, gsize length)
{
    gsize done = 0;

    while (done < length) {
        if (self->archive == NULL && data[done] == 0) {
            done++;
            continue;
        }
        if (self->archive == NULL && !begin_archive(self, data[done]))
            break;
        done += cpio_list_feed(self->archive, data + done, length - done);
        end_archive(self);
    }
    return done;
}

gboolean
initramfs_list_whole(const initramfs_list *self)
{
    return self->archives > 0 && !self->damaged && self->archive == NULL;
}

void
initramfs_list_free(initramfs_list *self)
{
    if (self == NULL)
        return;
    cpio_list_free(self->archive);
    g_free(self);
}

/* ---- of a file ---- */

static gboolean
feed(const guint8 *data, gsize length, gpointer list)
{
    return initramfs_list_feed(list, data, length) == length;
}

/* Reads the plain archives. *AT: where they end; BEGIN: the bytes there, *HAVE of them. */
static gboolean
read_plain(FILE *file, initramfs_list *list, guint64 *at, guint8 *begin, gsize *have)
{
    guint8 chunk[CHUNK];
    gsize length, done;

    *at = 0;
    *have = 0;
    while ((length = fread(chunk, 1, sizeof chunk, file)) > 0) {
        done = initramfs_list_feed(list, chunk, length);
        *at += done;
        if (done == length)
            continue;
        if (fseeko(file, (off_t)*at, SEEK_SET) == 0)
            *have = fread(begin, 1, PACKING_MAGIC_MAX, file);
        return TRUE;
    }
    return ferror(file) == 0;
}

static gboolean
read_file(FILE *file, const char *path, guint64 most, initramfs_list *list, GError **error)
{
    guint8 begin[PACKING_MAGIC_MAX];
    const char *packing;
    guint64 at;
    gsize have;

    if (!read_plain(file, list, &at, begin, &have))
        return error_set_errno(error, errno, "can't read %s", path);
    packing = packing_of(begin, have);
    if (packing != NULL && !unpack_file(path, at, packing, most, feed, list, error))
        return FALSE;
    return initramfs_list_whole(list) ||
           error_set(error, ERROR_HOST_INSPECTION, "it isn't a whole initramfs");
}

gboolean
initramfs_read(const char *path, guint64 most, cpio_name name, gpointer data, GError **error)
{
    g_autoptr(initramfs_list) list = initramfs_list_new(name, data);
    FILE *file = fopen(path, "rbe");
    gboolean good;

    if (file == NULL)
        return error_set_errno(error, errno, "can't read %s", path);
    good = read_file(file, path, most, list, error);
    fclose(file);
    return good;
}
