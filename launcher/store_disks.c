#include "launcher/store_disks.h"
#include "common/error.h"
#include "common/files.h"
#include "images/file_system.h"
#include "images/home.h"
#include "images/template.h"

store_disk *
store_disk_of_device(const block_device *device, const instance *vm)
{
    store_disk *disk = g_new0(store_disk, 1);

    disk->instance = g_strdup(vm->id);
    disk->position = device->position;
    disk->device = g_strdup(device->device);
    disk->virtual_name = g_strdup(device->virtual_name);
    disk->size = device->size;
    disk->mapped = device->mapped;
    return disk;
}

GPtrArray *
store_disks_replace(launcher *self, const instance *vm, const GPtrArray *devices, GError **error)
{
    g_autoptr(GPtrArray) disks = g_ptr_array_new_with_free_func((GDestroyNotify)store_disk_free);
    g_autoptr(transaction) change = transaction_begin(self->db, error);

    if (change == NULL || !store_disk_delete_all(self->db, vm->id, error))
        return NULL;
    for (guint i = 0; i < devices->len; i++) {
        const block_device *device = g_ptr_array_index(devices, i);
        store_disk *disk;
        if (device->virtual_name == NULL)
            continue;
        disk = store_disk_of_device(device, vm);
        g_ptr_array_add(disks, disk);
        if (!store_disk_insert(self->db, disk, error))
            return NULL;
    }
    return transaction_commit(change, error) ? g_steal_pointer(&disks) : NULL;
}

static gboolean
first_is_formatted(launcher *self, const instance *vm, gboolean *formatted, GError **error)
{
    const instance_types *types = launcher_types(self, error);
    const instance_type *type = types != NULL ? instance_types_find(types, vm->type, error) : NULL;

    *formatted = type != NULL && type->store_formatted;
    return type != NULL;
}

/* An instance that can't be stopped was only found off. */
static gboolean
is_kept(const instance *vm, const char *path)
{
    return vm->root_device_type == ROOT_INSTANCE_STORE && g_file_test(path, G_FILE_TEST_EXISTS);
}

static gboolean
make_root(const instance *vm, const store_disk *disk, const char *path, GError **error)
{
    if (vm->starts == 0)
        return template_overlay(vm->content, path, (guint64)disk->size, error);
    return error_set(error, ERROR_HOST_DISK,
                     "%s is gone: put it back, or end the instance with amilaunch terminate", path);
}

static gboolean
make_disk(const instance *vm, const store_disk *disk, gboolean formatted, const char *path,
          GError **error)
{
    if (is_kept(vm, path))
        return TRUE;
    if (disk->position == STORE_ROOT_POSITION)
        return make_root(vm, disk, path, error);
    /* One that is still there has lost its right to be: a start gives blank disks. */
    if (!file_remove(path, error) || !file_make_sparse(path, (guint64)disk->size, error))
        return FALSE;
    return disk->position != 0 || !formatted || file_system_make(path, error);
}

gboolean
store_disks_make(launcher *self, const instance *vm, const GPtrArray *disks, GError **error)
{
    g_autofree char *folder = home_instance_folder(self->home, vm->id);
    gboolean formatted;

    if (!first_is_formatted(self, vm, &formatted, error) || !folder_make(folder, 0700, error))
        return FALSE;
    for (guint i = 0; i < disks->len; i++) {
        const store_disk *disk = g_ptr_array_index(disks, i);
        g_autofree char *path = home_store_disk_path(self->home, vm->id, disk->virtual_name);
        if (!make_disk(vm, disk, formatted, path, error))
            return FALSE;
    }
    return TRUE;
}
