#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/json.h"
#include "cli/table.h"
#include "common/error.h"
#include "launcher/filter_names.h"
#include "launcher/filtering.h"

#include <stdio.h>

static char **filters;

static const GOptionEntry ls_options[] = {
    FILTER_OPTIONS(&filters),
    {NULL},
};

static void
add_row(text_table *table, const instance_type *type)
{
    text_table_add(table, type->name);
    text_table_printf(table, "%u", type->vcpus);
    text_table_printf(table, "%u", type->memory_mib);
    if (type->store_count > 0)
        text_table_printf(table, "%u x %u GB %s", type->store_count, type->store_gb,
                          type->store_ssd ? "SSD" : "HDD");
    else
        text_table_add(table, "-");
    text_table_printf(table, "%s%s", type->virtualization & TYPE_HVM ? "hvm" : "",
                      type->virtualization & TYPE_PARAVIRTUAL ? ",paravirtual" : "");
    text_table_add(table, type->hibernation ? "yes" : "no");
    text_table_add(table, type->current_generation ? "current" : "previous");
}

static void
print_json(const GPtrArray *types)
{
    json_t *list = json_array();

    for (guint i = 0; i < types->len; i++)
        json_array_append_new(list, ec2_type(g_ptr_array_index(types, i)));
    ec2_print(json_pack("{s:o}", "InstanceTypes", list));
}

static void
print_table(const GPtrArray *types)
{
    static const char *const headings[] = {
        "TYPE",           "VCPU",       "MIB",        "INSTANCE STORE",
        "VIRTUALIZATION", "HIBERNATES", "GENERATION", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < types->len; i++)
        add_row(table, g_ptr_array_index(types, i));
    text_table_print(table, "no types");
}

static void
print_types(const app *self, const GPtrArray *types)
{
    if (self->json)
        print_json(types);
    else
        print_table(types);
}

static gboolean
run_ls(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    const instance_types *all = launcher_types(self->engine, error);
    g_autoptr(GPtrArray) types = g_ptr_array_new();

    for (guint i = 0; all != NULL && i < instance_types_count(all); i++)
        g_ptr_array_add(types, (gpointer)instance_types_at(all, i));
    if (all == NULL ||
        !launcher_filter_types(self->engine, types, (const char *const *)filters, error))
        return FALSE;
    print_types(self, types);
    return TRUE;
}

static gboolean
run_show(app *self, const char *const *args, GError **error)
{
    const instance_types *all = launcher_types(self->engine, error);
    const instance_type *type = all != NULL ? instance_types_find(all, args[0], error) : NULL;
    g_autoptr(GPtrArray) types = g_ptr_array_new();

    if (type == NULL)
        return FALSE;
    g_ptr_array_add(types, (gpointer)type);
    print_types(self, types);
    return TRUE;
}

const command command_type_ls = {
    .name = "type ls",
    .arguments = "",
    .summary = "List instance types",
    .details = FILTER_HELP TYPE_FILTERS(FILTER_NAME) " but no tags.",
    .least = 0,
    .most = 0,
    .options = ls_options,
    .run = run_ls,
};

const command command_type_show = {
    .name = "type show",
    .arguments = "TYPE",
    .summary = "Show an instance type, or the smallest of a family",
    .least = 1,
    .most = 1,
    .run = run_show,
};
