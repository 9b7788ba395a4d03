#include "launcher/explain.h"
#include "launcher/explain_parts.h"

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

char *
explain_partition_text(const image_facts *facts, guint number)
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
    if (plan->kind == BOOT_BIOS || plan->kind == BOOT_UEFI)
        explain_hvm(plan, input);
    else
        explain_pv(plan, input);
    if (input->facts == NULL) {
        boot_plan_warn(plan, "not-inspected", "nothing is known of what is in this image", NULL);
        return;
    }
    explain_hardware(plan, input);
    explain_system(plan, input->facts);
    explain_fstab(plan, input);
    explain_notes(plan, input->facts);
}
