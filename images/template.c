#include "images/template.h"
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "images/bundle_kept.h"
#include "images/home.h"
#include "images/qcow2_new.h"
#include "store/image.h"
#include "store/instance.h"

#include <errno.h>
#include <stdio.h>

gboolean
template_adopt(const char *home, const char *content, const char *path, GError **error)
{
    g_autofree char *to = home_template_path(home, content);
    g_autofree char *to_folder = g_path_get_dirname(to);
    g_autofree char *from_folder = g_path_get_dirname(path);

    /* Only whole files come here under this name, so one that is there is as good. */
    if (g_file_test(to, G_FILE_TEST_EXISTS))
        return file_remove(path, error) && file_sync(from_folder, error);
    FAILPOINT_AROUND("rename");
    if (rename(path, to) != 0)
        return error_set_errno(error, errno, "can't move %s to %s", path, to);
    return file_sync(to_folder, error) && file_sync(from_folder, error);
}

gboolean
template_remove(store *db, const char *home, const char *content, GError **error)
{
    g_autofree char *path = home_template_path(home, content);
    gboolean used = FALSE;

    if (!image_find_template_use(db, content, &used, error))
        return FALSE;
    return (used || file_remove(path, error)) && bundle_kept_remove(db, home, content, error);
}

gboolean
template_overlay(const char *content, const char *path, guint64 size, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    /* Relative to the overlay, so that HOME can be moved as a whole. */
    g_autofree char *backing = home_template_path("../..", content);
    g_autofree char *stands_on = g_build_filename(folder, backing, NULL);

    if (!g_file_test(stands_on, G_FILE_TEST_EXISTS))
        return error_set(error, ERROR_HOST_DISK, "%s is gone", stands_on);
    /* Durable before a record says that it is there. */
    return qcow2_make(path, size, backing, NULL, error) && file_sync(path, error) &&
           file_sync(folder, error);
}
