#include "launcher/teardown.h"
#include "common/files.h"
#include "images/home.h"
#include "images/volume.h"

gboolean
teardown_store_disks(launcher *self, const instance *vm, GError **error)
{
    g_autoptr(GPtrArray) disks = store_disk_list(self->db, vm->id, error);

    if (disks == NULL)
        return FALSE;
    for (guint i = 0; i < disks->len; i++) {
        const store_disk *disk = g_ptr_array_index(disks, i);
        g_autofree char *path = home_store_disk_path(self->home, vm->id, disk->virtual_name);
        if (!file_remove(path, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
volume_remove(launcher *self, const volume *what, GError **error)
{
    return volume_file_remove(self->home, what->id, error) &&
           volume_delete(self->db, what->id, error);
}

static gboolean
volume_leave(launcher *self, volume *what, GError **error)
{
    what->state = VOLUME_AVAILABLE;
    what->attached = 0;
    g_clear_pointer(&what->instance, g_free);
    g_clear_pointer(&what->device, g_free);
    return volume_update(self->db, what, error);
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
    if (volumes == NULL || !folder_remove(folder, error))
        return FALSE;
    for (guint i = 0; i < volumes->len; i++) {
        volume *what = g_ptr_array_index(volumes, i);
        gboolean goes = all_volumes || what->delete_on_termination;
        if (!(goes ? volume_remove(self, what, error) : volume_leave(self, what, error)))
            return FALSE;
    }
    return TRUE;
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
