#include "launcher/explain.h"

#include <string.h>

static const partition_facts *
partition_find(const image_facts *facts, guint number)
{
    for (guint i = 0; i < facts->partitions->len; i++) {
        const partition_facts *part = g_ptr_array_index(facts->partitions, i);
        if (part->number == number)
            return part;
    }
    return NULL;
}

static char *
partition_text(const image_facts *facts, guint number)
{
    const partition_facts *part = partition_find(facts, number);

    if (number == 0)
        return g_strdup("the whole disk");
    if (part == NULL)
        return g_strdup_printf("partition %u", number);
    return g_strdup_printf("partition %u, %s, %" G_GUINT64_FORMAT " MiB", number,
                           part->filesystem != NULL ? part->filesystem : "unknown content",
                           part->size >> 20);
}

/* ---- links of a BIOS boot ---- */

static const char *
scheme_text(int scheme)
{
    static const char *const texts[] = {"no partition table", "MBR partition table",
                                        "GPT partition table", "hybrid MBR and GPT"};

    return texts[scheme];
}

static void
explain_mbr(boot_plan *plan, const image_facts *facts)
{
    g_autofree char *table = g_strdup_printf("%s, %s", scheme_text(facts->scheme),
                                             facts->signature ? "signature 55AA" : "no signature");

    boot_plan_add_link(plan, BOOT_LINK_MBR, table, "sector 0 of the root disk");
    if (!facts->signature)
        boot_plan_warn(plan, "no-signature",
                       "sector 0 does not end with 55AA: the firmware will not boot from this disk",
                       "Install a boot loader in the image, or, if it is a paravirtual image, "
                       "import it with --virt paravirtual");
}

static void
explain_boot_code(boot_plan *plan, const image_facts *facts)
{
    if (facts->boot_code == NULL) {
        boot_plan_add_link(plan, BOOT_LINK_BOOT_CODE, "none", "sector 0");
        boot_plan_warn(plan, "boot-code-missing",
                       "there is no boot code in the MBR: the guest will stop in its firmware",
                       "Install one in the image, e.g. grub-install on the disk before importing "
                       "it");
        return;
    }
    boot_plan_add_link(plan, BOOT_LINK_BOOT_CODE, facts->boot_code, "sector 0");
}

/* GRUB finds its files by itself; the others load the active partition's first sector. */
static gboolean
needs_active_partition(const image_facts *facts)
{
    return facts->boot_code != NULL && !g_str_has_prefix(facts->boot_code, "GRUB") &&
           facts->scheme == PARTITIONS_MBR;
}

static void
explain_active_partition(boot_plan *plan, const image_facts *facts)
{
    g_autofree char *text = NULL;

    if (facts->active != 0) {
        text = partition_text(facts, facts->active);
        boot_plan_add_link(plan, BOOT_LINK_ACTIVE, text, NULL);
    } else if (needs_active_partition(facts)) {
        boot_plan_add_link(plan, BOOT_LINK_ACTIVE, "none", NULL);
        boot_plan_warn(plan, "no-active-partition",
                       "no partition is marked active, and this boot code needs one",
                       "Mark it in the image: sfdisk --activate DISK NUMBER");
    }
}

static char *
argument_find(const char *arguments, const char *key)
{
    g_auto(GStrv) words = g_strsplit_set(arguments, " \t", -1);
    gsize length = strlen(key);

    for (gsize i = 0; words[i] != NULL; i++)
        if (strncmp(words[i], key, length) == 0 && words[i][length] == '=')
            return g_strdup(words[i] + length + 1);
    return NULL;
}

static void
explain_root(boot_plan *plan, const loader_facts *loader)
{
    g_autofree char *root = argument_find(loader->arguments, "root");

    boot_plan_add_link(plan, BOOT_LINK_ROOT, root != NULL ? root : "not named",
                       "kernel's arguments");
    if (root != NULL && g_str_has_prefix(root, "/dev/") &&
        !g_str_has_prefix(root, "/dev/disk/by-") && !g_str_has_prefix(root, "/dev/vda"))
        boot_plan_warn(
            plan, "root-by-name",
            "the kernel looks for its root by a device name that this guest may not have",
            "Name it by LABEL= or UUID= in the image's boot configuration");
    if (strstr(loader->arguments, "console=ttyS0") == NULL)
        boot_plan_warn(plan, "no-serial-console",
                       "the kernel is not told to use the serial console: `amilaunch log` may stay "
                       "empty",
                       "Add console=ttyS0 to the kernel's arguments in the image");
}

static void
explain_entry(boot_plan *plan, const image_facts *facts, const char *program)
{
    const loader_facts *loader = facts->loader;
    g_autofree char *where = NULL;
    g_autofree char *found = NULL;

    if (loader == NULL) {
        boot_plan_add_link(plan, BOOT_LINK_LOADER, program, NULL);
        boot_plan_warn(plan, "no-loader-configuration",
                       "no grub.cfg, menu.lst or the like was found in the image",
                       "If the guest stops at a boot loader's prompt, look at `amilaunch console`");
        return;
    }
    where = partition_text(facts, loader->partition);
    found = g_strdup_printf("%s reads %s", program, loader->path);
    boot_plan_add_link(plan, BOOT_LINK_LOADER, found, where);
    if (loader->kernel == NULL) {
        boot_plan_warn(plan, "menu-not-understood",
                       "the boot loader's configuration was found, but not which entry it boots",
                       NULL);
        return;
    }
    boot_plan_add_link(plan, BOOT_LINK_MENU, loader->title != NULL ? loader->title : "the first",
                       loader->path);
    boot_plan_add_link(plan, BOOT_LINK_KERNEL, loader->kernel, loader->arguments);
    boot_plan_add_link(plan, BOOT_LINK_RAMDISK, loader->initrd != NULL ? loader->initrd : "none",
                       NULL);
    if (loader->arguments != NULL)
        explain_root(plan, loader);
}

static void
explain_bios(boot_plan *plan, const plan_input *input)
{
    const image_facts *facts = input->facts;
    g_autofree char *where = g_strdup_printf("machine %s", plan->machine);

    boot_plan_add_link(plan, BOOT_LINK_FIRMWARE, "SeaBIOS", where);
    if (g_strcmp0(input->boot_mode, "uefi") == 0)
        boot_plan_warn(plan, "boot-mode",
                       "the image is registered to boot by UEFI, and guests boot by BIOS",
                       "An image whose disk can boot both ways boots; register it with "
                       "--boot-mode uefi-preferred to say so");
    if (facts == NULL)
        return;
    explain_mbr(plan, facts);
    explain_boot_code(plan, facts);
    explain_active_partition(plan, facts);
    if (facts->boot_code != NULL)
        explain_entry(plan, facts, facts->boot_code);
}

/* ---- links of a paravirtual boot ---- */

static void
explain_pv(boot_plan *plan, const plan_input *input)
{
    const image_facts *facts = input->facts;

    boot_plan_add_link(plan, BOOT_LINK_KERNEL_IMAGE,
                       input->kernel != NULL ? input->kernel : "PV-GRUB for this disk", "AKI");
    if (facts == NULL)
        return;
    if (facts->menu_lsts->len == 0) {
        boot_plan_add_link(plan, "menu.lst", "none", NULL);
        boot_plan_warn(
            plan, "menu-lst-missing",
            "PV-GRUB boots by /boot/grub/menu.lst, and this image has none",
            "Write one in the image, or import it with --virt hvm if it has a boot loader");
        return;
    }
    explain_entry(plan, facts, "PV-GRUB");
}

static void
explain_system(boot_plan *plan, const image_facts *facts)
{
    if (facts->os_type == NULL) {
        boot_plan_warn(plan, "no-operating-system", "no operating system was found in the image",
                       NULL);
        return;
    }
    boot_plan_add_link(plan, BOOT_LINK_SYSTEM,
                       facts->product != NULL ? facts->product : facts->os_type, NULL);
}

static void
explain_notes(boot_plan *plan, const image_facts *facts)
{
    for (guint i = 0; i < facts->notes->len; i++)
        boot_plan_warn(plan, "inspection", g_ptr_array_index(facts->notes, i), NULL);
}

void
explain_boot(boot_plan *plan, const plan_input *input)
{
    if (plan->kind == BOOT_XEN)
        explain_pv(plan, input);
    else
        explain_bios(plan, input);
    if (input->facts == NULL) {
        boot_plan_warn(plan, "not-inspected", "nothing is known of what is in this image", NULL);
        return;
    }
    explain_system(plan, input->facts);
    explain_notes(plan, input->facts);
}
