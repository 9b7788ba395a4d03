#include "launcher/plan_kind.h"
#include "common/error.h"
#include "images/home.h"
#include "launcher/guest_device.h"
#include "launcher/pv_menu.h"

#include <string.h>

const char *const pv_words[] = {"xen", "grub", "direct", "shim", NULL};

const char *
pv_word(boot_kind kind)
{
    switch (kind) {
    case BOOT_GRUB:
        return "grub";
    case BOOT_DIRECT:
        return "direct";
    case BOOT_SHIM:
        return "shim";
    default:
        return "xen";
    }
}

gboolean
pv_check(const char *asked, virtualization kind, GError **error)
{
    if (asked == NULL)
        return TRUE;
    if (!g_strv_contains(pv_words, asked))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "Invalid value '%s' for --pv: xen, grub, direct or shim", asked);
    if (kind != VIRTUALIZATION_PARAVIRTUAL)
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "--pv is for images with a virtualization type of 'paravirtual'");
    return TRUE;
}

/* ---- the kind ---- */

static gboolean
choose_pv(boot_plan *plan, const plan_input *input, GError **error)
{
    const char *asked = input->pv;

    plan->partitioned = input->aki != NULL
                            ? input->aki->partitioned
                            : input->facts != NULL && input->facts->scheme != PARTITIONS_NONE;
    if (input->host.xen) {
        plan->kind = BOOT_XEN_HOST;
        plan->bus = DISK_BUS_XEN;
        return asked == NULL || g_str_equal(asked, "xen") ||
               error_set(error, ERROR_PARAMETER_COMBINATION,
                         "--pv %s is for hosts without Xen: leave it out", asked);
    }
    plan->kind = asked == NULL || g_str_equal(asked, "xen") ? BOOT_XEN
                 : g_str_equal(asked, "grub")               ? BOOT_GRUB
                 : g_str_equal(asked, "direct")             ? BOOT_DIRECT
                                                            : BOOT_SHIM;
    return TRUE;
}

static gboolean
refuse_mode(const plan_input *input, const char *mode, GError **error)
{
    return error_set(error, ERROR_PARAMETER_COMBINATION,
                     "The instance type '%s' does not support the boot mode '%s' of the specified "
                     "AMI. `amilaunch type ls --filter name=supported-boot-mode,values=%s` lists "
                     "those that do.",
                     input->type->name, mode, mode);
}

/* An image that says nothing boots as its type does, and a type that can do both, by BIOS.
 * Source: Amazon EC2 User Guide, "Instance launch behavior with EC2 boot modes". */
gboolean
plan_kind_of_firmware(const plan_input *input, boot_kind *kind, GError **error)
{
    guint modes = input->type->boot_modes;
    gboolean bios = (modes & BOOT_MODE_LEGACY_BIOS) != 0;
    gboolean uefi = (modes & BOOT_MODE_UEFI) != 0;
    const char *mode = input->boot_mode;

    if (g_strcmp0(mode, "uefi") == 0 && !uefi)
        return refuse_mode(input, mode, error);
    if (g_strcmp0(mode, "legacy-bios") == 0 && !bios)
        return refuse_mode(input, mode, error);
    *kind =
        uefi && (!bios || g_strcmp0(mode, "uefi") == 0 || g_strcmp0(mode, "uefi-preferred") == 0)
            ? BOOT_UEFI
            : BOOT_BIOS;
    return TRUE;
}

/* ---- what it has drivers for ---- */

gboolean
driver_is_early(const char *driver)
{
    return driver == NULL || g_str_equal(driver, DRIVER_BUILTIN) ||
           g_str_equal(driver, DRIVER_INITRAMFS);
}

static gboolean
is_there(const char *driver)
{
    return driver != NULL && driver_is_early(driver);
}

static gboolean
is_windows(const image_facts *facts)
{
    return g_strcmp0(facts->os_type, "windows") == 0;
}

/* The older machine has IDE's disks, the newer one SATA's; a kernel that has neither's driver is
 * left with virtio, which the explanation is about. */
static void
choose_old_hardware(boot_plan *plan, const kernel_facts *kernel)
{
    gboolean old = g_str_equal(plan->machine, "pc");

    if (kernel == NULL || is_there(old ? kernel->ata_piix : kernel->ahci))
        plan->bus = old ? DISK_BUS_IDE : DISK_BUS_SATA;
}

static void
choose_devices(boot_plan *plan, const plan_input *input)
{
    const image_facts *facts = input->facts;
    const kernel_facts *kernel;

    plan->bus = DISK_BUS_VIRTIO;
    plan->nic = NIC_VIRTIO;
    if (facts == NULL)
        return;
    if (is_windows(facts)) {
        if (g_strcmp0(facts->windows_virtio, "no") != 0)
            return;
        choose_old_hardware(plan, NULL);
        plan->nic = NIC_E1000;
        return;
    }
    kernel = menu_kernel(facts, facts->loader);
    if (kernel == NULL)
        return;
    if (!driver_is_early(kernel->virtio_blk))
        choose_old_hardware(plan, kernel);
    if (g_strcmp0(kernel->virtio_net, DRIVER_ABSENT) == 0 &&
        g_strcmp0(kernel->e1000, DRIVER_ABSENT) != 0)
        plan->nic = NIC_E1000;
}

/* Windows says nothing on a serial port. Others do, and would say less there beside a screen: some
 * loaders then draw their menu on that alone. */
static void
choose_screen(boot_plan *plan, const plan_input *input)
{
    plan->screen = input->screens || (input->facts != NULL && is_windows(input->facts));
}

char *
plan_kind_why(const boot_plan *plan, const plan_input *input)
{
    const image_facts *facts = input->facts;
    const kernel_facts *kernel;

    if (facts == NULL || (plan->bus == DISK_BUS_VIRTIO && plan->nic == NIC_VIRTIO))
        return NULL;
    if (is_windows(facts))
        return g_strdup("this Windows has no virtio drivers");
    kernel = menu_kernel(facts, facts->loader);
    if (kernel == NULL)
        return NULL;
    return g_strdup_printf("virtio_blk of %s: %s; virtio_net: %s",
                           kernel->version != NULL ? kernel->version : kernel->path,
                           kernel->virtio_blk != NULL ? kernel->virtio_blk : "unknown",
                           kernel->virtio_net != NULL ? kernel->virtio_net : "unknown");
}

gboolean
plan_kind_choose(boot_plan *plan, const plan_input *input, GError **error)
{
    plan->machine = g_strdup(input->type->hypervisor == HYPERVISOR_XEN ? "pc" : "q35");
    if (input->virtualization == VIRTUALIZATION_PARAVIRTUAL)
        return choose_pv(plan, input, error);
    if (!plan_kind_of_firmware(input, &plan->kind, error))
        return FALSE;
    choose_devices(plan, input);
    choose_screen(plan, input);
    return TRUE;
}

/* ---- what is started ---- */

/* "/dev/xvda1" as the guest that isn't paravirtual finds it; NULL if that is no disk of it. */
static char *
translate_device(const boot_plan *plan, const char *name)
{
    const char *rest;
    const boot_disk *disk = guest_device_of_xen(plan, name, &rest);

    return disk != NULL ? g_strdup_printf("%s%s", disk->guest, rest) : NULL;
}

/* The consoles of Xen's guests, and screens: none of them is there. */
static gboolean
is_console_of_xen(const char *name)
{
    return g_str_has_prefix(name, "hvc") || g_str_has_prefix(name, "xvc") ||
           g_str_has_prefix(name, "tty0") || g_str_has_prefix(name, "tty1");
}

static char *
translate_argument(const boot_plan *plan, const char *text, gboolean *console)
{
    if (g_str_has_prefix(text, "root=")) {
        g_autofree char *device = translate_device(plan, text + strlen("root="));
        return device != NULL ? g_strconcat("root=", device, NULL) : g_strdup(text);
    }
    if (!g_str_has_prefix(text, "console="))
        return g_strdup(text);
    if (is_console_of_xen(text + strlen("console="))) {
        if (*console)
            return NULL;
        *console = TRUE;
        return g_strdup("console=ttyS0");
    }
    *console |= g_str_has_prefix(text, "console=ttyS0");
    return g_strdup(text);
}

/* What the menu says to the kernel, for a guest whose disks and console are QEMU's. */
static char *
translate_arguments(const boot_plan *plan, const char *arguments)
{
    g_auto(GStrv) words = g_strsplit_set(arguments != NULL ? arguments : "", " \t", -1);
    GString *text = g_string_new(NULL);
    gboolean console = FALSE;

    for (gsize i = 0; words[i] != NULL; i++) {
        g_autofree char *one =
            *words[i] != '\0' ? translate_argument(plan, words[i], &console) : NULL;
        if (one != NULL)
            g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", one);
    }
    if (!console)
        g_string_append_printf(text, "%sconsole=ttyS0", text->len > 0 ? " " : "");
    return g_string_free(text, FALSE);
}

static void
fill_direct(boot_plan *plan, const image_facts *facts)
{
    const loader_facts *menu = facts != NULL ? pv_menu_direct(facts) : NULL;

    if (menu == NULL || facts->boot_kernel == NULL)
        return;
    plan->kernel = g_strdup(facts->boot_kernel);
    plan->initrd = g_strdup(facts->boot_initrd);
    plan->cmdline = translate_arguments(plan, menu->arguments);
}

/* Where a host that is Xen for the guest, or a shim within it, finds PV-GRUB. */
static char *
pv_grub_path(const boot_plan *plan, const xen_appliance *appliance)
{
    return g_build_filename(appliance->folder,
                            plan->partitioned ? "pv-grub-hd00-x86_64" : "pv-grub-hd0-x86_64", NULL);
}

/* The hypervisor is its own shim, and PV-GRUB its guest.
 * Source: qemu.org, "Xen HVM guest support", about booting PV guests. */
static void
fill_shim(boot_plan *plan, const xen_appliance *appliance)
{
    plan->kernel = g_strdup(appliance->xen);
    plan->initrd = pv_grub_path(plan, appliance);
    plan->cmdline = g_strdup("pv-shim console=xen,pv");
    plan->emulator = g_strdup(PKGLIBEXECDIR "/qemu-xen");
}

static void
fill_xen(boot_plan *plan, const xen_appliance *appliance)
{
    plan->appliance = g_strdup(appliance->folder);
    plan->kernel = g_strdup(appliance->xen);
    plan->cmdline = g_strdup(appliance->xen_cmdline);
    plan->dom0_kernel = g_strdup(appliance->dom0_kernel);
    plan->dom0_cmdline = g_strdup(appliance->dom0_cmdline);
    plan->initrd = g_strdup(appliance->dom0_initrd);
    plan->overhead_mib = appliance->overhead_mib;
}

void
plan_kind_fill(boot_plan *plan, const plan_input *input)
{
    const xen_appliance *appliance = input->appliance;

    if (plan->kind == BOOT_DIRECT)
        fill_direct(plan, input->facts);
    if (appliance == NULL)
        return;
    if (plan->kind == BOOT_XEN)
        fill_xen(plan, appliance);
    else if (plan->kind == BOOT_GRUB)
        plan->kernel = g_strdup(plan->partitioned ? appliance->grub_hd00 : appliance->grub_hd0);
    else if (plan->kind == BOOT_SHIM)
        fill_shim(plan, appliance);
    else if (plan->kind == BOOT_XEN_HOST)
        plan->kernel = pv_grub_path(plan, appliance);
}

static void
find_file(char **name, const char *folder)
{
    g_autofree char *file = *name;

    *name = file != NULL ? g_build_filename(folder, file, NULL) : NULL;
}

void
plan_kind_bind(boot_plan *plan, const char *home, const char *content)
{
    g_autofree char *folder = NULL;

    if (plan->kind != BOOT_DIRECT || content == NULL)
        return;
    folder = home_boot_folder(home, content);
    find_file(&plan->kernel, folder);
    find_file(&plan->initrd, folder);
}

/* ---- what can't be ---- */

gboolean
plan_is_pv32(const boot_plan *plan, const plan_input *input)
{
    const kernel_facts *kernel;

    if (plan->kind != BOOT_XEN && plan->kind != BOOT_SHIM)
        return FALSE;
    if (g_str_equal(input->architecture, "i386"))
        return TRUE;
    if (input->facts == NULL)
        return FALSE;
    kernel = menu_kernel(input->facts, pv_menu_find(input->facts, plan->partitioned));
    return kernel != NULL && kernel->bits == 32;
}

gboolean
plan_kind_check(const boot_plan *plan, const plan_input *input, GError **error)
{
    return !plan_is_pv32(plan, input) ||
           error_set(
               error, ERROR_UNSUPPORTED,
               "this is a paravirtual image of 32 bits, and the Xen that is here runs guests of "
               "64 bits only: --pv grub or --pv direct starts it, though not as a paravirtual "
               "guest");
}
