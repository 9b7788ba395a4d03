/* From the boot loader's menu to the root device. */
#include "launcher/explain_parts.h"
#include "launcher/guest_device.h"
#include "launcher/pv_menu.h"

#include <string.h>

#define KERNELS_LISTED 64 /* that inspections list at most */

/* How many of a menu's unknown commands are named. */
#define MOST_NAMED 5

static gboolean
is_xen(const boot_plan *plan)
{
    return plan->kind == BOOT_XEN || plan->kind == BOOT_XEN_HOST || plan->kind == BOOT_SHIM;
}

/* ---- the menu ---- */

static void
explain_file(boot_plan *plan, const image_facts *facts, const char *program,
             const loader_facts *menu)
{
    g_autofree char *where = explain_partition_text(facts, menu->partition);
    g_autofree char *found = plan->kind == BOOT_DIRECT
                                 ? g_strdup_printf("%s %s names", program, menu->path)
                                 : g_strdup_printf("%s reads %s", program, menu->path);

    boot_plan_add_link(plan, BOOT_LINK_LOADER, found, where);
}

static void
warn_of_unknown(boot_plan *plan, const loader_facts *menu)
{
    GString *text;

    if (menu->unknown->len == 0)
        return;
    text = g_string_new("the menu has commands that are not known here: ");
    for (guint i = 0; i < menu->unknown->len && i < MOST_NAMED; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               (char *)g_ptr_array_index(menu->unknown, i));
    if (menu->unknown->len > MOST_NAMED)
        g_string_append_printf(text, " and %u more", menu->unknown->len - MOST_NAMED);
    boot_plan_warn(plan, "menu-unknown-command", text->str, NULL);
    g_string_free(text, TRUE);
}

static void
explain_not_understood(boot_plan *plan, const loader_facts *menu)
{
    g_autofree char *text =
        menu->chain != NULL
            ? g_strdup_printf("the menu's entry starts no kernel, but says: %s", menu->chain)
            : g_strdup("the boot loader's configuration was found, but not which entry it boots");

    if (menu->title != NULL)
        boot_plan_add_link(plan, BOOT_LINK_MENU, menu->title,
                           menu->way != NULL ? menu->way : menu->path);
    boot_plan_warn(plan, "menu-not-understood", text, NULL);
}

/* ---- the kernel ---- */

static void
add_part(GString *text, const char *part)
{
    if (part != NULL)
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", part);
}

/* "6.1.0-56-amd64, xz, 64 bits, for Xen" */
static char *
kernel_text(const kernel_facts *kernel)
{
    GString *text = g_string_new(NULL);

    add_part(text, kernel->version);
    add_part(text, kernel->compression);
    if (kernel->bits != 0)
        add_part(text, kernel->bits == 32 ? "32 bits" : "64 bits");
    if (g_strcmp0(kernel->xen_pv, "yes") == 0)
        add_part(text, "for Xen");
    return g_string_free(text, FALSE);
}

/* Of a menu that isn't followed to its files, such as grub.cfg: inspections list what distributions
 * put where they put it, unless there is too much of it or they can't look everywhere. */
static gboolean
is_unlisted(const image_facts *facts, const loader_facts *menu)
{
    const char *device = strrchr(menu->kernel, ')');
    const char *path = device != NULL ? device + 1 : menu->kernel;

    return menu->kernel_found == NULL && facts->notes->len == 0 &&
           facts->kernels->len < KERNELS_LISTED &&
           (g_str_has_prefix(path, "/boot/vmlinuz-") || g_str_has_prefix(path, "/vmlinuz-"));
}

static gboolean
is_missing(const image_facts *facts, const loader_facts *menu, const kernel_facts *kernel)
{
    return g_strcmp0(menu->kernel_found, "no") == 0 || (kernel == NULL && is_unlisted(facts, menu));
}

static void
explain_kernel_file(boot_plan *plan, const image_facts *facts, const loader_facts *menu,
                    const kernel_facts *kernel)
{
    g_autofree char *details = kernel != NULL ? kernel_text(kernel) : NULL;
    g_autofree char *found = details != NULL && *details != '\0'
                                 ? g_strdup_printf("%s (%s)", menu->kernel, details)
                                 : g_strdup(menu->kernel);
    g_autofree char *rewritten = NULL;
    g_autofree char *text = NULL;

    if (plan->kind == BOOT_DIRECT && plan->cmdline != NULL &&
        g_strcmp0(plan->cmdline, menu->arguments) != 0)
        rewritten = g_strdup_printf(
            "was %s, is %s", menu->arguments != NULL ? menu->arguments : "nothing", plan->cmdline);
    boot_plan_add_link(plan, BOOT_LINK_KERNEL, found,
                       rewritten != NULL ? rewritten : menu->arguments);
    if (!is_missing(facts, menu, kernel))
        return;
    text = g_strdup_printf("the menu's kernel %s isn't in the image", menu->kernel);
    boot_plan_warn_fatal(plan, BOOT_LINK_KERNEL, "kernel-missing", text,
                         "Name one that is there, or install it in the image");
}

/* ---- root and console ---- */

/* What disks it will have, to be compared with. */
static char *
disks_text(const boot_plan *plan)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < plan->disks->len; i++)
        add_part(text, ((boot_disk *)g_ptr_array_index(plan->disks, i))->guest);
    return g_string_free(text, FALSE);
}

static void
warn_of_root(boot_plan *plan, const plan_input *input, const char *root)
{
    guest_device found = guest_device_find(plan, input->facts, root);
    g_autofree char *disks = disks_text(plan);
    g_autofree char *text = NULL;
    const char *remedy = "Name it by LABEL= or UUID= in the image's boot configuration";

    if (!g_str_has_prefix(root, "/dev/") || g_str_has_prefix(root, "/dev/disk/"))
        return;
    if (found == GUEST_DEVICE_ABSENT) {
        text =
            g_strdup_printf("the kernel's root is %s, which this guest won't have: its disks are "
                            "%s, the first with the image's partitions",
                            root, disks);
        boot_plan_warn_fatal(plan, BOOT_LINK_ROOT, "root-missing", text, remedy);
    } else if (found == GUEST_DEVICE_UNKNOWN)
        boot_plan_warn(
            plan, "root-by-name",
            "the kernel looks for its root by a device name that this guest may not have", remedy);
}

static void
explain_root(boot_plan *plan, const plan_input *input, const char *arguments)
{
    g_autofree char *root = argument_find(arguments, "root");

    boot_plan_add_link(plan, BOOT_LINK_ROOT, root != NULL ? root : "not named",
                       "kernel's arguments");
    if (root != NULL)
        warn_of_root(plan, input, root);
}

static gboolean
has_console(const char *arguments, const char *const *names)
{
    g_auto(GStrv) words = g_strsplit_set(arguments != NULL ? arguments : "", " \t", -1);

    for (gsize i = 0; words[i] != NULL; i++)
        for (gsize j = 0; names[j] != NULL; j++)
            if (g_str_has_prefix(words[i], "console=") &&
                g_str_has_prefix(words[i] + strlen("console="), names[j]))
                return TRUE;
    return FALSE;
}

/* A guest of Xen has its console (hvc0, once xvc0 or the first tty) unless it is told to take
 * another; one of QEMU has to be told. Source: Linux, arch/x86/xen/enlighten_pv.c, which adds hvc0,
 * and Documentation/admin-guide/serial-console.rst. */
static void
warn_of_console(boot_plan *plan, const char *arguments)
{
    static const char *const any[] = {"", NULL};
    static const char *const of_xen[] = {"hvc", "xvc", "tty0", "tty1", NULL};
    static const char *const serial[] = {"ttyS0", NULL};

    if (is_xen(plan)) {
        if (has_console(arguments, any) && !has_console(arguments, of_xen))
            boot_plan_warn(plan, "no-serial-console",
                           "the kernel is told to use a console that a paravirtual guest doesn't "
                           "have: `amilaunch log` may stay empty",
                           "Add console=hvc0 to the kernel's arguments in the image");
    } else if (!has_console(arguments, serial))
        boot_plan_warn(plan, "no-serial-console",
                       "the kernel is not told to use the serial console: `amilaunch log` may stay "
                       "empty",
                       "Add console=ttyS0 to the kernel's arguments in the image");
}

/* GRUB loads all that an entry names, or boots nothing; QEMU starts what there is. */
static void
explain_ramdisk(boot_plan *plan, const loader_facts *menu)
{
    g_autofree char *text = NULL;

    boot_plan_add_link(plan, BOOT_LINK_RAMDISK, menu->initrd != NULL ? menu->initrd : "none", NULL);
    if (menu->initrd == NULL || g_strcmp0(menu->initrd_found, "no") != 0 ||
        plan->kind == BOOT_DIRECT)
        return;
    text = g_strdup_printf("the menu's ramdisk %s isn't in the image", menu->initrd);
    boot_plan_warn_fatal(
        plan, BOOT_LINK_RAMDISK, "ramdisk-missing", text,
        "Name one that is there, or make it in the image, e.g. by update-initramfs");
}

void
explain_menu(boot_plan *plan, const plan_input *input, const char *program,
             const loader_facts *menu)
{
    const image_facts *facts = input->facts;
    const kernel_facts *kernel = menu_kernel(facts, menu);
    const char *arguments =
        plan->kind == BOOT_DIRECT && plan->cmdline != NULL ? plan->cmdline : menu->arguments;

    explain_file(plan, facts, program, menu);
    warn_of_unknown(plan, menu);
    if (menu->kernel == NULL) {
        explain_not_understood(plan, menu);
        return;
    }
    boot_plan_add_link(plan, BOOT_LINK_MENU, menu->title != NULL ? menu->title : "the first",
                       menu->way != NULL ? menu->way : menu->path);
    explain_kernel_file(plan, facts, menu, kernel);
    if (kernel != NULL)
        explain_kernel(plan, input, kernel);
    explain_ramdisk(plan, menu);
    if (arguments == NULL)
        return;
    explain_root(plan, input, arguments);
    warn_of_console(plan, arguments);
}
