#include "cli/attributes.h"
#include "cli/commands.h"
#include "cli/cost.h"
#include "cli/filters.h"
#include "cli/json.h"
#include "cli/network_text.h"
#include "cli/print.h"
#include "cli/tags.h"
#include "common/times.h"
#include "launcher/filter_names.h"
#include "launcher/filtering.h"
#include "launcher/subnet.h"

#include <stdio.h>

static gboolean only_ids;
static char **filters;

static const GOptionEntry ls_options[] = {
    FILTER_OPTIONS(&filters),
    {"ids", 0, 0, G_OPTION_ARG_NONE, &only_ids, "print only ids, for scripts", NULL},
    {NULL},
};

static void
print_ids(const GPtrArray *views)
{
    for (guint i = 0; i < views->len; i++)
        puts(((instance_view *)g_ptr_array_index(views, i))->vm->id);
}

/* EC2 has no state for it; people want to know that a start is no boot. */
static void
add_state(text_table *table, const instance *vm)
{
    g_autofree char *hibernated =
        g_strdup_printf("%s (hibernated)", instance_state_words[vm->state]);

    text_table_add_coloured(table,
                            vm->state == INSTANCE_STOPPED && vm->hibernated != HIBERNATED_NO
                                ? hibernated
                                : instance_state_words[vm->state],
                            print_state_colour((instance_state)vm->state));
}

static void
print_list(const GPtrArray *views)
{
    static const char *const headings[] = {"INSTANCE", "STATE", "TYPE",     "ZONE",   "IMAGE",
                                           "ADDRESS",  "PORTS", "LAUNCHED", "REASON", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < views->len; i++) {
        const instance_view *view = g_ptr_array_index(views, i);
        const instance *vm = view->vm;
        g_autofree char *launched = time_spelled(vm->launched);
        g_autofree char *address = network_address(view);
        g_autofree char *ports = network_ports_text(view);
        text_table_add(table, vm->id);
        add_state(table, vm);
        text_table_add(table, vm->type);
        text_table_add(table, vm->zone);
        text_table_add(table, vm->image);
        text_table_add(table, address);
        text_table_add(table, ports);
        text_table_add(table, launched);
        text_table_add(table, vm->reason_code);
    }
    text_table_print(table, filters != NULL ? "no such instances"
                                            : "no instances; amilaunch run AMI launches one");
}

static gboolean
run_ls(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    g_autoptr(GPtrArray) views = launcher_instances(self->engine, NULL, FALSE, error);

    if (views == NULL ||
        !launcher_filter_instances(self->engine, views, (const char *const *)filters, error))
        return FALSE;
    if (only_ids)
        print_ids(views);
    else if (self->json)
        ec2_print(ec2_reservations(views));
    else
        print_list(views);
    return TRUE;
}

static void
print_disks(const instance_view *view)
{
    static const char *const headings[] = {"DEVICE", "SIZE", "DISK", "ON TERMINATION", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < view->volumes->len; i++) {
        const volume *what = g_ptr_array_index(view->volumes, i);
        text_table_add(table, what->device);
        text_table_printf(table, "%" G_GINT64_FORMAT " GiB", what->size_gib);
        text_table_add(table, what->id);
        text_table_add(table, attribute_on_termination(what));
    }
    for (guint i = 0; i < view->store_disks->len && view->vm->state != INSTANCE_TERMINATED; i++) {
        const store_disk *disk = g_ptr_array_index(view->store_disks, i);
        g_autofree char *size = print_size((guint64)disk->size);
        text_table_add(table, disk->device);
        text_table_add(table, size);
        text_table_add(table, disk->virtual_name);
        text_table_add(table,
                       disk->position == STORE_ROOT_POSITION ? "lost" : "lost, also on stop");
    }
    text_table_print(table, "no disks");
}

static void
print_attributes(const instance_view *view)
{
    for (const attribute *each = attributes; each->name != NULL; each++) {
        g_autofree char *text = each->say(view);
        if (text != NULL)
            printf("  %-14s %s\n", each->name, text);
    }
}

static void
print_network(const instance_view *view)
{
    g_autofree char *address = network_address(view);
    g_autofree char *name = NULL;

    if (address == NULL)
        return;
    name = subnet_host_name((guint32)view->nic->address, view->vm->region);
    printf("  address        %s, %s\n", address, name);
    printf("  interface      %s, %s\n", view->nic->id, view->nic->mac);
    for (guint i = 0; i < view->published->len; i++) {
        const published_port *port = g_ptr_array_index(view->published, i);
        printf("  published      127.0.0.1:%d leads to its port %d\n", (int)port->host,
               (int)port->guest);
    }
}

static void
print_hibernation(const instance *vm)
{
    if (vm->state == INSTANCE_TERMINATED)
        return;
    if (vm->hibernated == HIBERNATED_MEMORY)
        printf("  hibernated     its memory is saved (by %s)\n",
               vm->saved_by != NULL ? vm->saved_by : "an unknown QEMU");
    else if (vm->hibernated == HIBERNATED_GUEST)
        printf("  hibernated     by itself: its memory is on its own disk\n");
}

/* What can't be told is passed over: `cost` says why. */
static void
print_cost(const app *self, const instance *vm)
{
    g_autoptr(cost_report) report = launcher_cost_so_far(self->engine, vm->id, NULL);
    g_autofree char *total = report != NULL ? cost_spelled(report->total) : NULL;

    if (report != NULL && report->lines->len > 0)
        printf("  cost so far    %s%s for itself and its volumes, by prices for teaching\n", total,
               report->unpriced > 0 ? " and what has no known price," : "");
}

static void
print_one(const app *self, const instance_view *view)
{
    const instance *vm = view->vm;
    g_autofree char *launched = time_spelled(vm->launched);

    printf("%s\n", vm->id);
    printf("  state          %s%s%s\n",
           terminal_colour(print_state_colour((instance_state)vm->state)),
           instance_state_words[vm->state], terminal_colour(COLOUR_NONE));
    if (vm->reason_message != NULL)
        printf("  reason         %s\n", vm->reason_message);
    if (vm->transition != NULL)
        printf("  transition     %s\n", vm->transition);
    print_hibernation(vm);
    printf("  image          %s (%s, %s, root on %s)\n", vm->image, vm->architecture,
           virtualization_words[vm->virtualization], root_device_type_words[vm->root_device_type]);
    printf("  type           %s", vm->type);
    if (view->type != NULL)
        printf(" (%u vCPU, %u MiB)", view->type->vcpus, view->type->memory_mib);
    if (vm->memory_limit_mib != 0)
        printf(", memory limited to %" G_GINT64_FORMAT " MiB", vm->memory_limit_mib);
    printf("\n  launched       %s in %s\n", launched, vm->zone);
    print_network(view);
    print_attributes(view);
    tags_print(view->tags, view->product_codes);
    print_cost(self, vm);
    putchar('\n');
    print_disks(view);
}

static gboolean
run_show(app *self, const char *const *args, GError **error)
{
    g_autoptr(GPtrArray) views = launcher_instances(self->engine, args, !self->json, error);

    if (views == NULL)
        return FALSE;
    if (self->json) {
        ec2_print(ec2_reservations(views));
        return TRUE;
    }
    for (guint i = 0; i < views->len; i++) {
        if (i > 0)
            putchar('\n');
        print_one(self, g_ptr_array_index(views, i));
    }
    return TRUE;
}

const command command_ls = {
    .name = "ls",
    .arguments = "",
    .summary = "List instances and their states",
    .details = "Terminated instances stay listed for an hour."
               "\n\n" FILTER_HELP INSTANCE_FILTERS(FILTER_NAME) " tag:KEY.",
    .least = 0,
    .most = 0,
    .options = ls_options,
    .run = run_ls,
};

const command command_show = {
    .name = "show",
    .arguments = "INSTANCE...",
    .summary = "Show all about instances and their disks",
    .least = 1,
    .most = -1,
    .run = run_show,
};
