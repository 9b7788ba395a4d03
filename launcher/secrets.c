#include "launcher/secrets.h"
#include "images/secret.h"

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
