#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/recycle_bin.h"
#include "cli/share.h"
#include "cli/tags.h"
#include "cli/text.h"
#include "common/times.h"
#include "launcher/filter_names.h"
#include "launcher/filtering.h"
#include "launcher/snapshot_detail.h"

#include <stdio.h>

static gboolean only_ids;
static char **filters;
static gboolean in_bin;
static char *description;
static char **tags;

static const GOptionEntry ls_options[] = {
    FILTER_OPTIONS(&filters),
    {"ids", 0, 0, G_OPTION_ARG_NONE, &only_ids, "print only ids, for scripts", NULL},
    {"bin", 0, 0, G_OPTION_ARG_NONE, &in_bin, "list what is in the recycle bin instead", NULL},
    {NULL},
};

static const GOptionEntry create_options[] = {
    {"description", 0, 0, G_OPTION_ARG_STRING, &description, "words about it", "TEXT"},
    TAG_OPTION(&tags),
    {NULL},
};

static void
print_ids(const GPtrArray *snapshots)
{
    for (guint i = 0; i < snapshots->len; i++)
        puts(((snapshot *)g_ptr_array_index(snapshots, i))->id);
}

static void
add_detail(app *self, text_table *table, const snapshot *one)
{
    g_autofree char *own = print_size(launcher_snapshot_own_bytes(self->engine, one));
    g_autofree char *parent = launcher_snapshot_parent(self->engine, one);

    text_table_add(table, own);
    text_table_add(table, parent);
}

static void
print_list(app *self, const GPtrArray *snapshots)
{
    static const char *const headings[] = {"SNAPSHOT",  "STATE",       "PROGRESS", "SIZE",
                                           "OWN",       "SINCE",       "OF",       "STARTED",
                                           "ENCRYPTED", "DESCRIPTION", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < snapshots->len; i++) {
        const snapshot *one = g_ptr_array_index(snapshots, i);
        g_autofree char *started = time_spelled(one->started);
        text_table_add(table, one->id);
        text_table_add(table, snapshot_state_words[one->state]);
        text_table_add(table, print_progress(one));
        text_table_printf(table, "%" G_GINT64_FORMAT " GiB", one->size_gib);
        add_detail(self, table, one);
        text_table_add(table, one->volume != NULL   ? one->volume
                              : one->source != NULL ? one->source
                                                    : "an import");
        text_table_add(table, started);
        text_table_add(table, one->secret != NULL ? "yes" : "no");
        text_table_add(table, one->description);
    }
    text_table_print(table, filters != NULL
                                ? "no such snapshots"
                                : "no snapshots; amilaunch snapshot create VOLUME takes one");
}

static gboolean
print_json(const app *self, const GPtrArray *snapshots, GError **error)
{
    g_autoptr(GHashTable) all = launcher_snapshot_tags(self->engine, snapshots, error);

    if (all == NULL)
        return FALSE;
    ec2_print(ec2_snapshots(snapshots, all));
    return TRUE;
}

static gboolean
run_ls(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    g_autoptr(GPtrArray) snapshots = NULL;

    if (in_bin)
        return bin_print_snapshots(self, only_ids, error);
    snapshots = launcher_snapshots(self->engine, NULL, error);
    if (snapshots == NULL ||
        !launcher_filter_snapshots(self->engine, snapshots, (const char *const *)filters, error))
        return FALSE;
    if (only_ids)
        print_ids(snapshots);
    else if (self->json)
        return print_json(self, snapshots, error);
    else
        print_list(self, snapshots);
    return TRUE;
}

static void
print_detail(app *self, const snapshot *one)
{
    g_autofree char *own = print_size(launcher_snapshot_own_bytes(self->engine, one));
    g_autofree char *parent = launcher_snapshot_parent(self->engine, one);
    guint layers;

    printf("  own on disk    %s%s%s\n", own, parent != NULL ? ": what has changed since " : "",
           parent != NULL ? parent : "");
    if (launcher_snapshot_layers(self->engine, one, &layers, NULL))
        printf("  layers under   %u\n", layers);
}

static void
print_one(app *self, const snapshot *one, const GPtrArray *marks)
{
    g_autofree char *started = time_spelled(one->started);
    g_autofree char *about = one->description != NULL ? text_clean(one->description) : NULL;

    printf("%s\n", one->id);
    if (about != NULL)
        printf("  %s\n", about);
    printf("  state          %s %s, owner %s, %s\n", snapshot_state_words[one->state],
           print_progress(one), one->owner, one->region);
    print_sharing(launcher_snapshot_sharing(self->engine, one));
    printf("  started        %s\n", started);
    printf("  size           %" G_GINT64_FORMAT " GiB%s\n", one->size_gib,
           one->secret != NULL ? ", encrypted" : "");
    if (one->source != NULL)
        printf("  copy of        %s in %s\n", one->source, one->source_region);
    else
        printf("  taken of       %s\n", one->volume != NULL ? one->volume : "an imported file");
    print_detail(self, one);
    tags_print(marks, NULL);
}

static gboolean
run_show(app *self, const char *const *args, GError **error)
{
    g_autoptr(GPtrArray) snapshots = launcher_snapshots(self->engine, args, error);
    g_autoptr(GHashTable) all =
        snapshots != NULL ? launcher_snapshot_tags(self->engine, snapshots, error) : NULL;

    if (all == NULL)
        return FALSE;
    if (self->json) {
        ec2_print(ec2_snapshots(snapshots, all));
        return TRUE;
    }
    for (guint i = 0; i < snapshots->len; i++) {
        const snapshot *one = g_ptr_array_index(snapshots, i);
        if (i > 0)
            putchar('\n');
        print_one(self, one, g_hash_table_lookup(all, one->id));
    }
    return TRUE;
}

static gboolean
run_create(app *self, const char *const *args, GError **error)
{
    g_autoptr(snapshot) made = launcher_snapshot_create(self->engine, args[0], description,
                                                        (const char *const *)tags, error);
    g_autoptr(GPtrArray) marks = NULL;

    terminal_clear(self->screen);
    if (made == NULL)
        return FALSE;
    marks = tags_parse((const char *const *)tags, NULL);
    if (self->json)
        ec2_print(ec2_snapshot(made, marks));
    else
        printf("%s  %s\n", made->id, snapshot_state_words[made->state]);
    return TRUE;
}

static gboolean
run_rm(app *self, const char *const *args, GError **error)
{
    return launcher_snapshot_delete(self->engine, args, error);
}

const command command_snapshot_ls = {
    .name = "snapshot ls",
    .arguments = "",
    .summary = "List snapshots, oldest first",
    .details = FILTER_HELP SNAPSHOT_FILTERS(FILTER_NAME) " tag:KEY.",
    .least = 0,
    .most = 0,
    .options = ls_options,
    .run = run_ls,
};

const command command_snapshot_show = {
    .name = "snapshot show",
    .arguments = "SNAPSHOT...",
    .summary = "Show all about snapshots",
    .least = 1,
    .most = -1,
    .run = run_show,
};

const command command_snapshot_create = {
    .name = "snapshot create",
    .arguments = "VOLUME",
    .summary = "Take a snapshot of a volume, in use or not",
    .details =
        "Takes as long for a large volume as for a small one. The snapshot of a volume that a "
        "running guest\nuses is what would be found on it after a power failure at that "
        "moment.",
    .least = 1,
    .most = 1,
    .options = create_options,
    .run = run_create,
};

const command command_snapshot_rm = {
    .name = "snapshot rm",
    .arguments = "SNAPSHOT...",
    .summary = "Delete snapshots; what was made from them keeps its content",
    .details = "The snapshot of an image is in use by it. The space of one that volumes or other "
               "snapshots stand on\nis freed when the last of them goes, or by gc.",
    .least = 1,
    .most = -1,
    .run = run_rm,
};
