/* How a paravirtual image is started, up to the menu.lst. */
#include "launcher/explain_parts.h"
#include "launcher/plan_kind.h"
#include "launcher/pv_menu.h"

/* ---- by what ---- */

static void
explain_way(boot_plan *plan)
{
    const char *how = plan->kvm ? "KVM" : "TCG";
    g_autofree char *text = NULL;

    switch (plan->kind) {
    case BOOT_XEN:
        text = g_strdup_printf("Xen in an appliance, under %s", how);
        break;
    case BOOT_GRUB:
        text =
            g_strdup("not really: QEMU starts GRUB as a kernel, and that reads the image's menu");
        break;
    case BOOT_DIRECT:
        text = g_strdup("not really: QEMU starts the menu's kernel by itself");
        break;
    case BOOT_SHIM:
        text = g_strdup_printf("Xen's PV shim, under %s's Xen emulation", how);
        break;
    default:
        text = g_strdup("by this host's Xen");
    }
    boot_plan_add_link(plan, BOOT_LINK_PARAVIRTUAL, text, pv_word(plan->kind));
}

static void
warn_of_appliance(boot_plan *plan, const plan_input *input)
{
    if (input->image_only || input->appliance != NULL || plan->kind == BOOT_DIRECT)
        return;
    boot_plan_warn(plan, "appliance-missing",
                   plan->kind == BOOT_XEN
                       ? "paravirtual guests run under Xen in an appliance, which isn't there: "
                         "`amilaunch run` refuses"
                       : "GRUB for paravirtual images comes with the Xen appliance, which isn't "
                         "there: `amilaunch run` refuses",
                   "Make it once by `amilaunch appliance build`; --pv direct does without, but not "
                   "paravirtually");
}

static void
warn_of_32_bits(boot_plan *plan, const plan_input *input)
{
    if (plan_is_pv32(plan, input))
        boot_plan_warn_fatal(
            plan, BOOT_LINK_KERNEL, "pv32",
            "this is a paravirtual image of 32 bits, and the Xen that is here runs "
            "guests of 64 bits only: `amilaunch run` refuses",
            "Launch it with --pv grub or --pv direct, though that isn't "
            "paravirtual");
}

/* ---- the kernel image ---- */

static const char *
place_text(gboolean partitioned)
{
    return partitioned ? "looks in the disk's partitions" : "looks in the disk itself";
}

static void
explain_kernel_image(boot_plan *plan, const plan_input *input)
{
    g_autofree char *found = NULL;

    if (plan->kind == BOOT_DIRECT)
        return;
    if (input->aki != NULL)
        found = g_strdup_printf("%s, %s", input->aki->id, input->aki->name);
    else
        found = g_strdup(input->kernel != NULL ? input->kernel : "PV-GRUB for this disk");
    boot_plan_add_link(plan, BOOT_LINK_KERNEL_IMAGE, found, place_text(plan->partitioned));
    if (input->ramdisk != NULL)
        boot_plan_warn(
            plan, "ramdisk-ignored",
            "the image names a ramdisk (ARI), and PV-GRUB takes none: the guest gets the "
            "one of its menu",
            "Register the image without --ramdisk");
}

/* ---- the menu ---- */

/* The kernel image that looks in the other place; NULL if the region has none. */
static const kernel_image *
other_kernel_image(const plan_input *input, gboolean partitioned)
{
    if (input->kernel_images == NULL || input->region == NULL)
        return NULL;
    return kernel_images_newest(input->kernel_images, input->region, input->architecture,
                                !partitioned);
}

static const char *
name_of_kernel_image(const plan_input *input)
{
    return input->aki != NULL ? input->aki->id : "PV-GRUB";
}

static void
warn_of_misplaced(boot_plan *plan, const plan_input *input, const loader_facts *menu)
{
    const kernel_image *other = other_kernel_image(input, plan->partitioned);
    g_autofree char *where = explain_partition_text(input->facts, menu->partition);
    g_autofree char *text =
        g_strdup_printf("%s %s, and the menu is elsewhere: %s of %s", name_of_kernel_image(input),
                        place_text(plan->partitioned), menu->path, where);
    g_autofree char *remedy =
        other != NULL
            ? g_strdup_printf("Take the kernel image that looks there: --kernel %s (%s)", other->id,
                              other->name)
            : g_strdup_printf("No kernel image of this region looks there: put the menu where %s "
                              "looks",
                              name_of_kernel_image(input));

    boot_plan_warn_fatal(plan, BOOT_LINK_LOADER, "menu-lst-misplaced", text, remedy);
}

/* grub.conf only GRUB itself reads. */
static void
warn_of_missing(boot_plan *plan, const image_facts *facts)
{
    const loader_facts *other =
        facts->loader != NULL && g_str_has_suffix(facts->loader->path, "/grub.conf") ? facts->loader
                                                                                     : NULL;
    g_autofree char *remedy =
        other != NULL ? g_strdup_printf("There is %s: a link to it by the name of menu.lst, beside "
                                        "it, will do",
                                        other->path)
                      : NULL;

    boot_plan_warn_fatal(plan, BOOT_LINK_LOADER, "menu-lst-missing",
                         "PV-GRUB boots by /boot/grub/menu.lst, and this image has none",
                         remedy != NULL ? remedy
                                        : "Write one in the image, or import it with --virt hvm if "
                                          "it has a boot loader");
}

static void
explain_no_menu(boot_plan *plan, const plan_input *input)
{
    const loader_facts *elsewhere = pv_menu_find(input->facts, !plan->partitioned);

    boot_plan_add_link(plan, BOOT_LINK_LOADER, "PV-GRUB finds no menu.lst",
                       place_text(plan->partitioned));
    if (elsewhere != NULL && plan->kind != BOOT_DIRECT)
        warn_of_misplaced(plan, input, elsewhere);
    else
        warn_of_missing(plan, input->facts);
}

/* PV-GRUB 1.03 and older knew one place; ours knows all, whatever its version. */
static void
warn_of_old_kernel_image(boot_plan *plan, const plan_input *input, const loader_facts *menu)
{
    g_autofree char *text = NULL;

    if (input->aki == NULL || !input->aki->one_place || plan->kind == BOOT_DIRECT ||
        (menu->partition <= 1 && g_str_equal(menu->path, "/boot/grub/menu.lst")))
        return;
    text =
        g_strdup_printf("on EC2 %s looks at /boot/grub/menu.lst of one file system only, and would "
                        "not find %s; here it does",
                        input->aki->id, menu->path);
    boot_plan_warn(plan, "menu-lst-elsewhere", text,
                   "Take a kernel image of version 1.04 or later with --kernel");
}

/* QEMU reads a ramdisk only from a copy, which is none of a file that isn't there or too large. */
static void
explain_direct_ramdisk(boot_plan *plan, const loader_facts *menu)
{
    g_autofree char *text = NULL;

    if (plan->kind != BOOT_DIRECT || plan->kernel == NULL || plan->initrd != NULL ||
        menu->initrd == NULL)
        return;
    text = g_strdup_printf("the menu's ramdisk %s couldn't be copied out of the image: the kernel "
                           "starts without it",
                           menu->initrd);
    boot_plan_warn(plan, "ramdisk-copy-missing", text,
                   "See that it is in the image, beside the menu's kernel; or launch it with --pv "
                   "xen or --pv grub");
}

static void
explain_direct(boot_plan *plan, const plan_input *input)
{
    if (plan->kind != BOOT_DIRECT || plan->kernel != NULL)
        return;
    boot_plan_warn(plan, "kernel-copy-missing",
                   input->facts->inspection < INSPECTION_VERSION
                       ? "no copy of the menu's kernel was kept when this image was imported: "
                         "`amilaunch run` refuses"
                       : "the menu's kernel couldn't be copied out of the image: `amilaunch run` "
                         "refuses",
                   "Import the image again, or launch it with --pv xen or --pv grub");
}

void
explain_pv(boot_plan *plan, const plan_input *input)
{
    const char *program = plan->kind == BOOT_GRUB     ? "GRUB"
                          : plan->kind == BOOT_DIRECT ? "none; QEMU takes the kernel that"
                                                      : "PV-GRUB";
    const loader_facts *menu;

    explain_way(plan);
    warn_of_appliance(plan, input);
    explain_kernel_image(plan, input);
    warn_of_32_bits(plan, input);
    if (input->facts == NULL)
        return;
    menu = plan->kind == BOOT_DIRECT ? pv_menu_direct(input->facts)
                                     : pv_menu_find(input->facts, plan->partitioned);
    if (menu == NULL) {
        explain_no_menu(plan, input);
        return;
    }
    warn_of_old_kernel_image(plan, input, menu);
    explain_direct(plan, input);
    explain_direct_ramdisk(plan, menu);
    explain_menu(plan, input, program, menu);
}
