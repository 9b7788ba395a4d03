#include "launcher/teardown.h"
#include "common/files.h"
#include "images/home.h"
#include "images/volume.h"
#include "launcher/netd.h"
#include "launcher/secrets.h"
#include "launcher/snapshot_collect.h"

/* The names by which a guest that is off knew its volumes. */
static gboolean
drop_extra_names(launcher *self, const instance *vm, GError **error)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(self->db, vm->id, error);

    for (guint i = 0; volumes != NULL && i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        if (!volume_file_unlink_extras(self->home, what->id, error))
            return FALSE;
    }
    return volumes != NULL;
}

gboolean
teardown_store_disks(launcher *self, const instance *vm, GError **error)
{
    g_autoptr(GPtrArray) disks = store_disk_list(self->db, vm->id, error);

    if (disks == NULL)
        return FALSE;
    for (guint i = 0; vm->root_device_type == ROOT_EBS && i < disks->len; i++) {
        const store_disk *disk = g_ptr_array_index(disks, i);
        g_autofree char *path = home_store_disk_path(self->home, vm->id, disk->virtual_name);
        if (!file_remove(path, error))
            return FALSE;
    }
    return drop_extra_names(self, vm, error);
}

/* What goes must not look alive while its file goes. */
static gboolean
sort_volumes(launcher *self, GPtrArray *volumes, gboolean all, GError **error)
{
    g_autoptr(transaction) change = transaction_begin(self->db, error);

    if (change == NULL)
        return FALSE;
    for (guint i = 0; i < volumes->len; i++) {
        volume *what = g_ptr_array_index(volumes, i);
        if (!all && !what->delete_on_termination)
            continue;
        what->state = VOLUME_DELETING;
        if (!volume_update(self->db, what, error))
            return FALSE;
    }
    return transaction_commit(change, error);
}

/* The file goes first: one without a record would never be found again, while a record without a
 * file says that it is to be deleted, and who sees it goes on with that. The passphrase goes
 * together with the record for the same reason. */
gboolean
teardown_volume(launcher *self, const volume *what, GError **error)
{
    g_autoptr(transaction) change = NULL;

    if (!volume_file_remove(self->home, what->id, error))
        return FALSE;
    change = transaction_begin(self->db, error);
    return change != NULL && volume_delete(self->db, what->id, error) &&
           secret_drop_if_unused(self, what->secret, error) && transaction_commit(change, error);
}

static gboolean
volume_leave(launcher *self, volume *what, GError **error)
{
    if (!volume_file_unlink_extras(self->home, what->id, error))
        return FALSE;
    volume_detached(what);
    return volume_update(self->db, what, error);
}

void
volume_detached(volume *what)
{
    what->state = VOLUME_AVAILABLE;
    what->attached = 0;
    what->delete_on_termination = 0;
    g_clear_pointer(&what->instance, g_free);
    g_clear_pointer(&what->device, g_free);
}

static gboolean
teardown(launcher *self, const instance *vm, gboolean all_volumes, GError **error)
{
    g_autofree char *folder = home_instance_folder(self->home, vm->id);
    g_autoptr(GPtrArray) volumes = NULL;
    hypervisor *driver = launcher_hypervisor(self, error);

    if (driver == NULL || !hypervisor_discard(driver, vm->id, error))
        return FALSE;
    volumes = volume_list_of_instance(self->db, vm->id, error);
    if (volumes == NULL || !network_forget(self, vm->id, error) || !folder_remove(folder, error) ||
        !sort_volumes(self, volumes, all_volumes, error))
        return FALSE;
    for (guint i = 0; i < volumes->len; i++) {
        volume *what = g_ptr_array_index(volumes, i);
        gboolean goes = what->state == VOLUME_DELETING;
        if (!(goes ? teardown_volume(self, what, error) : volume_leave(self, what, error)))
            return FALSE;
    }
    return snapshots_collect(self, error);
}

gboolean
teardown_instance(launcher *self, const instance *vm, GError **error)
{
    return teardown(self, vm, FALSE, error);
}

gboolean
teardown_launch(launcher *self, const instance *vm, GError **error)
{
    return teardown(self, vm, TRUE, error);
}
