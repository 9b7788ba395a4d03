#include "tests/unit/phony_plan.h"
#include "launcher/mapping.h"
#include "tests/unit/suites.h"

#include <string.h>

void
phony_set(char **place, const char *value)
{
    g_free(*place);
    *place = g_strdup(value);
}

static char *
data_file(const char *name)
{
    return g_build_filename(g_getenv("AMILAUNCH_DATADIR"), name, NULL);
}

static void
load_tables(phony_plan *self)
{
    g_autofree char *types = data_file("instance-types.conf");
    g_autofree char *kernels = data_file("kernel-images.conf");

    self->types = instance_types_load(types, NULL);
    self->kernels = kernel_images_load(kernels, NULL);
    ck_assert_ptr_nonnull(self->types);
    ck_assert_ptr_nonnull(self->kernels);
}

static void
make_appliance(phony_plan *self)
{
    xen_appliance *made = g_new0(xen_appliance, 1);

    made->folder = g_strdup("/x");
    made->xen = g_strdup("/x/xen");
    made->dom0_kernel = g_strdup("/x/dom0-kernel");
    made->dom0_initrd = g_strdup("/x/dom0-initrd");
    made->grub_hd0 = g_strdup("/x/grub-hd0");
    made->grub_hd00 = g_strdup("/x/grub-hd00");
    made->xen_cmdline = g_strdup("dom0_mem=200M");
    made->dom0_cmdline = g_strdup("quiet");
    made->overhead_mib = 256;
    made->files = g_ptr_array_new();
    made->packages = g_ptr_array_new();
    self->appliance = made;
}

void
phony_plan_add_disk(phony_plan *self, const char *device, const char *from)
{
    block_device *disk = g_new0(block_device, 1);

    disk->device = g_strdup(device);
    disk->snapshot = g_strdup(from);
    disk->size = G_GINT64_CONSTANT(8) << 30;
    g_ptr_array_add(self->devices, disk);
}

static void
add_partition(image_facts *facts)
{
    partition_facts *part = g_new0(partition_facts, 1);

    part->number = 1;
    part->start = 1 << 20;
    part->size = (guint64)1022 << 20;
    part->filesystem = g_strdup("ext4");
    g_ptr_array_add(facts->partitions, part);
}

static void
add_kernel(image_facts *facts)
{
    kernel_facts *kernel = kernel_facts_new();

    kernel->path = g_strdup("/boot/vmlinuz-6.1");
    kernel->version = g_strdup("6.1");
    kernel->compression = g_strdup("xz");
    kernel->bits = 64;
    kernel->initramfs = g_strdup("/boot/initrd.img-6.1");
    kernel->xen_pv = g_strdup("yes");
    kernel->virtio_blk = g_strdup(DRIVER_INITRAMFS);
    kernel->virtio_net = g_strdup(DRIVER_MODULE);
    kernel->ahci = g_strdup(DRIVER_INITRAMFS);
    kernel->ata_piix = g_strdup(DRIVER_BUILTIN);
    kernel->e1000 = g_strdup(DRIVER_MODULE);
    kernel->xen_blkfront = g_strdup(DRIVER_INITRAMFS);
    kernel->xen_netfront = g_strdup(DRIVER_MODULE);
    g_ptr_array_add(facts->kernels, kernel);
}

static loader_facts *
make_menu(const char *kind, const char *path, guint partition, const char *arguments)
{
    loader_facts *menu = loader_facts_new();

    menu->kind = g_strdup(kind);
    menu->path = g_strdup(path);
    menu->partition = partition;
    menu->title = g_strdup("Debian GNU/Linux");
    menu->kernel = g_strdup("/boot/vmlinuz-6.1");
    menu->arguments = g_strdup(arguments);
    menu->initrd = g_strdup("/boot/initrd.img-6.1");
    menu->way = g_strdup("default 0");
    return menu;
}

static void
make_image(phony_plan *self)
{
    image_facts *facts = image_facts_new();

    facts->format = g_strdup("qcow2");
    facts->os_type = g_strdup("linux");
    facts->product = g_strdup("Debian GNU/Linux 12 (bookworm)");
    add_kernel(facts);
    self->facts = facts;
}

static void
make_input(phony_plan *self, const char *type, virtualization kind)
{
    self->input = (plan_input){
        .type = instance_types_find(self->types, type, NULL),
        .architecture = "x86_64",
        .virtualization = kind,
        .root_device_type = ROOT_EBS,
        .root_device = "/dev/sda1",
        .region = "us-east-1",
        .kernel_images = self->kernels,
        .facts = self->facts,
        .devices = self->devices,
        .host = {.memory_mib = 16384, .cpus = 4},
    };
    ck_assert_ptr_nonnull(self->input.type);
}

static void
make_all(phony_plan *self, const char *type, virtualization kind)
{
    load_tables(self);
    make_appliance(self);
    make_image(self);
    self->devices = g_ptr_array_new_with_free_func((GDestroyNotify)block_device_free);
    phony_plan_add_disk(self, "/dev/sda1", "snap-1");
    make_input(self, type, kind);
}

void
phony_plan_hvm(phony_plan *self)
{
    make_all(self, "m3.medium", VIRTUALIZATION_HVM);
    phony_plan_partition(self);
    self->facts->signature = TRUE;
    self->facts->active = 1;
    self->facts->boot_code = g_strdup("GRUB 2");
    self->facts->boot_code_after = g_strdup("GRUB 2");
    self->facts->loader =
        make_menu("grub.cfg", "/boot/grub/grub.cfg", 1, "root=LABEL=root ro console=ttyS0");
}

void
phony_plan_pv(phony_plan *self)
{
    make_all(self, "m1.small", VIRTUALIZATION_PARAVIRTUAL);
    g_ptr_array_add(self->facts->menu_lsts, make_menu("menu.lst", "/boot/grub/menu.lst", 0,
                                                      "root=/dev/xvda1 ro console=hvc0"));
}

void
phony_plan_partition(phony_plan *self)
{
    self->facts->scheme = PARTITIONS_MBR;
    add_partition(self->facts);
    for (guint i = 0; i < self->facts->menu_lsts->len; i++)
        ((loader_facts *)g_ptr_array_index(self->facts->menu_lsts, i))->partition = 1;
}

void
phony_plan_clear(phony_plan *self)
{
    g_ptr_array_unref(self->devices);
    image_facts_free(self->facts);
    xen_appliance_free(self->appliance);
    kernel_images_free(self->kernels);
    instance_types_free(self->types);
}

kernel_facts *
phony_plan_kernel(phony_plan *self)
{
    return g_ptr_array_index(self->facts->kernels, 0);
}

loader_facts *
phony_plan_menu(phony_plan *self)
{
    return self->facts->loader != NULL ? self->facts->loader
                                       : g_ptr_array_index(self->facts->menu_lsts, 0);
}

/* ---- what a plan says ---- */

static void
add_files(GString *text, const boot_plan *plan)
{
    if (plan->kernel != NULL)
        g_string_append_printf(text, "kernel %s\n", plan->kernel);
    if (plan->initrd != NULL)
        g_string_append_printf(text, "initrd %s\n", plan->initrd);
    if (plan->cmdline != NULL)
        g_string_append_printf(text, "cmdline %s\n", plan->cmdline);
}

static void
add_warnings(GString *text, const boot_plan *plan)
{
    for (guint i = 0; i < plan->warnings->len; i++) {
        const boot_warning *warning = g_ptr_array_index(plan->warnings, i);
        g_string_append_printf(text, "warning %s%s%s: %s\n", warning->name,
                               warning->fatal ? ", stops at " : "",
                               warning->fatal ? warning->link : "", warning->text);
        if (warning->remedy != NULL)
            g_string_append_printf(text, "  %s\n", warning->remedy);
    }
}

char *
phony_plan_text(const boot_plan *plan)
{
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%s machine %s kvm %d vcpus %u memory %" G_GUINT64_FORMAT " + %u\n",
                    plan->type, plan->machine, plan->kvm, plan->vcpus, plan->memory_mib,
                    plan->overhead_mib);
    add_files(text, plan);
    for (guint i = 0; i < plan->links->len; i++) {
        const boot_link *link = g_ptr_array_index(plan->links, i);
        g_string_append_printf(text, "link %s: %s (%s)\n", link->name, link->found,
                               link->where != NULL ? link->where : "-");
    }
    for (guint i = 0; i < plan->disks->len; i++) {
        const boot_disk *disk = g_ptr_array_index(plan->disks, i);
        g_string_append_printf(text, "disk %s %s %s %" G_GUINT64_FORMAT " %s store %d\n",
                               disk->device, disk->target, disk->guest, disk->size, disk->origin,
                               disk->store);
    }
    add_warnings(text, plan);
    return g_string_free(text, FALSE);
}

const boot_warning *
phony_plan_warning(const boot_plan *plan, const char *name)
{
    for (guint i = 0; i < plan->warnings->len; i++) {
        const boot_warning *warning = g_ptr_array_index(plan->warnings, i);
        if (strcmp(warning->name, name) == 0)
            return warning;
    }
    return NULL;
}
