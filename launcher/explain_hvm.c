/* From firmware to boot loader. */
#include "launcher/explain_parts.h"

#include <string.h>

/* What an inspection of before didn't look for isn't missing. */
#define INSPECTION_WITH_EFI 2

/* ---- BIOS ---- */

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
        boot_plan_warn_fatal(
            plan, BOOT_LINK_FIRMWARE, "no-signature",
            "sector 0 does not end with 55AA: the firmware will not boot from this disk",
            "Install a boot loader in the image, or, if it is a paravirtual image, "
            "import it with --virt paravirtual");
}

static gboolean
is_grub(const image_facts *facts)
{
    return facts->boot_code != NULL && g_str_has_prefix(facts->boot_code, "GRUB");
}

/* Sector 0 has room for no more than loading what comes after it; with a GPT that is elsewhere. */
static void
explain_code_after(boot_plan *plan, const image_facts *facts)
{
    if (facts->boot_code_after != NULL || !is_grub(facts) || facts->scheme != PARTITIONS_MBR ||
        facts->inspection < INSPECTION_WITH_EFI)
        return;
    boot_plan_warn_fatal(plan, BOOT_LINK_BOOT_CODE, "boot-code-cut-off",
                         "sector 0 has GRUB's boot code, but the rest of GRUB isn't in the sectors "
                         "after it",
                         "Install GRUB in the image again: grub-install on the disk before "
                         "importing it");
}

static void
explain_boot_code(boot_plan *plan, const image_facts *facts)
{
    if (facts->boot_code == NULL) {
        boot_plan_add_link(plan, BOOT_LINK_BOOT_CODE, "none", "sector 0");
        boot_plan_warn_fatal(
            plan, BOOT_LINK_BOOT_CODE, "boot-code-missing",
            "there is no boot code in the MBR: the guest will stop before a boot loader",
            "Install one in the image, e.g. grub-install on the disk before importing it");
        return;
    }
    boot_plan_add_link(plan, BOOT_LINK_BOOT_CODE, facts->boot_code, "sector 0");
    explain_code_after(plan, facts);
}

/* GRUB finds its files by itself; the others load the active partition's first sector. */
static gboolean
needs_active_partition(const image_facts *facts)
{
    return facts->boot_code != NULL && !is_grub(facts) && facts->scheme == PARTITIONS_MBR &&
           !g_str_equal(facts->boot_code, "LILO");
}

static void
explain_active_partition(boot_plan *plan, const image_facts *facts)
{
    g_autofree char *text = NULL;

    if (facts->active != 0) {
        text = explain_partition_text(facts, facts->active);
        boot_plan_add_link(plan, BOOT_LINK_ACTIVE, text, NULL);
    } else if (needs_active_partition(facts)) {
        boot_plan_add_link(plan, BOOT_LINK_ACTIVE, "none", NULL);
        boot_plan_warn_fatal(plan, BOOT_LINK_ACTIVE, "no-active-partition",
                             "no partition is marked active, and this boot code needs one",
                             "Mark it in the image: sfdisk --activate DISK NUMBER");
    }
}

/* Without its configuration GRUB shows a prompt and waits. Of others' files less is known. */
static void
explain_no_menu(boot_plan *plan, const image_facts *facts, const char *program)
{
    const char *text = "no grub.cfg, menu.lst or the like was found in the image";
    const char *remedy =
        "Write one in the image, e.g. by update-grub; where the boot loader stops at a prompt, "
        "`amilaunch console` lets you type what would be in it";

    boot_plan_add_link(plan, BOOT_LINK_LOADER, program, NULL);
    if (g_strcmp0(facts->os_type, "windows") == 0)
        return;
    if (plan->kind == BOOT_BIOS && is_grub(facts))
        boot_plan_warn_fatal(plan, BOOT_LINK_LOADER, "no-loader-configuration", text, remedy);
    else
        boot_plan_warn(plan, "no-loader-configuration", text, remedy);
}

static void
explain_loader(boot_plan *plan, const plan_input *input, const char *program)
{
    if (input->facts->loader == NULL)
        explain_no_menu(plan, input->facts, program);
    else
        explain_menu(plan, input, program, input->facts->loader);
}

static void
explain_bios(boot_plan *plan, const plan_input *input)
{
    const image_facts *facts = input->facts;

    explain_mbr(plan, facts);
    explain_boot_code(plan, facts);
    explain_active_partition(plan, facts);
    if (facts->boot_code != NULL)
        explain_loader(plan, input, facts->boot_code);
}

/* ---- UEFI ---- */

static const partition_facts *
find_esp(const image_facts *facts)
{
    for (guint i = 0; i < facts->partitions->len; i++) {
        const partition_facts *part = g_ptr_array_index(facts->partitions, i);
        if (facts->efi_loader != NULL ? part->number == facts->efi_partition : part->esp)
            return part;
    }
    return NULL;
}

static void
explain_uefi(boot_plan *plan, const plan_input *input)
{
    const image_facts *facts = input->facts;
    const partition_facts *esp = find_esp(facts);
    g_autofree char *where = esp != NULL ? explain_partition_text(facts, esp->number) : NULL;

    boot_plan_add_link(plan, BOOT_LINK_ESP,
                       facts->efi_loader != NULL ? facts->efi_loader : "no loader", where);
    if (facts->efi_loader == NULL && facts->inspection >= INSPECTION_WITH_EFI) {
        boot_plan_warn_fatal(
            plan, BOOT_LINK_FIRMWARE, "efi-loader-missing",
            esp != NULL
                ? "the EFI system partition has no \\EFI\\BOOT\\BOOTX64.EFI, which UEFI boots "
                  "from a disk that it doesn't know"
                : "there is no EFI system partition with a loader that UEFI could boot",
            "Install one in the image: grub-install --target=x86_64-efi --removable; or, if the "
            "disk boots by BIOS, register it with --boot-mode legacy-bios");
        return;
    }
    explain_loader(plan, input, facts->efi_loader != NULL ? facts->efi_loader : "unknown");
}

void
explain_hvm(boot_plan *plan, const plan_input *input)
{
    gboolean uefi = plan->kind == BOOT_UEFI;
    g_autofree char *where = g_strdup_printf("machine %s", plan->machine);

    boot_plan_add_link(plan, BOOT_LINK_FIRMWARE, uefi ? "OVMF (UEFI)" : "SeaBIOS", where);
    if (input->facts == NULL)
        return;
    if (uefi)
        explain_uefi(plan, input);
    else
        explain_bios(plan, input);
}
