#include "launcher/retention.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"
#include "common/error.h"

#include <stdio.h>

static int days;
static char *tag_text;
static char *description;

static const GOptionEntry set_options[] = {
    {"days", 0, 0, G_OPTION_ARG_INT, &days, "how long they stay: 1 to 365", "DAYS"},
    {"tag", 0, 0, G_OPTION_ARG_STRING, &tag_text, "only those with this tag", "KEY[=VALUE]"},
    {"description", 0, 0, G_OPTION_ARG_STRING, &description, "words about it", "TEXT"},
    {NULL},
};

/* ---- as EC2's Recycle Bin describes it ---- */

static json_t *
tags_of(const retention_rule *rule)
{
    json_t *tags = json_array();

    if (rule->tag_key != NULL)
        json_array_append_new(tags, json_pack("{s:s, s:s?}", "ResourceTagKey", rule->tag_key,
                                              "ResourceTagValue", rule->tag_value));
    return tags;
}

static json_t *
rule_object(const retention_rule *rule)
{
    gboolean images = rule->resource_type == RETAINS_IMAGES;

    return json_pack("{s:s, s:s, s:s, s:{s:I, s:s}, s:o, s:s}", "Identifier", rule->id,
                     "Description", rule->description != NULL ? rule->description : "",
                     "ResourceType", images ? "EC2_IMAGE" : "EBS_SNAPSHOT", "RetentionPeriod",
                     "RetentionPeriodValue", (json_int_t)rule->days, "RetentionPeriodUnit", "DAYS",
                     "ResourceTags", tags_of(rule), "Status", "available");
}

/* ---- ls ---- */

static void
add_tag(text_table *table, const retention_rule *rule)
{
    g_autofree char *text = rule->tag_value != NULL
                                ? g_strdup_printf("%s=%s", rule->tag_key, rule->tag_value)
                                : g_strdup(rule->tag_key != NULL ? rule->tag_key : "");
    g_autofree char *clean = text_clean(text);

    text_table_add(table, clean);
}

static void
print_rules(const GPtrArray *rules)
{
    static const char *const headings[] = {"RULE", "FOR", "DAYS", "TAG", "DESCRIPTION", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < rules->len; i++) {
        const retention_rule *rule = g_ptr_array_index(rules, i);
        g_autofree char *about = text_clean(rule->description != NULL ? rule->description : "");
        text_table_add(table, rule->id);
        text_table_printf(table, "%ss", retained_type_words[rule->resource_type]);
        text_table_printf(table, "%" G_GINT64_FORMAT, rule->days);
        add_tag(table, rule);
        text_table_add(table, about);
    }
    text_table_print(table, "no retention rules: what is deregistered or deleted is gone at once");
}

static gboolean
run_ls(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    g_autoptr(GPtrArray) rules = launcher_retention_rules(self->engine, error);
    json_t *list;

    if (rules == NULL)
        return FALSE;
    if (!self->json) {
        print_rules(rules);
        return TRUE;
    }
    list = json_array();
    for (guint i = 0; i < rules->len; i++)
        json_array_append_new(list, rule_object(g_ptr_array_index(rules, i)));
    ec2_print(json_pack("{s:o}", "Rules", list));
    return TRUE;
}

/* ---- set, rm ---- */

static gboolean
run_set(app *self, const char *const *args, GError **error)
{
    const retention_request request = {args[0], days, tag_text, description};
    g_autoptr(retention_rule) rule = NULL;

    if (days == 0)
        return error_set(error, ERROR_USAGE, "retention set needs --days DAYS");
    rule = launcher_retention_set(self->engine, &request, error);
    if (rule == NULL)
        return FALSE;
    if (self->json)
        ec2_print(rule_object(rule));
    else
        printf("%s  %ss, %" G_GINT64_FORMAT " days\n", rule->id,
               retained_type_words[rule->resource_type], rule->days);
    return TRUE;
}

static gboolean
run_rm(app *self, const char *const *args, GError **error)
{
    return launcher_retention_remove(self->engine, args, error);
}

const command command_retention_ls = {
    .name = "retention ls",
    .arguments = "",
    .summary = "List retention rules: how long what is deregistered or deleted can be restored",
    .least = 0,
    .most = 0,
    .run = run_ls,
};

const command command_retention_set = {
    .name = "retention set",
    .arguments = "image|snapshot",
    .summary = "Keep what is deregistered or deleted in the recycle bin for some days",
    .details = "From then on, in this region and for this account. There is one rule for each type "
               "and tag: setting\nit again changes it. Where several are for an image or a "
               "snapshot, the longest counts. What is in\nthe bin already keeps its time.",
    .least = 1,
    .most = 1,
    .options = set_options,
    .run = run_set,
};

const command command_retention_rm = {
    .name = "retention rm",
    .arguments = "RULE...",
    .summary = "Remove retention rules; what is in the recycle bin keeps its time",
    .least = 1,
    .most = -1,
    .run = run_rm,
};
