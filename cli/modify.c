#include "cli/attributes.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/metadata_options.h"
#include "cli/table.h"
#include "cli/user_data.h"
#include "common/error.h"

static char *type;
static char *user_data_file;
static gboolean no_user_data;
static char *kernel_id;
static char *ramdisk_id;
static char *ebs_optimized;
static char *shutdown_word;
static char *protect;
static char *protect_stop;
static char *imds;
static char *imds_hop_limit;
static char *imds_tags;
static char **map;

#define TEXT(name, place, text, what)                                                              \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING, place, text, what                                         \
    }

static const GOptionEntry options[] = {
    {"type", 't', 0, G_OPTION_ARG_STRING, &type,
     "instance type, or a family for its smallest; while stopped", "TYPE"},
    TEXT("user-data", &user_data_file, "user data, - for standard input; while stopped", "FILE"),
    {"no-user-data", 0, 0, G_OPTION_ARG_NONE, &no_user_data, "no user data; while stopped", NULL},
    TEXT("kernel", &kernel_id, "kernel image of a paravirtual instance; while stopped", "AKI"),
    TEXT("ramdisk", &ramdisk_id, "ramdisk of a paravirtual instance; while stopped", "ARI"),
    TEXT("ebs-optimized", &ebs_optimized, "only noted, it changes nothing; while stopped",
         "on|off"),
    TEXT("shutdown", &shutdown_word, "what the guest's own poweroff does: stop or terminate",
         "WHAT"),
    TEXT("protect", &protect, "protection from terminate", "on|off"),
    TEXT("protect-stop", &protect_stop, "protection from stop and terminate", "on|off"),
    TEXT("imds", &imds, "metadata service: optional, required (tokens) or disabled", "HOW"),
    TEXT("imds-hop-limit", &imds_hop_limit, "hop limit of its answers to token requests, 1 to 64",
         "N"),
    TEXT("imds-tags", &imds_tags, "whether tags can be read there", "on|off"),
    {"map", 0, 0, G_OPTION_ARG_STRING_ARRAY, &map,
     "whether a volume is deleted on termination: DEVICE=::true|false", "DEV=SPEC"},
    {NULL},
};

static gboolean
parse_flag(const char *option, const char *text, flag_change *flag, GError **error)
{
    *flag = UNCHANGED;
    if (text == NULL)
        return TRUE;
    *flag = g_str_equal(text, "on") ? ON : OFF;
    return g_str_equal(text, "on") || g_str_equal(text, "off") ||
           error_set(error, ERROR_PARAMETER_VALUE, "%s %s: on or off", option, text);
}

static gboolean
parse_flags(modify_request *request, GError **error)
{
    return parse_flag("--ebs-optimized", ebs_optimized, &request->ebs_optimized, error) &&
           parse_flag("--imds-tags", imds_tags, &request->imds_tags, error) &&
           hop_limit_parse(imds_hop_limit, &request->imds_hop_limit, error) &&
           parse_flag("--protect", protect, &request->termination_protection, error) &&
           parse_flag("--protect-stop", protect_stop, &request->stop_protection, error);
}

static gboolean
asks_something(GError **error)
{
    for (const GOptionEntry *option = options; option->long_name != NULL; option++)
        if (option->arg == G_OPTION_ARG_NONE ? *(gboolean *)option->arg_data
                                             : *(void **)option->arg_data != NULL)
            return TRUE;
    return error_set(error, ERROR_USAGE,
                     "modify needs something to change: --type, --user-data, --no-user-data, "
                     "--kernel, --ramdisk, --ebs-optimized, --shutdown, --protect, "
                     "--protect-stop, --imds, --imds-hop-limit, --imds-tags or --map; see "
                     "amilaunch modify --help");
}

static gboolean
parse_user_data(char **base64, GError **error)
{
    if (user_data_file != NULL && no_user_data)
        return error_set(error, ERROR_USAGE, "--user-data and --no-user-data exclude each other");
    if (user_data_file != NULL)
        *base64 = user_data_read(user_data_file, error);
    else if (no_user_data)
        *base64 = g_strdup("");
    return user_data_file == NULL || *base64 != NULL;
}

/* ---- what changed ---- */

static void
add_row(text_table *table, const char *name, const char *was, const char *is)
{
    text_table_add(table, name);
    text_table_add(table, was != NULL ? was : "none");
    text_table_add(table, is != NULL ? is : "none");
}

static void
add_attributes(text_table *table, const instance_view *before, const instance_view *after)
{
    if (g_strcmp0(before->vm->type, after->vm->type) != 0)
        add_row(table, "type", before->vm->type, after->vm->type);
    for (const attribute *each = attributes; each->name != NULL; each++) {
        g_autofree char *was = each->say(before);
        g_autofree char *is = each->say(after);
        if (g_strcmp0(was, is) != 0)
            add_row(table, each->name, was, is);
        else if (each->say == attribute_user_data &&
                 g_strcmp0(before->user_data, after->user_data) != 0)
            add_row(table, each->name, was, "other bytes, as many");
    }
}

static void
add_volumes(text_table *table, const instance_view *before, const instance_view *after)
{
    for (guint i = 0; i < MIN(before->volumes->len, after->volumes->len); i++) {
        const volume *was = g_ptr_array_index(before->volumes, i);
        const volume *is = g_ptr_array_index(after->volumes, i);
        g_autofree char *name = g_strdup_printf("%s on termination", is->device);
        if (g_str_equal(was->id, is->id) && was->delete_on_termination != is->delete_on_termination)
            add_row(table, name, attribute_on_termination(was), attribute_on_termination(is));
    }
}

static void
print_changed(const instance_view *before, const instance_view *after)
{
    static const char *const headings[] = {"ATTRIBUTE", "WAS", "IS", NULL};
    text_table *table = text_table_new(headings);

    add_attributes(table, before, after);
    add_volumes(table, before, after);
    text_table_print(table, "nothing changed: it was so already");
}

static gboolean
run(app *self, const char *const *args, GError **error)
{
    g_autofree char *user_data = NULL;
    modify_request request = {.type = type,
                              .kernel = kernel_id,
                              .ramdisk = ramdisk_id,
                              .shutdown = shutdown_word,
                              .imds = imds,
                              .map = (const char *const *)map};
    g_autoptr(GPtrArray) before = NULL;
    g_autoptr(GPtrArray) after = NULL;

    if (!asks_something(error) || !parse_flags(&request, error) ||
        !parse_user_data(&user_data, error))
        return FALSE;
    request.user_data = user_data;
    before = launcher_instances(self->engine, args, FALSE, error);
    if (before == NULL)
        return FALSE;
    after = g_ptr_array_new_with_free_func((GDestroyNotify)instance_view_free);
    g_ptr_array_add(after, launcher_modify(self->engine, args[0], &request, error));
    if (g_ptr_array_index(after, 0) == NULL)
        return FALSE;
    terminal_clear(self->screen);
    if (self->json)
        ec2_print(ec2_reservations(after));
    else
        print_changed(g_ptr_array_index(before, 0), g_ptr_array_index(after, 0));
    return TRUE;
}

const command command_modify = {
    .name = "modify",
    .arguments = "INSTANCE",
    .summary = "Change an instance's attributes, all that are asked for or none",
    .details = "Type, user data, kernel, ramdisk and EBS optimization can be changed only while it "
               "is stopped,\nthe others any time. The next start gives it the hardware of its "
               "type. Of an instance with an\ninstance-store root only --protect, --imds... and "
               "--map can be changed.",
    .least = 1,
    .most = 1,
    .options = options,
    .run = run,
};
