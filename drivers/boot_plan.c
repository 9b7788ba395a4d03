#include "drivers/boot_plan.h"

static void
boot_layer_free(boot_layer *self)
{
    g_free(self->path);
    g_free(self->secret);
    g_free(self->secret_file);
    g_free(self);
}

boot_disk *
boot_disk_new(void)
{
    boot_disk *self = g_new0(boot_disk, 1);

    self->layers = g_ptr_array_new_with_free_func((GDestroyNotify)boot_layer_free);
    return self;
}

void
boot_disk_add_layer(boot_disk *disk, const char *path, const char *secret, const char *secret_file)
{
    boot_layer *added = g_new0(boot_layer, 1);

    added->path = g_strdup(path);
    added->secret = g_strdup(secret);
    added->secret_file = g_strdup(secret_file);
    g_ptr_array_add(disk->layers, added);
}

void
boot_disk_free(boot_disk *self)
{
    if (self == NULL)
        return;
    g_free(self->device);
    g_free(self->target);
    g_free(self->guest);
    g_free(self->origin);
    g_free(self->alias);
    g_free(self->path);
    g_free(self->format);
    g_free(self->secret);
    g_free(self->secret_file);
    g_ptr_array_unref(self->layers);
    g_free(self->serial);
    g_free(self);
}

static void
boot_link_free(boot_link *self)
{
    g_free(self->name);
    g_free(self->found);
    g_free(self->where);
    g_free(self);
}

static void
boot_warning_free(boot_warning *self)
{
    g_free(self->name);
    g_free(self->text);
    g_free(self->remedy);
    g_free(self->link);
    g_free(self);
}

boot_plan *
boot_plan_new(void)
{
    boot_plan *self = g_new0(boot_plan, 1);

    self->disks = g_ptr_array_new_with_free_func((GDestroyNotify)boot_disk_free);
    self->links = g_ptr_array_new_with_free_func((GDestroyNotify)boot_link_free);
    self->warnings = g_ptr_array_new_with_free_func((GDestroyNotify)boot_warning_free);
    return self;
}

void
boot_plan_free(boot_plan *self)
{
    if (self == NULL)
        return;
    g_free(self->name);
    g_free(self->uuid);
    g_free(self->home);
    g_free(self->type);
    g_free(self->machine);
    g_free(self->mac);
    g_free(self->network_socket);
    g_free(self->firmware);
    g_free(self->nvram_template);
    g_free(self->nvram);
    g_free(self->kernel);
    g_free(self->initrd);
    g_free(self->cmdline);
    g_free(self->emulator);
    g_free(self->appliance);
    g_free(self->dom0_kernel);
    g_free(self->dom0_cmdline);
    g_free(self->console_log);
    g_free(self->appliance_log);
    g_free(self->events);
    g_ptr_array_unref(self->disks);
    g_ptr_array_unref(self->links);
    g_ptr_array_unref(self->warnings);
    g_free(self);
}

boot_disk *
boot_plan_add_disk(boot_plan *self)
{
    boot_disk *added = boot_disk_new();

    g_ptr_array_add(self->disks, added);
    return added;
}

guint64
boot_plan_memory(const boot_plan *self)
{
    return self->memory_mib + self->overhead_mib;
}

void
boot_plan_add_link(boot_plan *self, const char *name, const char *found, const char *where)
{
    boot_link *added = g_new0(boot_link, 1);

    added->name = g_strdup(name);
    added->found = g_strdup(found);
    added->where = g_strdup(where);
    g_ptr_array_add(self->links, added);
}

static boot_warning *
add_warning(boot_plan *self, const char *name, const char *text, const char *remedy)
{
    boot_warning *added = g_new0(boot_warning, 1);

    added->name = g_strdup(name);
    added->text = g_strdup(text);
    added->remedy = g_strdup(remedy);
    g_ptr_array_add(self->warnings, added);
    return added;
}

void
boot_plan_warn(boot_plan *self, const char *name, const char *text, const char *remedy)
{
    add_warning(self, name, text, remedy);
}

void
boot_plan_warn_fatal(boot_plan *self, const char *link, const char *name, const char *text,
                     const char *remedy)
{
    boot_warning *added = add_warning(self, name, text, remedy);

    added->fatal = TRUE;
    added->link = g_strdup(link);
}
