#include "cli/boot_stop.h"
#include "cli/json_put.h"
#include "cli/text.h"

#include <stdio.h>

#define TAIL_LINES 20

/* What the guest said last; the caller frees it. */
static char **
console_tail(app *self, const char *id)
{
    g_autofree char *output = launcher_console_output(self->engine, id, NULL);
    g_autofree char *clean = text_clean(output != NULL ? output : "");
    g_auto(GStrv) lines = g_strsplit(g_strchomp(clean), "\n", -1);
    guint all = g_strv_length(lines);

    return g_strdupv(lines + (all > TAIL_LINES ? all - TAIL_LINES : 0));
}

static void
print_seen(const boot_stop *stop)
{
    g_autofree char *line = NULL;

    if (stop->seen->link == NULL)
        return;
    line = text_clean(stop->seen->line);
    fprintf(stderr, "This shows how far it came, \"%s\":\n  | %s\n", stop->seen->link, line);
    if (stop->foresaw == NULL)
        return;
    g_autofree char *text = text_clean(stop->foresaw->text);
    fprintf(stderr, "Its plan says: %s (%s)\n", text, stop->foresaw->name);
    if (stop->foresaw->remedy != NULL)
        fprintf(stderr, "  %s\n", stop->foresaw->remedy);
}

void
boot_stop_print(app *self, const char *id, const boot_stop *stop)
{
    g_auto(GStrv) tail = console_tail(self, id);

    fprintf(stderr, "The console of %s ends with:\n", id);
    for (guint i = 0; tail[i] != NULL; i++)
        fprintf(stderr, "  | %s\n", tail[i]);
    if (stop != NULL)
        print_seen(stop);
    fprintf(stderr, "See `amilaunch log %s` and `amilaunch console %s`.\n", id, id);
}

static json_t *
foreseen(const boot_warning *warning)
{
    json_t *object = json_object();

    json_put_text(object, "Name", warning->name);
    json_put_text(object, "Text", warning->text);
    json_put_text(object, "Remedy", warning->remedy);
    return object;
}

json_t *
boot_stop_json(app *self, const char *id, const boot_stop *stop)
{
    g_auto(GStrv) tail = console_tail(self, id);
    json_t *object = json_object();
    json_t *lines = json_array();

    json_put_flag(object, "Stopped", stop->stopped);
    json_put_text(object, "Link", stop->seen->link);
    json_put_text(object, "Reason", stop->seen->what);
    json_put_text(object, "Line", stop->seen->line);
    if (stop->foresaw != NULL)
        json_object_set_new(object, "Foreseen", foreseen(stop->foresaw));
    for (guint i = 0; tail[i] != NULL; i++)
        json_array_append_new(lines, json_text(tail[i]));
    json_object_set_new(object, "ConsoleTail", lines);
    return object;
}
