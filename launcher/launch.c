#include "launcher/launch.h"
#include "common/error.h"
#include "drivers/firmware.h"
#include "images/backing.h"
#include "images/boot_files.h"
#include "launcher/attributes.h"
#include "launcher/bundle_work.h"
#include "launcher/chain.h"
#include "launcher/image_life.h"
#include "launcher/kernel_check.h"
#include "launcher/map_spec.h"
#include "launcher/mapping.h"
#include "launcher/plan_kind.h"
#include "launcher/scope.h"
#include "launcher/seed.h"

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
    xen_appliance_free(self->appliance);
    g_free(self->store_mapping);
    g_free(self);
}

static const instance_type *
find_type(launcher *self, const char *name, GError **error)
{
    const instance_types *types = launcher_types(self, error);

    return types != NULL ? instance_types_find(types, name, error) : NULL;
}

/* Paravirtual guests have a kernel image, and an appliance to run in. One that isn't sound is as
 * none. */
static gboolean
look_up_pv(launcher *self, launch *made, GError **error)
{
    plan_input *input = &made->input;
    g_autofree char *folder = NULL;

    if (input->virtualization != VIRTUALIZATION_PARAVIRTUAL)
        return TRUE;
    input->kernel_images = launcher_kernel_images(self, error);
    if (input->kernel_images == NULL)
        return FALSE;
    if (input->kernel != NULL &&
        (input->aki = kernel_check(input->kernel_images, input->kernel, input->region,
                                   input->architecture, NULL, error)) == NULL)
        return FALSE;
    if (made->appliance == NULL && (folder = xen_appliance_find(self->home)) != NULL)
        made->appliance = xen_appliance_read(folder, NULL);
    input->appliance = made->appliance;
    return TRUE;
}

/* A plan is made without it, too, and says what is missing; the driver then refuses to boot it. */
static gboolean
find_firmware(launcher *self, boot_plan *plan, GError **error)
{
    g_autoptr(firmware) found = NULL;
    g_autoptr(GError) problem = NULL;

    if (plan->kind != BOOT_UEFI)
        return TRUE;
    found = firmware_find("/", self->conf->ovmf_code, self->conf->ovmf_vars, &problem);
    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (found == NULL) {
        boot_plan_warn_fatal(plan, BOOT_LINK_FIRMWARE, "firmware-missing",
                             "this guest boots by UEFI, and its firmware OVMF is not installed",
                             "apt install ovmf");
        return TRUE;
    }
    plan->firmware = g_steal_pointer(&found->code);
    plan->nvram_template = g_steal_pointer(&found->variables);
    return TRUE;
}

/* Copies that a direct boot takes may be gone, removed with another image of the same content. */
static void
take_facts(launcher *self, launch *made, image_facts *facts, const char *content)
{
    if (facts != NULL && content != NULL)
        boot_files_forget_gone(self->home, content, facts);
    made->input.facts = facts;
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
    input->screens = self->conf->screens == SCREENS_ALWAYS;
    if (!look_up_pv(self, made, error) || !host_look(self, &input->host, error))
        return FALSE;
    made->plan = plan_boot(input, error);
    return made->plan != NULL && find_firmware(self, made->plan, error);
}

boot_plan *
launch_plan_again(launcher *self, const launch *what, GError **error)
{
    g_autoptr(boot_plan) plan = plan_boot(&what->input, error);

    return plan != NULL && find_firmware(self, plan, error) ? g_steal_pointer(&plan) : NULL;
}

/* ---- a new instance ---- */

/* What the image itself names. Who may launch it needn't see its snapshots. */
static gboolean
look_up_entry(launcher *self, const char *id, GHashTable *snapshots, GError **error)
{
    g_autoptr(GError) problem = NULL;
    snapshot *found;

    if (id == NULL || g_hash_table_contains(snapshots, id))
        return TRUE;
    found = snapshot_get(self->db, id, &problem);
    if (found != NULL)
        g_hash_table_insert(snapshots, found->id, found);
    else if (!error_is(problem, ERROR_SNAPSHOT_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    return TRUE;
}

/* Whether SPEC only says what the image's entry for that device says. */
static gboolean
repeats_entry(const GPtrArray *entries, const map_spec *spec)
{
    for (guint i = 0; i < entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(entries, i);
        if (g_str_equal(entry->device, spec->device))
            return g_strcmp0(entry->snapshot, spec->snapshot) == 0;
    }
    return FALSE;
}

static gboolean
look_up_spec(launcher *self, const GPtrArray *entries, const map_spec *spec, GHashTable *snapshots,
             GError **error)
{
    snapshot *found;

    if (spec->snapshot == NULL || repeats_entry(entries, spec))
        return TRUE;
    found = scope_snapshot(self, spec->snapshot, error);
    if (found == NULL)
        return FALSE;
    g_hash_table_replace(snapshots, found->id, found);
    return TRUE;
}

static GHashTable *
look_up_snapshots(launcher *self, const GPtrArray *entries, const GPtrArray *specs, GError **error)
{
    g_autoptr(GHashTable) snapshots =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)snapshot_free);

    for (guint i = 0; i < entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(entries, i);
        if (!look_up_entry(self, entry->snapshot, snapshots, error))
            return NULL;
    }
    for (guint i = 0; i < specs->len; i++)
        if (!look_up_spec(self, entries, g_ptr_array_index(specs, i), snapshots, error))
            return NULL;
    return g_steal_pointer(&snapshots);
}

static gboolean
map_devices(launcher *self, launch *made, const char *const *map, GError **error)
{
    g_autoptr(GPtrArray) specs = map_specs_parse(map, error);
    g_autoptr(GHashTable) snapshots = NULL;
    mapping_input input = {.ami = made->source->ami,
                           .entries = made->source->mapping,
                           .specs = specs,
                           .type = made->type,
                           .only_mapped = self->conf->store_disks == STORE_DISKS_MAPPED};

    if (specs == NULL)
        return FALSE;
    snapshots = look_up_snapshots(self, input.entries, specs, error);
    if (snapshots == NULL)
        return FALSE;
    input.snapshots = snapshots;
    made->devices = mapping_of_launch(&input, &made->store_mapping, error);
    return made->devices != NULL;
}

/* A bundle is unbundled only for a launch that can be, and has its facts from then on. */
static gboolean
plan_unpacked(launcher *self, launch *made, const run_request *request, GError **error)
{
    if (!bundle_unpack(self, made->source, error))
        return FALSE;
    if (made->input.facts == made->source->facts)
        return TRUE;
    take_facts(self, made, made->source->facts, made->source->ami->content);
    g_clear_pointer(&made->plan, boot_plan_free);
    return make_plan(self, made, request->memory_limit_mib, error);
}

launch *
launch_of_request(launcher *self, const run_request *request, GError **error)
{
    g_autoptr(launch) made = g_new0(launch, 1);
    const image *ami;

    if (!scope_check_image_id(request->image, error))
        return NULL;
    made->source = launcher_image_show(self, request->image, error);
    if (made->source == NULL)
        return NULL;
    ami = made->source->ami;
    if (!image_check_launchable(ami, error))
        return NULL;
    if (!boot_image_check("aki", request->kernel, (virtualization)ami->virtualization, error) ||
        !pv_check(request->pv, (virtualization)ami->virtualization, error))
        return NULL;
    made->type = find_type(self, request->type != NULL ? request->type : DEFAULT_TYPE, error);
    if (made->type == NULL)
        return NULL;
    if (!map_devices(self, made, request->map, error))
        return NULL;
    made->input.architecture = ami->architecture;
    made->input.virtualization = (virtualization)ami->virtualization;
    made->input.root_device_type = (root_device_type)ami->root_device_type;
    made->input.root_device = ami->root_device;
    made->input.kernel = request->kernel != NULL ? request->kernel : ami->kernel;
    made->input.ramdisk = ami->ramdisk;
    made->input.region = ami->region;
    made->input.pv = request->pv;
    made->input.boot_mode = ami->boot_mode;
    take_facts(self, made, made->source->facts, ami->content);
    if (!make_plan(self, made, request->memory_limit_mib, error) ||
        !plan_unpacked(self, made, request, error))
        return NULL;
    return g_steal_pointer(&made);
}

gboolean
launch_is_still_right(launcher *self, const launch *what, GError **error)
{
    const image *then = what->source->ami;
    g_autoptr(image) now = image_get(self->db, then->id, then->region, error);

    if (now == NULL || !image_check_launchable(now, error))
        return FALSE;
    for (guint i = 0; i < what->devices->len; i++) {
        const block_device *device = g_ptr_array_index(what->devices, i);
        g_autoptr(snapshot) from = NULL;
        if (device->snapshot == NULL)
            continue;
        from = snapshot_get(self->db, device->snapshot, error);
        if (from == NULL)
            return FALSE;
        if (from->state != SNAPSHOT_COMPLETED)
            return error_set(error, ERROR_SNAPSHOT_NOT_FOUND, "The snapshot '%s' does not exist.",
                             from->id);
    }
    return TRUE;
}

/* ---- one that was stopped ---- */

static block_device *
device_of_volume(const volume *what)
{
    block_device *device = g_new0(block_device, 1);

    device->device = g_strdup(what->device);
    device->snapshot = g_strdup(what->snapshot);
    device->volume_type = g_strdup(what->type);
    device->size = what->size_gib << 30;
    device->delete_on_termination = what->delete_on_termination != 0;
    device->encrypted = what->secret != NULL;
    device->secret = g_strdup(what->secret);
    return device;
}

static block_device *
device_of_store_root(const store_disk *disk)
{
    block_device *device = g_new0(block_device, 1);

    device->device = g_strdup(disk->device);
    device->virtual_name = g_strdup(disk->virtual_name);
    device->position = disk->position;
    device->size = disk->size;
    return device;
}

static GPtrArray *
devices_of_instance(launcher *self, const instance *vm, const GPtrArray *volumes,
                    const instance_type *type, GError **error)
{
    g_autoptr(GPtrArray) before = store_disk_list(self->db, vm->id, error);
    GPtrArray *devices;

    if (before == NULL)
        return NULL;
    devices = g_ptr_array_new_with_free_func((GDestroyNotify)block_device_free);
    for (guint i = 0; i < volumes->len; i++)
        g_ptr_array_add(devices, device_of_volume(g_ptr_array_index(volumes, i)));
    for (guint i = 0; i < before->len; i++) {
        const store_disk *disk = g_ptr_array_index(before, i);
        if (disk->position == STORE_ROOT_POSITION)
            g_ptr_array_add(devices, device_of_store_root(disk));
    }
    mapping_add_store_disks(devices, type, vm->store_mapping, before);
    mapping_sort(devices, vm->root_device);
    return devices;
}

static image_facts *
facts_of_instance(launcher *self, const instance *vm)
{
    g_autofree char *text = content_facts_get(self->db, vm->content);

    return text != NULL ? image_facts_from_json(text, NULL) : NULL;
}

/* A root volume that was detached has to come back first. */
static gboolean
has_root(const instance *vm, const GPtrArray *devices, GError **error)
{
    const block_device *first = devices->len > 0 ? g_ptr_array_index(devices, 0) : NULL;

    if (vm->root_device_type != ROOT_EBS ||
        (first != NULL && g_strcmp0(first->device, vm->root_device) == 0))
        return TRUE;
    return error_set(error, ERROR_INSTANCE_STATE,
                     "Invalid value '%s' for instanceId. Instance does not have a volume attached "
                     "at root (%s)",
                     vm->id, vm->root_device);
}

launch *
launch_of_instance(launcher *self, const instance *vm, const GPtrArray *volumes, GError **error)
{
    g_autoptr(launch) made = g_new0(launch, 1);

    made->type = find_type(self, vm->type, error);
    if (made->type == NULL)
        return NULL;
    made->facts = facts_of_instance(self, vm);
    made->devices = devices_of_instance(self, vm, volumes, made->type, error);
    if (made->devices == NULL || !has_root(vm, made->devices, error))
        return NULL;
    made->input.architecture = vm->architecture;
    made->input.virtualization = (virtualization)vm->virtualization;
    made->input.root_device_type = (root_device_type)vm->root_device_type;
    made->input.root_device = vm->root_device;
    made->input.kernel = vm->kernel;
    made->input.ramdisk = vm->ramdisk;
    made->input.region = vm->region;
    made->input.pv = vm->pv;
    made->input.boot_mode = vm->boot_mode;
    take_facts(self, made, made->facts, vm->content);
    if (!make_plan(self, made, (guint64)vm->memory_limit_mib, error))
        return NULL;
    return g_steal_pointer(&made);
}

static gboolean
is_there(const char *path, const char *device, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    return error_set(error, ERROR_HOST_DISK,
                     "%s, which %s needs, is gone: put it back, or detach the volume; amilaunch "
                     "doctor names all that is missing",
                     path, device);
}

static const char *
layer_path(const boot_disk *disk, guint i)
{
    return i < disk->layers->len ? ((boot_layer *)g_ptr_array_index(disk->layers, i))->path : NULL;
}

/* libvirt's words for a file that is gone name neither the disk nor the next step; and that a file
 * stands on another than it is told, it doesn't see at all. */
gboolean
launch_check_disk(const boot_disk *disk, GError **error)
{
    const char *path = disk->path;

    if (!is_there(path, disk->device, error))
        return FALSE;
    if (!g_str_equal(disk->format, "qcow2"))
        return TRUE;
    for (guint i = 0; path != NULL; i++) {
        const char *below = layer_path(disk, i);
        if ((below != NULL && !is_there(below, disk->device, error)) ||
            !backing_matches(path, below, error))
            return FALSE;
        path = below;
    }
    return TRUE;
}

static gboolean
check_files(const boot_plan *plan, GError **error)
{
    for (guint i = 0; i < plan->disks->len; i++)
        if (!launch_check_disk(g_ptr_array_index(plan->disks, i), error))
            return FALSE;
    return TRUE;
}

gboolean
launch_bind(launcher *self, boot_plan *plan, const instance *vm, const GPtrArray *volumes,
            const GPtrArray *store_disks, const interface *nic, GError **error)
{
    g_autoptr(GPtrArray) chains = chains_of_volumes(self, volumes, error);
    plan_binding to = {self->home, vm, volumes, chains, store_disks, nic};

    if (chains == NULL)
        return FALSE;
    plan_bind(plan, &to);
    seed_bind(plan, self->home, vm);
    return check_files(plan, error);
}

boot_plan *
launcher_plan(launcher *self, const run_request *request, GError **error)
{
    g_autoptr(launch) made = launch_of_request(self, request, error);

    return made != NULL ? g_steal_pointer(&made->plan) : NULL;
}
