#include "launcher/secrets.h"
#include "common/error.h"
#include "images/home.h"
#include "images/secret.h"
#include "images/volume.h"

gboolean
secret_drop_if_unused(launcher *self, const char *uuid, GError **error)
{
    g_autoptr(GPtrArray) volumes = NULL;
    g_autoptr(GPtrArray) snapshots = NULL;

    if (uuid == NULL)
        return TRUE;
    volumes = volume_list_of_secret(self->db, uuid, error);
    snapshots = volumes != NULL ? snapshot_list_of_secret(self->db, uuid, error) : NULL;
    if (snapshots == NULL)
        return FALSE;
    return volumes->len > 0 || snapshots->len > 0 || secret_remove(self->home, uuid, error);
}

gboolean
secret_make_volume_file(launcher *self, const volume *what, GError **error)
{
    g_autofree char *path =
        what->secret != NULL ? home_secret_path(self->home, what->secret) : NULL;
    g_autoptr(snapshot) below = NULL;

    if (path != NULL && what->backing != NULL && !g_file_test(path, G_FILE_TEST_EXISTS)) {
        below = snapshot_get(self->db, what->backing, error);
        if (below == NULL)
            return FALSE;
        if (g_strcmp0(below->secret, what->secret) == 0)
            return error_set(error, ERROR_HOST_DISK,
                             "%s, the passphrase of %s, is gone: put it back", path, below->id);
    }
    return volume_file_make(self->home, what, error);
}
