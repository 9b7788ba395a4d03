#include "launcher/launch.h"
#include "common/error.h"
#include "launcher/chain.h"
#include "launcher/mapping.h"

#define DEFAULT_TYPE "m1.small"

void
launch_free(launch *self)
{
    if (self == NULL)
        return;
    image_view_free(self->source);
    image_facts_free(self->facts);
    if (self->devices != NULL)
        g_ptr_array_unref(self->devices);
    boot_plan_free(self->plan);
    g_free(self);
}

static const instance_type *
find_type(launcher *self, const char *name, GError **error)
{
    const instance_types *types = launcher_types(self, error);

    return types != NULL ? instance_types_find(types, name, error) : NULL;
}

static gboolean
make_plan(launcher *self, launch *made, guint64 memory_limit_mib, GError **error)
{
    plan_input *input = &made->input;

    input->type = made->type;
    input->devices = made->devices;
    input->memory_limit_mib =
        memory_limit_mib != 0 ? memory_limit_mib : self->conf->memory_limit_mib;
    input->cpu_limit = self->conf->cpu_limit;
    if (!host_look(self, &input->host, error))
        return FALSE;
    made->plan = plan_boot(input, error);
    return made->plan != NULL;
}

launch *
launch_of_request(launcher *self, const run_request *request, GError **error)
{
    g_autoptr(launch) made = g_new0(launch, 1);
    const image *ami;

    made->source = launcher_image_show(self, request->image, error);
    if (made->source == NULL)
        return NULL;
    ami = made->source->ami;
    if (ami->state != IMAGE_AVAILABLE) {
        error_set(error, ERROR_AMI_UNAVAILABLE, "The image ID '%s' is no longer available",
                  ami->id);
        return NULL;
    }
    made->type = find_type(self, request->type != NULL ? request->type : DEFAULT_TYPE, error);
    if (made->type == NULL)
        return NULL;
    made->devices = mapping_of_launch(ami, made->source->mapping, made->type, error);
    if (made->devices == NULL)
        return NULL;
    made->input.architecture = ami->architecture;
    made->input.virtualization = (virtualization)ami->virtualization;
    made->input.root_device_type = (root_device_type)ami->root_device_type;
    made->input.root_device = ami->root_device;
    made->input.kernel = ami->kernel;
    made->input.facts = made->source->facts;
    if (!make_plan(self, made, request->memory_limit_mib, error))
        return NULL;
    return g_steal_pointer(&made);
}

static block_device *
device_of_volume(const volume *what)
{
    block_device *device = g_new0(block_device, 1);

    device->device = g_strdup(what->device);
    device->snapshot = g_strdup(what->snapshot);
    device->volume_type = g_strdup(what->type);
    device->size = what->size_gib << 30;
    device->delete_on_termination = what->delete_on_termination != 0;
    return device;
}

static GPtrArray *
devices_of_instance(const instance *vm, const GPtrArray *volumes, const instance_type *type)
{
    GPtrArray *devices = g_ptr_array_new_with_free_func((GDestroyNotify)block_device_free);

    for (guint i = 0; i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        gboolean is_root = g_strcmp0(what->device, vm->root_device) == 0;
        g_ptr_array_insert(devices, is_root ? 0 : -1, device_of_volume(what));
    }
    mapping_add_store_disks(devices, type);
    return devices;
}

static image_facts *
facts_of_instance(launcher *self, const instance *vm)
{
    g_autofree char *text = content_facts_get(self->db, vm->content);

    return text != NULL ? image_facts_from_json(text, NULL) : NULL;
}

launch *
launch_of_instance(launcher *self, const instance *vm, const GPtrArray *volumes, GError **error)
{
    g_autoptr(launch) made = g_new0(launch, 1);

    made->type = find_type(self, vm->type, error);
    if (made->type == NULL)
        return NULL;
    made->facts = facts_of_instance(self, vm);
    made->devices = devices_of_instance(vm, volumes, made->type);
    made->input.architecture = vm->architecture;
    made->input.virtualization = (virtualization)vm->virtualization;
    made->input.root_device_type = (root_device_type)vm->root_device_type;
    made->input.root_device = vm->root_device;
    made->input.kernel = vm->kernel;
    made->input.facts = made->facts;
    if (!make_plan(self, made, (guint64)vm->memory_limit_mib, error))
        return NULL;
    return g_steal_pointer(&made);
}

gboolean
launch_bind(launcher *self, const launch *what, const instance *vm, const GPtrArray *volumes,
            const GPtrArray *store_disks, GError **error)
{
    g_autoptr(GPtrArray) chains = chains_of_volumes(self, volumes, error);
    plan_binding to = {self->home, vm, volumes, chains, store_disks};

    if (chains == NULL)
        return FALSE;
    plan_bind(what->plan, &to);
    return TRUE;
}

boot_plan *
launcher_plan(launcher *self, const run_request *request, GError **error)
{
    g_autoptr(launch) made = launch_of_request(self, request, error);

    return made != NULL ? g_steal_pointer(&made->plan) : NULL;
}
