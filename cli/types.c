#include "cli/commands.h"
#include "cli/json.h"
#include "cli/table.h"
#include "common/error.h"

#include <stdio.h>

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
print_json(const instance_types *all, const instance_type *only)
{
    json_t *list = json_array();

    for (guint i = 0; i < instance_types_count(all); i++)
        if (only == NULL || instance_types_at(all, i) == only)
            json_array_append_new(list, ec2_type(instance_types_at(all, i)));
    ec2_print(json_pack("{s:o}", "InstanceTypes", list));
}

static void
print_table(const instance_types *all, const instance_type *only)
{
    static const char *const headings[] = {
        "TYPE",           "VCPU",       "MIB",        "INSTANCE STORE",
        "VIRTUALIZATION", "HIBERNATES", "GENERATION", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < instance_types_count(all); i++)
        if (only == NULL || instance_types_at(all, i) == only)
            add_row(table, instance_types_at(all, i));
    text_table_print(table, "no types");
}

static gboolean
print_types(const app *self, const instance_types *all, const instance_type *only)
{
    if (self->json)
        print_json(all, only);
    else
        print_table(all, only);
    return TRUE;
}

static gboolean
run_ls(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    const instance_types *all = launcher_types(self->engine, error);

    return all != NULL && print_types(self, all, NULL);
}

static gboolean
run_show(app *self, const char *const *args, GError **error)
{
    const instance_types *all = launcher_types(self->engine, error);
    const instance_type *type = all != NULL ? instance_types_find(all, args[0], error) : NULL;

    return type != NULL && print_types(self, all, type);
}

const command command_type_ls = {
    .name = "type ls",
    .arguments = "",
    .summary = "List instance types",
    .least = 0,
    .most = 0,
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
