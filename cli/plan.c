#include "cli/commands.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/text.h"
#include "common/error.h"
#include "common/size.h"

#include <stdio.h>

static char *type;
static char **map;
static char *memory_limit;
static char *kernel_id;
static char *pv;

static const GOptionEntry options[] = {
    {"type", 't', 0, G_OPTION_ARG_STRING, &type,
     "instance type, or a family for its smallest (m1.small)", "TYPE"},
    {"map", 0, 0, G_OPTION_ARG_STRING_ARRAY, &map,
     "what a device is, instead of what the image says; again for each device", "DEVICE=WHAT"},
    {"memory-limit", 0, 0, G_OPTION_ARG_STRING, &memory_limit,
     "cap on what the guest really gets, e.g. 512M", "SIZE"},
    {"kernel", 0, 0, G_OPTION_ARG_STRING, &kernel_id,
     "kernel image of a paravirtual AMI: aki-... (the AMI's)", "AKI"},
    {"pv", 0, 0, G_OPTION_ARG_STRING, &pv,
     "how a paravirtual AMI is run: xen, grub, direct or shim (xen)", "WAY"},
    {NULL},
};

static void
print_links(const boot_plan *plan)
{
    puts("What will boot:");
    for (guint i = 0; i < plan->links->len; i++) {
        const boot_link *link = g_ptr_array_index(plan->links, i);
        g_autofree char *found = text_clean(link->found);
        g_autofree char *where = text_clean(link->where != NULL ? link->where : "");
        printf("  %2u. %-17s %s%s%s%s\n", i + 1, link->name, found, *where != '\0' ? " (" : "",
               where, *where != '\0' ? ")" : "");
    }
}

static void
print_disks(const boot_plan *plan)
{
    static const char *const headings[] = {"DEVICE", "GUEST SEES", "SIZE", "FROM", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < plan->disks->len; i++) {
        const boot_disk *disk = g_ptr_array_index(plan->disks, i);
        g_autofree char *size = print_size(disk->size);
        text_table_add(table, disk->device);
        text_table_add(table, disk->guest);
        text_table_add(table, size);
        text_table_printf(table, "%s%s", disk->origin, disk->encrypted ? ", encrypted" : "");
    }
    text_table_print(table, "");
}

static gboolean
run(app *self, const char *const *args, GError **error)
{
    run_request request = {.image = args[0],
                           .type = type,
                           .kernel = kernel_id,
                           .pv = pv,
                           .map = (const char *const *)map};
    g_autoptr(boot_plan) plan = NULL;

    if (memory_limit != NULL && !size_parse_mib(memory_limit, &request.memory_limit_mib))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "--memory-limit %s: expected a size such as 512M or 2G", memory_limit);
    plan = launcher_plan(self->engine, &request, error);
    terminal_clear(self->screen);
    if (plan == NULL)
        return FALSE;
    if (self->json) {
        ec2_print(plan_json(plan, args[0], plan->type));
        return TRUE;
    }
    printf("%s on %s: %u vCPU, %" G_GUINT64_FORMAT " MiB, machine %s, %s\n\n", args[0], plan->type,
           plan->vcpus, plan->memory_mib, plan->machine, plan->kvm ? "KVM" : "TCG (emulated)");
    print_links(plan);
    putchar('\n');
    print_disks(plan);
    if (plan->warnings->len > 0)
        puts("\nDoubtful:");
    print_warnings(plan, FALSE);
    return TRUE;
}

const command command_plan = {
    .name = "plan",
    .arguments = "AMI",
    .summary = "Show what would boot, link by link, and what is doubtful in it",
    .details = "Nothing is started. What is shown was found when the image was imported.",
    .least = 1,
    .most = 1,
    .options = options,
    .run = run,
};
