#include "images/snapshot_file.h"
#include "common/error.h"
#include "common/files.h"
#include "images/home.h"
#include "images/volume.h"

#define GIB (G_GUINT64_CONSTANT(1) << 30)

static gboolean
sync_folder_of(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    return file_sync(folder, error);
}

/* A new passphrase of that name would keep people from putting back the old one. */
static gboolean
passphrase_is_there(const char *home, const volume *what, GError **error)
{
    g_autofree char *path = what->secret != NULL ? home_secret_path(home, what->secret) : NULL;

    return path == NULL || g_file_test(path, G_FILE_TEST_EXISTS) ||
           error_set(error, ERROR_HOST_DISK, "%s, the passphrase of %s, is gone", path, what->id);
}

gboolean
snapshot_file_overlay(const char *home, const volume *what, const snapshot *made, GError **error)
{
    g_autofree char *path = home_volume_path_since(home, what->id, made->id);
    volume next = *what;
    guint64 size;

    /* The file may be larger than its record says; a disk that shrinks loses what is at its end. */
    if (!volume_file_size(home, what->id, &size, error))
        return FALSE;
    next.size_gib = MAX(what->size_gib, (gint64)((size + GIB - 1) / GIB));
    next.backing = made->id;
    return passphrase_is_there(home, what, error) && file_remove(path, error) &&
           volume_file_make_at(home, &next, path, error);
}

gboolean
snapshot_file_link(const char *home, const volume *what, const snapshot *made, GError **error)
{
    g_autofree char *file = home_volume_path(home, what->id);
    g_autofree char *path = home_snapshot_path(home, made->id);

    /* What a guest has written to it may only just be on its way to the disk. */
    if (!file_sync(file, error))
        return FALSE;
    return (file_is_same(file, path) || file_link(file, path, error)) &&
           sync_folder_of(path, error);
}

gboolean
snapshot_file_change_over(const char *home, const volume *what, const snapshot *made,
                          GError **error)
{
    g_autofree char *file = home_volume_path(home, what->id);
    g_autofree char *overlay = home_volume_path_since(home, what->id, made->id);
    g_autofree char *path = home_snapshot_path(home, made->id);

    /* Done before: the overlay may have lost its first name since. */
    if (!file_is_same(file, path) && g_file_test(file, G_FILE_TEST_EXISTS))
        return TRUE;
    return file_replace(file, overlay, error) && sync_folder_of(file, error);
}

gboolean
snapshot_file_is_ready(const char *home, const volume *what, const snapshot *made)
{
    g_autofree char *file = home_volume_path(home, what->id);
    g_autofree char *overlay = home_volume_path_since(home, what->id, made->id);
    g_autofree char *path = home_snapshot_path(home, made->id);

    return g_file_test(path, G_FILE_TEST_EXISTS) &&
           (g_file_test(overlay, G_FILE_TEST_EXISTS) || !file_is_same(file, path));
}

static char *
hidden_path(const char *home, const volume *what, const snapshot *made)
{
    g_autofree char *overlay = home_volume_path_since(home, what->id, made->id);

    return g_strconcat(overlay, ".hidden", NULL);
}

gboolean
snapshot_file_hide(const char *home, const volume *what, const snapshot *made, GError **error)
{
    g_autofree char *overlay = home_volume_path_since(home, what->id, made->id);
    g_autofree char *hidden = hidden_path(home, what, made);

    return !g_file_test(overlay, G_FILE_TEST_EXISTS) ||
           (file_remove(hidden, error) && file_link(overlay, hidden, error) &&
            file_remove(overlay, error));
}

gboolean
snapshot_file_show(const char *home, const volume *what, const snapshot *made, GError **error)
{
    g_autofree char *overlay = home_volume_path_since(home, what->id, made->id);
    g_autofree char *hidden = hidden_path(home, what, made);

    return !g_file_test(hidden, G_FILE_TEST_EXISTS) ||
           ((g_file_test(overlay, G_FILE_TEST_EXISTS) || file_link(hidden, overlay, error)) &&
            file_remove(hidden, error));
}

gboolean
snapshot_file_undo(const char *home, const volume *what, const snapshot *made, GError **error)
{
    g_autofree char *file = home_volume_path(home, what->id);
    g_autofree char *overlay = home_volume_path_since(home, what->id, made->id);
    g_autofree char *hidden = hidden_path(home, what, made);
    g_autofree char *path = home_snapshot_path(home, made->id);

    if (file_is_same(file, overlay) ||
        (g_file_test(path, G_FILE_TEST_EXISTS) && !file_is_same(file, path)))
        return error_set(error, ERROR_INTERNAL, "%s has gone on from %s", what->id, made->id);
    return file_remove(path, error) && file_remove(overlay, error) && file_remove(hidden, error);
}

gboolean
snapshot_file_is_of(const char *home, const volume *what, const char *path)
{
    g_autofree char *file = home_volume_path(home, what->id);

    return file_is_same(file, path);
}

gboolean
snapshot_file_remove(const char *home, const char *id, GError **error)
{
    g_autofree char *path = home_snapshot_path(home, id);

    return file_remove(path, error);
}

gboolean
snapshot_file_copy(const char *home, const char *from, const char *to, GError **error)
{
    g_autofree char *path = home_snapshot_path(home, from);
    g_autofree char *name = home_snapshot_path(home, to);

    return file_link(path, name, error) && sync_folder_of(name, error);
}
