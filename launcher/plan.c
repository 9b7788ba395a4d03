#include "launcher/plan.h"
#include "common/error.h"
#include "drivers/xen_xml.h"
#include "images/home.h"
#include "launcher/explain.h"
#include "launcher/guest_device.h"
#include "launcher/mapping.h"
#include "launcher/network.h"
#include "launcher/plan_kind.h"

#include <string.h>

#define MOST_VCPUS 255 /* what both machines take without an interrupt remapper */
#define SERIAL_MOST 20 /* what a virtio disk can say */

/* ---- whether image and type go together ---- */

static gboolean
virtualization_check(const plan_input *input, GError **error)
{
    const instance_type *type = input->type;

    if (input->virtualization == VIRTUALIZATION_HVM && !(type->virtualization & TYPE_HVM))
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "Non-Windows instances with a virtualization type of 'hvm' are currently "
                         "not supported for this instance type: %s",
                         type->name);
    if (input->virtualization == VIRTUALIZATION_PARAVIRTUAL &&
        !(type->virtualization & TYPE_PARAVIRTUAL))
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "Virtualization type 'hvm' is required for instances of type '%s'. Ensure "
                         "that you are using an AMI with virtualization type 'hvm'.",
                         type->name);
    return TRUE;
}

static guint
architecture_flag(const char *name)
{
    if (g_str_equal(name, "i386"))
        return ARCHITECTURE_I386;
    return g_str_equal(name, "x86_64") ? ARCHITECTURE_X86_64 : ARCHITECTURE_ARM64;
}

static gboolean
architecture_check(const plan_input *input, GError **error)
{
    guint wanted = architecture_flag(input->architecture);

    if (input->type->architectures & wanted)
        return TRUE;
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "The architecture 'x86_64' of the specified instance type does not match the "
                     "architecture '%s' of the specified AMI: %s",
                     input->architecture, input->type->name);
}

static gboolean
root_check(const plan_input *input, GError **error)
{
    guint wanted = input->root_device_type == ROOT_EBS ? TYPE_ROOT_EBS : TYPE_ROOT_INSTANCE_STORE;

    if (input->type->roots & wanted)
        return TRUE;
    return error_set(error, ERROR_PARAMETER_COMBINATION,
                     "Instances of type '%s' can't have a root device of type '%s'.",
                     input->type->name, root_device_type_words[input->root_device_type]);
}

static gboolean
firmware_check(const plan_input *input, GError **error)
{
    boot_kind kind;

    return input->virtualization != VIRTUALIZATION_HVM ||
           plan_kind_of_firmware(input, &kind, error);
}

gboolean
plan_check(const plan_input *input, GError **error)
{
    return virtualization_check(input, error) && architecture_check(input, error) &&
           root_check(input, error) && firmware_check(input, error);
}

/* ---- the hardware ---- */

static void
plan_size(boot_plan *plan, const plan_input *input)
{
    guint64 wanted = input->type->memory_mib;
    guint most = input->cpu_limit != 0 ? MIN(input->cpu_limit, MOST_VCPUS) : MOST_VCPUS;

    plan->memory_mib = input->memory_limit_mib != 0 ? MIN(wanted, input->memory_limit_mib) : wanted;
    plan->vcpus = MIN(input->type->vcpus, most);
    if (plan->memory_mib < wanted) {
        g_autofree char *text =
            g_strdup_printf("%s has %" G_GUINT64_FORMAT " MiB; the guest gets %" G_GUINT64_FORMAT
                            " MiB by the memory limit",
                            input->type->name, wanted, plan->memory_mib);
        boot_plan_warn(plan, "memory-limited", text, NULL);
    }
    if (plan->vcpus < input->type->vcpus) {
        g_autofree char *text = g_strdup_printf("%s has %u vCPUs; the guest gets %u",
                                                input->type->name, input->type->vcpus, plan->vcpus);
        boot_plan_warn(plan, "cpus-limited", text, NULL);
    }
}

gboolean
plan_has_network(const boot_plan *plan)
{
    return plan->kind != BOOT_XEN_HOST;
}

static void
warn_of_host(boot_plan *plan, const plan_input *input)
{
    if (plan->memory_mib > input->host.memory_mib) {
        g_autofree char *text = g_strdup_printf("the guest needs %" G_GUINT64_FORMAT
                                                " MiB, and this host has %" G_GUINT64_FORMAT " MiB",
                                                plan->memory_mib, input->host.memory_mib);
        boot_plan_warn(plan, "memory-exceeds-host", text,
                       "Cap what the guest gets with --memory-limit, or memory_limit in the "
                       "configuration");
    }
    if (plan->vcpus > input->host.cpus) {
        g_autofree char *text =
            g_strdup_printf("the guest has %u vCPUs, and this host %u: they will share",
                            plan->vcpus, input->host.cpus);
        boot_plan_warn(plan, "cpus-exceed-host", text,
                       "cpu_limit in the configuration caps what the guest gets");
    }
    if (!plan_has_network(plan))
        boot_plan_warn(plan, "no-network",
                       "on a host that runs Xen itself the guest has no network card",
                       "On a host without Xen paravirtual guests have one: connect to "
                       "qemu:///system there");
}

static const char *
origin_of(const block_device *device)
{
    if (block_device_is_store_root(device))
        return "ami";
    if (device->virtual_name != NULL)
        return device->virtual_name;
    return device->snapshot != NULL ? device->snapshot : "empty";
}

/* Xen gives a guest its disks by the mapping's names; others find theirs by bus and order. */
static char *
guest_name(const boot_plan *plan, const boot_disk *disk)
{
    switch (plan->kind) {
    case BOOT_XEN:
    case BOOT_XEN_HOST:
    case BOOT_SHIM:
        return xen_disk_in_guest(disk->device);
    default:
        return g_strdup_printf("/dev/%s%s", plan->bus == DISK_BUS_IDE ? "s" : "",
                               disk->target + (plan->bus == DISK_BUS_IDE ? 1 : 0));
    }
}

static void
plan_disks(boot_plan *plan, const plan_input *input)
{
    for (guint i = 0; i < input->devices->len; i++) {
        const block_device *device = g_ptr_array_index(input->devices, i);
        boot_disk *disk = boot_plan_add_disk(plan);
        disk->device = g_strdup(device->device);
        disk->target = disk_bus_target(plan->bus, i);
        disk->guest = guest_name(plan, disk);
        disk->size = (guint64)device->size;
        disk->store = device->virtual_name != NULL && !block_device_is_store_root(device);
        disk->origin = g_strdup(origin_of(device));
        disk->encrypted = device->encrypted;
    }
}

boot_plan *
plan_boot(const plan_input *input, GError **error)
{
    g_autoptr(boot_plan) plan = boot_plan_new();

    if (!plan_check(input, error) || !plan_kind_choose(plan, input, error))
        return NULL;
    plan->type = g_strdup(input->type->name);
    plan->kvm = input->host.kvm;
    plan_size(plan, input);
    plan_disks(plan, input);
    plan_kind_fill(plan, input);
    explain_boot(plan, input);
    if (!input->image_only)
        warn_of_host(plan, input);
    return g_steal_pointer(&plan);
}

gboolean
plan_fits(const boot_plan *plan, const plan_input *input, GError **error)
{
    if (!plan_kind_check(plan, input, error))
        return FALSE;
    if (boot_plan_memory(plan) <= input->host.memory_mib)
        return TRUE;
    return error_set(
        error, ERROR_CAPACITY,
        "%s needs %" G_GUINT64_FORMAT " MiB of memory%s, and this host has %" G_GUINT64_FORMAT
        " MiB: cap what the guest gets with --memory-limit, or "
        "memory_limit in the configuration",
        plan->type, boot_plan_memory(plan),
        plan->overhead_mib != 0 ? " with its Xen appliance" : "", input->host.memory_mib);
}

/* ---- binding ---- */

static void
set_text(char **place, char *value)
{
    g_free(*place);
    *place = value;
}

/* On Nitro types a guest reads its volume's id, without the dash, as the disk's serial number. */
static char *
serial_of_volume(const char *id)
{
    g_auto(GStrv) parts = g_strsplit(id, "-", 2);
    g_autofree char *joined = g_strjoinv("", parts);

    return g_strndup(joined, SERIAL_MOST);
}

/* The UUID and the file of a passphrase, or none. */
static char *
secret_file(const char *home, const char *uuid)
{
    return uuid != NULL ? home_secret_path(home, uuid) : NULL;
}

char *
plan_alias_of_volume(const char *id)
{
    return g_strdup_printf("ua-%s", id);
}

void
plan_bind_volume(boot_disk *disk, const char *home, const volume *what, const GPtrArray *chain)
{
    set_text(&disk->path, home_volume_path(home, what->id));
    set_text(&disk->format, g_strdup("qcow2"));
    set_text(&disk->serial, serial_of_volume(what->id));
    set_text(&disk->alias, plan_alias_of_volume(what->id));
    set_text(&disk->secret, g_strdup(what->secret));
    set_text(&disk->secret_file, secret_file(home, what->secret));
    g_ptr_array_set_size(disk->layers, 0);
    for (guint i = 0; i < chain->len; i++) {
        const snapshot *layer = g_ptr_array_index(chain, i);
        g_autofree char *path = home_snapshot_path(home, layer->id);
        g_autofree char *file = secret_file(home, layer->secret);
        boot_disk_add_layer(disk, path, layer->secret, file);
    }
}

static void
bind_store_disk(boot_disk *disk, const plan_binding *to, const store_disk *what)
{
    gboolean root = what->position == STORE_ROOT_POSITION;

    g_ptr_array_set_size(disk->layers, 0);
    if (root) {
        g_autofree char *template = home_template_path(to->home, to->vm->content);
        boot_disk_add_layer(disk, template, NULL, NULL);
    }
    set_text(&disk->path, home_store_disk_path(to->home, what->instance, what->virtual_name));
    set_text(&disk->format, g_strdup(root ? "qcow2" : "raw"));
    set_text(&disk->serial, g_strdup(what->virtual_name));
    set_text(&disk->alias, g_strdup_printf("ua-%s", what->virtual_name));
}

static void
bind_disk(boot_disk *disk, const plan_binding *to)
{
    for (guint i = 0; i < to->volumes->len; i++) {
        const volume *what = g_ptr_array_index(to->volumes, i);
        if (g_strcmp0(what->device, disk->device) == 0)
            plan_bind_volume(disk, to->home, what, g_ptr_array_index(to->chains, i));
    }
    for (guint i = 0; i < to->store_disks->len; i++) {
        const store_disk *what = g_ptr_array_index(to->store_disks, i);
        if (g_strcmp0(what->device, disk->device) == 0)
            bind_store_disk(disk, to, what);
    }
}

static void
bind_nic(boot_plan *plan, const plan_binding *to)
{
    if (to->nic == NULL || !plan_has_network(plan))
        return;
    set_text(&plan->mac, g_strdup(to->nic->mac));
    set_text(&plan->network_socket, network_socket(to->home, to->vm->id));
}

void
plan_bind(boot_plan *plan, const plan_binding *to)
{
    set_text(&plan->name, g_strdup(to->vm->id));
    set_text(&plan->uuid, g_strdup(to->vm->uuid));
    set_text(&plan->home, g_strdup(to->home));
    plan_kind_bind(plan, to->home, to->vm->content);
    set_text(&plan->console_log, home_console_log(to->home, to->vm->id));
    if (plan->kind == BOOT_UEFI)
        set_text(&plan->nvram, home_nvram(to->home, to->vm->id));
    set_text(&plan->appliance_log, home_appliance_log(to->home, to->vm->id));
    for (guint i = 0; i < plan->disks->len; i++)
        bind_disk(g_ptr_array_index(plan->disks, i), to);
    bind_nic(plan, to);
}
