#include "cli/commands.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/text.h"
#include "common/error.h"
#include "launcher/gc.h"

#include <stdio.h>
#include <unistd.h>

#define NICER 10

static gboolean dry_run;
static int depth = -1;

static const GOptionEntry options[] = {
    {"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "only say what would be done", NULL},
    {"depth", 0, 0, G_OPTION_ARG_INT, &depth,
     "the most layers that anything is to stand on (" G_STRINGIFY(GC_DEPTH) ")", "N"},
    {NULL},
};

static const char *const deed_words[][2] = {{"merged", "would be merged"},
                                            {"flattened", "would be flattened"},
                                            {"removed", "would be removed"}};

/* ---- for people ---- */

static char *
words_about(const gc_done *done)
{
    g_autofree char *before = print_size(done->before);
    g_autofree char *after = print_size(done->after);

    if (done->deed == GC_REMOVED)
        return g_strdup("left over");
    if (dry_run)
        return g_strdup_printf("%u deleted snapshot%s of %s, %u layers -> %u", done->absorbed->len,
                               done->absorbed->len == 1 ? "" : "s", before, done->layers_before,
                               done->layers_after);
    return g_strdup_printf("%s -> %s, %u layers -> %u", before, after, done->layers_before,
                           done->layers_after);
}

static void
print_done(const gc_report *report)
{
    static const char *const headings[] = {"WHAT", "IT", "HOW", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < report->done->len; i++) {
        const gc_done *done = g_ptr_array_index(report->done, i);
        g_autofree char *words = words_about(done);
        text_table_add(table, deed_words[done->deed][dry_run]);
        text_table_add(table, done->id);
        text_table_add(table, words);
    }
    text_table_print(table, "nothing to merge, to flatten or to remove");
}

static void
print_report(const gc_report *report)
{
    g_autofree char *freed = print_size(report->freed);

    print_done(report);
    for (guint i = 0; i < report->left->len; i++) {
        const gc_left *left = g_ptr_array_index(report->left, i);
        g_autofree char *name = g_filename_display_name(left->id);
        g_autofree char *clean = text_clean(name);
        g_autofree char *size = print_size(left->bytes);
        g_autofree char *why = text_clean(left->why);
        printf("left: %s (%s): %s\n", clean, size, why);
    }
    if (!dry_run)
        printf("freed: %s\n", freed);
    printf("layers under anything, at most: %u%s%u\n", report->deepest_before,
           dry_run ? ", then " : ", now ", report->deepest_after);
}

/* ---- for programs ---- */

static json_t *
texts(const GPtrArray *all)
{
    json_t *list = json_array();

    for (guint i = 0; i < all->len; i++)
        json_array_append_new(list, json_string(g_ptr_array_index(all, i)));
    return list;
}

static json_t *
done_object(const gc_done *done)
{
    g_autofree char *name = g_filename_display_name(done->id);

    if (done->deed == GC_REMOVED)
        return json_pack("{s:s, s:s}", "Deed", deed_words[done->deed][0], "Path", name);
    return json_pack("{s:s, s:s, s:o, s:i, s:i, s:I, s:I}", "Deed", deed_words[done->deed][0],
                     g_str_has_prefix(done->id, "vol-") ? "VolumeId" : "SnapshotId", done->id,
                     "Absorbed", texts(done->absorbed), "LayersBefore", (int)done->layers_before,
                     "LayersAfter", (int)done->layers_after, "BytesBefore",
                     (json_int_t)done->before, "BytesAfter", (json_int_t)done->after);
}

static void
print_json(const gc_report *report)
{
    json_t *done = json_array();
    json_t *left = json_array();

    for (guint i = 0; i < report->done->len; i++)
        json_array_append_new(done, done_object(g_ptr_array_index(report->done, i)));
    for (guint i = 0; i < report->left->len; i++) {
        const gc_left *one = g_ptr_array_index(report->left, i);
        g_autofree char *name = g_filename_display_name(one->id);
        g_autofree char *why = text_clean(one->why);
        json_array_append_new(left, json_pack("{s:s, s:I, s:s}", "What", name, "Bytes",
                                              (json_int_t)one->bytes, "Why", why));
    }
    ec2_print(json_pack("{s:b, s:o, s:o, s:I, s:i, s:i}", "DryRun", dry_run, "Done", done, "Left",
                        left, "BytesFreed", (json_int_t)report->freed, "DeepestBefore",
                        (int)report->deepest_before, "DeepestAfter", (int)report->deepest_after));
}

/* ---- the command ---- */

static gboolean
run(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    gc_request request = {.depth = depth > 0 ? (guint)depth : 0, .dry_run = dry_run};
    g_autoptr(gc_report) report = NULL;

    if (depth == 0 || depth < -1)
        return error_set(error, ERROR_USAGE, "--depth takes a number from 1 on");
    /* Guests come first, at the disk, too; where that can't be had it goes on as it is. */
    (void)!nice(NICER);
    report = launcher_gc(self->engine, &request, error);
    terminal_clear(self->screen);
    if (report == NULL)
        return FALSE;
    if (self->json)
        print_json(report);
    else
        print_report(report);
    if (report->problem == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&report->problem));
    return FALSE;
}

const command command_gc = {
    .name = "gc",
    .arguments = "",
    .summary = "Free what deleted snapshots hold, and shorten what stands on too much",
    .details = "Merges a deleted snapshot into the only thing that stands on it, gives volumes and "
               "snapshots with\nmore than N layers under them fewer, and removes files that are "
               "left over. "
               "All content stays\nthe same, byte for byte. A volume that a running guest uses is "
               "left until "
               "it is stopped; the\nsnapshots under it are not, but what the guest still has open "
               "is freed "
               "when it is off.",
    .least = 0,
    .most = 0,
    .options = options,
    .run = run,
};
