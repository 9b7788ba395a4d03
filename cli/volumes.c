#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/tags.h"
#include "common/times.h"
#include "launcher/filter_names.h"
#include "launcher/filtering.h"

#include "common/error.h"

#include <stdio.h>

static gboolean only_ids;
static char **filters;
static int size_gib = -1; /* not given */
static char *snapshot_id;
static char *type;
static char *zone;
static gboolean encrypted;
static char **tags;
static char *device;
static gboolean force;

#define SIZE(text)                                                                                 \
    {                                                                                              \
        "size", 's', 0, G_OPTION_ARG_INT, &size_gib, text, "GIB"                                   \
    }
#define TYPE(text)                                                                                 \
    {                                                                                              \
        "type", 't', 0, G_OPTION_ARG_STRING, &type, text, "TYPE"                                   \
    }

static const GOptionEntry ls_options[] = {
    FILTER_OPTIONS(&filters),
    {"ids", 0, 0, G_OPTION_ARG_NONE, &only_ids, "print only ids, for scripts", NULL},
    {NULL},
};

static const GOptionEntry create_options[] = {
    SIZE("size in GiB (the snapshot's)"),
    {"snapshot", 0, 0, G_OPTION_ARG_STRING, &snapshot_id, "what to make it from (empty)", "SNAP"},
    TYPE("standard, gp2, gp3, io1, io2, st1 or sc1 (gp2)"),
    {"zone", 0, 0, G_OPTION_ARG_STRING, &zone,
     "availability zone, that of its instance (the region's first)", "ZONE"},
    {"encrypted", 0, 0, G_OPTION_ARG_NONE, &encrypted, "encrypt it, with a passphrase in HOME",
     NULL},
    TAG_OPTION(&tags),
    {NULL},
};

static const GOptionEntry attach_options[] = {
    {"device", 0, 0, G_OPTION_ARG_STRING, &device, "device name (the first free from /dev/sdf on)",
     "DEVICE"},
    {NULL},
};

static const GOptionEntry detach_options[] = {
    {"force", 'f', 0, G_OPTION_ARG_NONE, &force,
     "take it away even if the guest doesn't let go of it", NULL},
    {NULL},
};

static const GOptionEntry modify_options[] = {
    SIZE("new size in GiB, not smaller than it is"),
    TYPE("new type"),
    {NULL},
};

static colour
state_colour(int state)
{
    static const colour colours[] = {
        [VOLUME_CREATING] = COLOUR_BUSY, [VOLUME_AVAILABLE] = COLOUR_NONE,
        [VOLUME_IN_USE] = COLOUR_GOOD,   [VOLUME_DELETING] = COLOUR_BUSY,
        [VOLUME_ERROR] = COLOUR_BAD,
    };

    return colours[state];
}

/* ---- ls, show ---- */

static void
print_ids(const GPtrArray *volumes)
{
    for (guint i = 0; i < volumes->len; i++)
        puts(((volume *)g_ptr_array_index(volumes, i))->id);
}

static void
print_list(const GPtrArray *volumes)
{
    static const char *const headings[] = {"VOLUME",   "STATE",    "SIZE",   "TYPE", "ZONE",
                                           "SNAPSHOT", "INSTANCE", "DEVICE", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        text_table_add(table, what->id);
        text_table_add_coloured(table, volume_state_words[what->state], state_colour(what->state));
        text_table_printf(table, "%" G_GINT64_FORMAT " GiB", what->size_gib);
        text_table_add(table, what->type);
        text_table_add(table, what->zone);
        text_table_add(table, what->snapshot);
        text_table_add(table, what->instance);
        text_table_add(table, what->device);
    }
    text_table_print(table, filters != NULL
                                ? "no such volumes"
                                : "no volumes; amilaunch volume create --size GIB makes one");
}

static gboolean
print_json(const app *self, const GPtrArray *volumes, GError **error)
{
    g_autoptr(GHashTable) all = launcher_volume_tags(self->engine, volumes, error);

    if (all == NULL)
        return FALSE;
    ec2_print(ec2_volumes(volumes, all));
    return TRUE;
}

static gboolean
run_ls(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    g_autoptr(GPtrArray) volumes = launcher_volumes(self->engine, NULL, error);

    if (volumes == NULL ||
        !launcher_filter_volumes(self->engine, volumes, (const char *const *)filters, error))
        return FALSE;
    if (only_ids)
        print_ids(volumes);
    else if (self->json)
        return print_json(self, volumes, error);
    else
        print_list(volumes);
    return TRUE;
}

static void
print_one(const volume *what, const GPtrArray *marks)
{
    g_autofree char *created = time_spelled(what->created);

    printf("%s\n", what->id);
    printf("  state          %s%s%s\n", terminal_colour(state_colour(what->state)),
           volume_state_words[what->state], terminal_colour(COLOUR_NONE));
    printf("  size           %" G_GINT64_FORMAT " GiB, %s\n", what->size_gib, what->type);
    printf("  made from      %s\n", what->snapshot != NULL ? what->snapshot : "nothing: empty");
    printf("  encrypted      %s\n", what->secret != NULL ? "yes" : "no");
    printf("  created        %s in %s\n", created, what->zone);
    if (what->instance != NULL)
        printf("  attached       to %s as %s, %s on termination\n", what->instance, what->device,
               what->delete_on_termination ? "deleted" : "kept");
    tags_print(marks, NULL);
}

static gboolean
run_show(app *self, const char *const *args, GError **error)
{
    g_autoptr(GPtrArray) volumes = launcher_volumes(self->engine, args, error);
    g_autoptr(GHashTable) all =
        volumes != NULL ? launcher_volume_tags(self->engine, volumes, error) : NULL;

    if (all == NULL)
        return FALSE;
    if (self->json) {
        ec2_print(ec2_volumes(volumes, all));
        return TRUE;
    }
    for (guint i = 0; i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        if (i > 0)
            putchar('\n');
        print_one(what, g_hash_table_lookup(all, what->id));
    }
    return TRUE;
}

/* ---- create, modify, rm ---- */

static gboolean
size_check(GError **error)
{
    return size_gib == -1 || size_gib > 0 ||
           error_set(error, ERROR_PARAMETER_VALUE, "Invalid value '%d' for --size: at least 1 GiB",
                     size_gib);
}

static gboolean
run_create(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    const volume_request request = {.size_gib = MAX(size_gib, 0),
                                    .snapshot = snapshot_id,
                                    .type = type,
                                    .zone = zone,
                                    .encrypted = encrypted,
                                    .tags = (const char *const *)tags};
    g_autoptr(volume) made =
        size_check(error) ? launcher_volume_create(self->engine, &request, error) : NULL;
    g_autoptr(GPtrArray) marks = NULL;

    terminal_clear(self->screen);
    if (made == NULL)
        return FALSE;
    marks = tags_parse((const char *const *)tags, NULL);
    if (self->json)
        ec2_print(ec2_volume(made, marks));
    else
        printf("%s  %s, %" G_GINT64_FORMAT " GiB\n", made->id, volume_state_words[made->state],
               made->size_gib);
    return TRUE;
}

static gboolean
run_modify(app *self, const char *const *args, GError **error)
{
    g_autoptr(volume) changed =
        size_check(error)
            ? launcher_volume_modify(self->engine, args[0], MAX(size_gib, 0), type, error)
            : NULL;

    terminal_clear(self->screen);
    if (changed == NULL)
        return FALSE;
    if (self->json)
        ec2_print(ec2_volume_modification(changed));
    else
        printf("%s  %" G_GINT64_FORMAT " GiB, %s\n", changed->id, changed->size_gib, changed->type);
    return TRUE;
}

static gboolean
run_rm(app *self, const char *const *args, GError **error)
{
    return launcher_volume_delete(self->engine, args, error);
}

/* ---- attach, detach ---- */

static gboolean
run_attach(app *self, const char *const *args, GError **error)
{
    g_autoptr(volume) what = launcher_volume_attach(self->engine, args[0], args[1], device, error);

    terminal_clear(self->screen);
    if (what == NULL)
        return FALSE;
    if (self->json)
        ec2_print(ec2_attachment(what, "attached"));
    else
        printf("%s  attached to %s as %s\n", what->id, what->instance, what->device);
    return TRUE;
}

/* What it was attached to is only known before. */
static gboolean
run_detach(app *self, const char *const *args, GError **error)
{
    g_autoptr(GPtrArray) before = launcher_volumes(self->engine, args, error);
    g_autoptr(volume) after =
        before != NULL ? launcher_volume_detach(self->engine, args[0], force, error) : NULL;

    terminal_clear(self->screen);
    if (after == NULL)
        return FALSE;
    if (self->json)
        ec2_print(ec2_attachment(g_ptr_array_index(before, 0), "detached"));
    else
        printf("%s  %s\n", after->id, volume_state_words[after->state]);
    return TRUE;
}

const command command_volume_ls = {
    .name = "volume ls",
    .arguments = "",
    .summary = "List volumes, attached or not",
    .details = FILTER_HELP VOLUME_FILTERS(FILTER_NAME) " tag:KEY.",
    .least = 0,
    .most = 0,
    .options = ls_options,
    .run = run_ls,
};

const command command_volume_show = {
    .name = "volume show",
    .arguments = "VOLUME...",
    .summary = "Show all about volumes",
    .least = 1,
    .most = -1,
    .run = run_show,
};

const command command_volume_create = {
    .name = "volume create",
    .arguments = "",
    .summary = "Make a volume, empty or of a snapshot",
    .details = "It takes room on the host only as it is written to. A volume of an encrypted "
               "snapshot is encrypted,\nwith the snapshot's passphrase.",
    .least = 0,
    .most = 0,
    .options = create_options,
    .run = run_create,
};

const command command_volume_attach = {
    .name = "volume attach",
    .arguments = "VOLUME INSTANCE",
    .summary = "Attach a volume to an instance, running or stopped",
    .details = "A running guest sees it as its next free disk, whatever the device name says. It "
               "stays when the\ninstance is terminated.",
    .least = 2,
    .most = 2,
    .options = attach_options,
    .run = run_attach,
};

const command command_volume_detach = {
    .name = "volume detach",
    .arguments = "VOLUME",
    .summary = "Detach a volume from its instance",
    .details =
        "Unmount the disk in a running guest first: most guests let go of a disk that they are "
        "told to,\neven of a mounted one. --force is for those that don't answer. The root volume "
        "can be detached\nonly while the instance is stopped.",
    .least = 1,
    .most = 1,
    .options = detach_options,
    .run = run_detach,
};

const command command_volume_modify = {
    .name = "volume modify",
    .arguments = "VOLUME",
    .summary = "Make a volume larger, or of another type, also while it is in use",
    .details = "The guest sees the new size at once; its file system it has to grow itself.",
    .least = 1,
    .most = 1,
    .options = modify_options,
    .run = run_modify,
};

const command command_volume_rm = {
    .name = "volume rm",
    .arguments = "VOLUME...",
    .summary = "Delete volumes that aren't attached, with their data",
    .least = 1,
    .most = -1,
    .run = run_rm,
};
