#include "cli/cost.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/table.h"
#include "common/error.h"
#include "common/times.h"

#include <stdio.h>

static char *month;
static char *day;

static const GOptionEntry options[] = {
    {"month", 0, 0, G_OPTION_ARG_STRING, &month, "of that month (this one)", "YYYY-MM"},
    {"since", 0, 0, G_OPTION_ARG_STRING, &day, "from that day to now", "YYYY-MM-DD"},
    {NULL},
};

#define LEAST 0.0001 /* what is shown */

char *
cost_spelled(double dollars)
{
    return dollars > 0 && dollars < LEAST ? g_strdup("<$0.0001")
                                          : g_strdup_printf("$%.4f", dollars);
}

static gboolean
choose_time(gint64 *since, gint64 *until, GError **error)
{
    if (month != NULL && day != NULL)
        return error_set(error, ERROR_USAGE, "one of --month and --since is enough");
    *until = G_MAXINT64;
    *since = cost_month_of(time_now());
    if (month != NULL && !cost_parse_month(month, since, until))
        return error_set(error, ERROR_USAGE, "'%s' is no month: YYYY-MM", month);
    if (day != NULL && !cost_parse_day(day, since))
        return error_set(error, ERROR_USAGE, "'%s' is no day: YYYY-MM-DD", day);
    if (*since > time_now())
        return error_set(error, ERROR_USAGE, "%s is still to come", month != NULL ? month : day);
    return TRUE;
}

static const char *
unit_of(const cost_line *line)
{
    return line->kind == USAGE_INSTANCE ? "hour" : "GB-month";
}

static double
quantity_of(const cost_line *line)
{
    return line->kind == USAGE_INSTANCE ? (double)line->seconds / 3600 : line->gb_months;
}

static void
add_line(text_table *table, const cost_line *line)
{
    g_autofree char *dollars = cost_spelled(line->dollars);

    text_table_add(table, line->resource);
    text_table_add(table, usage_kind_words[line->kind]);
    text_table_add(table, line->type != NULL ? line->type : "-");
    if (line->measured && quantity_of(line) > 0 && quantity_of(line) < LEAST)
        text_table_printf(table, "<0.0001 %ss", unit_of(line));
    else if (line->measured)
        text_table_printf(table, "%.4f %ss", quantity_of(line), unit_of(line));
    else
        text_table_add(table, "not measured");
    if (line->price < 0)
        text_table_add(table, "not known");
    else
        text_table_printf(table, "$%g", line->price);
    text_table_add(table, line->dollars < 0 ? "not known" : dollars);
}

static void
print_report(const cost_report *report)
{
    static const char *const headings[] = {"RESOURCE", "KIND",  "TYPE", "QUANTITY",
                                           "PRICE",    "COSTS", NULL};
    text_table *table = text_table_new(headings);
    g_autofree char *since = time_spelled(report->since);
    g_autofree char *until = time_spelled(report->until);
    g_autofree char *total = cost_spelled(report->total);

    for (guint i = 0; i < report->lines->len; i++)
        add_line(table, g_ptr_array_index(report->lines, i));
    text_table_print(table, "nothing that costs anything");
    printf("\n%s from %s to %s", total, since, until);
    if (report->unpriced > 0)
        printf(", and what %u of these cost%s, which isn't known", report->unpriced,
               report->unpriced == 1 ? "s" : "");
    printf("\nprices of %s, %s, for teaching: not a bill\n", report->region, report->date);
}

/* A number that isn't known is null. */
static json_t *
known(double number)
{
    return number < 0 ? json_null() : json_real(number);
}

static json_t *
line_json(const cost_line *line)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:o, s:o}", "ResourceId", line->resource, "Kind",
                               usage_kind_words[line->kind], "Unit", unit_of(line), "UnitPrice",
                               known(line->price), "Cost", known(line->dollars));

    json_object_set_new(object, "Quantity", known(line->measured ? quantity_of(line) : -1));
    if (line->type != NULL)
        json_object_set_new(object, "Type", json_string(line->type));
    if (line->kind != USAGE_INSTANCE)
        return object;
    json_object_set_new(object, "Seconds", json_integer(line->seconds));
    json_object_set_new(object, "Starts", json_integer(line->starts));
    return object;
}

static void
print_json(const cost_report *report)
{
    g_autofree char *since = time_iso8601(report->since);
    g_autofree char *until = time_iso8601(report->until);
    json_t *list = json_array();

    for (guint i = 0; i < report->lines->len; i++)
        json_array_append_new(list, line_json(g_ptr_array_index(report->lines, i)));
    ec2_print(json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:o, s:f, s:i}", "Since", since, "Until",
                        until, "Currency", "USD", "Prices", "Region", report->region, "Date",
                        report->date, "Costs", list, "Total", report->total, "Unpriced",
                        (int)report->unpriced));
}

static gboolean
run(app *self, const char *const *args, GError **error)
{
    g_autoptr(cost_report) report = NULL;
    gint64 since, until;

    if (!choose_time(&since, &until, error))
        return FALSE;
    report = launcher_cost(self->engine, args[0] != NULL ? args : NULL, since, until, error);
    terminal_clear(self->screen);
    if (report == NULL)
        return FALSE;
    if (self->json)
        print_json(report);
    else
        print_report(report);
    return TRUE;
}

const command command_cost = {
    .name = "cost",
    .arguments = "[INSTANCE...]",
    .summary = "Estimate what all this would cost on EC2, for teaching",
    .details =
        "Of all that the account has and had this month, or of instances with the volumes that "
        "were attached\nto them. A stopped instance costs nothing, but its volumes do. The prices "
        "are few and old.",
    .least = 0,
    .most = -1,
    .options = options,
    .run = run,
};
