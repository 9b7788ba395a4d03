#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"
#include "common/error.h"

#include <stdio.h>

static void
print_line(const host_check *check)
{
    colour which = check->good ? COLOUR_GOOD : check->needed ? COLOUR_BAD : COLOUR_BUSY;
    const char *mark = check->good ? "ok" : check->needed ? "MISSING" : "weak";

    printf("%s%-8s%s%-14s %s\n", terminal_colour(which), mark, terminal_colour(COLOUR_NONE),
           check->name, check->found);
    if (check->remedy != NULL)
        printf("%-22s -> %s\n", "", check->remedy);
}

static json_t *
check_object(const host_check *check)
{
    g_autofree char *found = text_clean(check->found);

    return json_pack("{s:s, s:b, s:b, s:s, s:s*}", "Check", check->name, "Good", check->good,
                     "Needed", check->needed, "Found", found, "Remedy", check->remedy);
}

static gboolean
run(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    g_autoptr(GPtrArray) checks = launcher_doctor(self->engine);
    json_t *list = json_array();
    guint missing = 0;

    terminal_clear(self->screen);
    for (guint i = 0; i < checks->len; i++) {
        const host_check *check = g_ptr_array_index(checks, i);
        missing += check->needed && !check->good;
        if (self->json)
            json_array_append_new(list, check_object(check));
        else
            print_line(check);
    }
    if (self->json)
        ec2_print(json_pack("{s:O}", "Checks", list));
    json_decref(list);
    if (missing > 0)
        return error_set(error, ERROR_HOST_INCOMPLETE,
                         "%u thing%s missing on this host; the lines above say what mends %s",
                         missing, missing > 1 ? "s are" : " is", missing > 1 ? "them" : "it");
    return TRUE;
}

const command command_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "Say what this host can do, what is missing, and what mends it",
    .least = 0,
    .most = 0,
    .run = run,
};
