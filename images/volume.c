#include "images/volume.h"
#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "images/home.h"

gboolean
volume_file_make(const char *home, const volume *what, GError **error)
{
    g_autofree char *path = home_volume_path(home, what->id);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *size = g_strdup_printf("%" G_GINT64_FORMAT "G", what->size_gib);
    /* Relative to the overlay, so that HOME can be moved as a whole. */
    g_autofree char *backing = g_strdup_printf("../snapshots/%s.qcow2", what->backing);
    const char *const overlay[] = {"qemu-img", "create", "-q",    "-f", "qcow2", "-F",
                                   "qcow2",    "-b",     backing, path, size,    NULL};
    const char *const empty[] = {"qemu-img", "create", "-q", "-f", "qcow2", path, size, NULL};

    /* Durable before a record says that it is there. */
    return process_run(what->backing != NULL ? overlay : empty, ERROR_HOST_DISK, NULL, error) &&
           file_sync(path, error) && file_sync(folder, error);
}

gboolean
volume_file_remove(const char *home, const char *id, GError **error)
{
    g_autofree char *path = home_volume_path(home, id);

    return file_remove(path, error);
}
