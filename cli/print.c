#include "cli/print.h"
#include "cli/json.h"
#include "cli/text.h"

#include <stdio.h>

#define GB G_GUINT64_CONSTANT(1000000000)
#define MIB (G_GUINT64_CONSTANT(1) << 20)
#define GIB (G_GUINT64_CONSTANT(1) << 30)

char *
print_size(guint64 bytes)
{
    if (bytes % GIB != 0 && bytes % GB == 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " GB", bytes / GB);
    if (bytes % GIB == 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " GiB", bytes / GIB);
    if (bytes >= 10 * GIB)
        return g_strdup_printf("%.1f GiB", (double)bytes / GIB);
    if (bytes >= MIB)
        return g_strdup_printf("%.0f MiB", (double)bytes / MIB);
    return g_strdup_printf("%" G_GUINT64_FORMAT " bytes", bytes);
}

const char *
print_progress(const snapshot *what)
{
    return what->state == SNAPSHOT_PENDING ? "0%" : "100%";
}

colour
print_state_colour(instance_state state)
{
    switch (state) {
    case INSTANCE_RUNNING:
        return COLOUR_GOOD;
    case INSTANCE_PENDING:
    case INSTANCE_STOPPING:
    case INSTANCE_SHUTTING_DOWN:
        return COLOUR_BUSY;
    case INSTANCE_TERMINATED:
        return COLOUR_DIM;
    default:
        return COLOUR_NONE;
    }
}

void
print_changes(const app *self, const char *key, const GPtrArray *changes)
{
    static const char *const headings[] = {"INSTANCE", "WAS", "IS", NULL};
    text_table *table;

    terminal_clear(self->screen);
    if (self->json) {
        ec2_print(ec2_changes(key, changes));
        return;
    }
    table = text_table_new(headings);
    for (guint i = 0; i < changes->len; i++) {
        const state_change *change = g_ptr_array_index(changes, i);
        text_table_add(table, change->id);
        text_table_add(table, instance_state_words[change->previous]);
        text_table_add_coloured(table, instance_state_words[change->current],
                                print_state_colour(change->current));
    }
    text_table_print(table, "nothing to do");
}

void
print_warnings(const boot_plan *plan, gboolean to_stderr)
{
    FILE *out = to_stderr ? stderr : stdout;

    for (guint i = 0; i < plan->warnings->len; i++) {
        const boot_warning *warning = g_ptr_array_index(plan->warnings, i);
        g_autofree char *text = text_clean(warning->text);
        fprintf(out, "%s%s (%s%s%s)\n", to_stderr ? "amilaunch: warning: " : "  ! ", text,
                warning->name, warning->fatal ? "; it will stop at: " : "",
                warning->fatal ? warning->link : "");
        if (warning->remedy != NULL)
            fprintf(out, "%s%s\n", to_stderr ? "  " : "    ", warning->remedy);
    }
}
