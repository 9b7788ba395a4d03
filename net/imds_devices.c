#include "net/imds_leaves.h"

#include <string.h>

/* As the mapping has it for what isn't the root. */
static const char *
bare(const char *device)
{
    return g_str_has_prefix(device, "/dev/") ? device + strlen("/dev/") : device;
}

static GBytes *
text_of(const char *text)
{
    return g_bytes_new(text, strlen(text));
}

static gboolean
is_root(const instance *vm, const volume *disk)
{
    return g_strcmp0(disk->device, vm->root_device) == 0;
}

/* The volumes have numbers from 1 on, the root none. */
static void
name_volumes(const instance_view *what, GPtrArray *names)
{
    guint number = 0;

    for (guint i = 0; i < what->volumes->len; i++)
        if (!is_root(what->vm, g_ptr_array_index(what->volumes, i)))
            g_ptr_array_add(names, g_strdup_printf("ebs%u", ++number));
}

static void
name_store_disks(const instance_view *what, GPtrArray *names)
{
    for (guint i = 0; i < what->store_disks->len; i++) {
        const store_disk *disk = g_ptr_array_index(what->store_disks, i);
        if (disk->position != STORE_ROOT_POSITION)
            g_ptr_array_add(names, g_strdup(disk->virtual_name));
    }
}

GPtrArray *
imds_device_names(const imds_source *source)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(names, g_strdup("ami"));
    name_volumes(source->about->what, names);
    name_store_disks(source->about->what, names);
    g_ptr_array_add(names, g_strdup("root"));
    return names;
}

static GBytes *
device_of_volume(const instance_view *what, const char *name)
{
    guint number = 0;

    for (guint i = 0; i < what->volumes->len; i++) {
        const volume *disk = g_ptr_array_index(what->volumes, i);
        g_autofree char *own = NULL;
        if (is_root(what->vm, disk))
            continue;
        own = g_strdup_printf("ebs%u", ++number);
        if (g_str_equal(own, name) && disk->device != NULL)
            return text_of(bare(disk->device));
    }
    return NULL;
}

static GBytes *
device_of_store_disk(const instance_view *what, const char *name)
{
    for (guint i = 0; i < what->store_disks->len; i++) {
        const store_disk *disk = g_ptr_array_index(what->store_disks, i);
        if (disk->position != STORE_ROOT_POSITION && g_str_equal(disk->virtual_name, name))
            return text_of(bare(disk->device));
    }
    return NULL;
}

GBytes *
imds_device(const imds_source *source, const imds_leaf *self G_GNUC_UNUSED, const char *name)
{
    const instance_view *what = source->about->what;
    const char *root = what->vm->root_device;
    GBytes *found;

    if (g_str_equal(name, "root"))
        return text_of(root);
    if (g_str_equal(name, "ami"))
        return text_of(what->vm->root_device_type == ROOT_EBS ? root : bare(root));
    found = device_of_volume(what, name);
    return found != NULL ? found : device_of_store_disk(what, name);
}
