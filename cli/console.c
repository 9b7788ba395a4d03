#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"
#include "common/times.h"

#include <stdio.h>
#include <unistd.h>

static gboolean
run_console(app *self, const char *const *args, GError **error)
{
    if (isatty(STDIN_FILENO))
        fprintf(stderr, "Connected to %s; leave with ctrl-].\n", args[0]);
    if (!launcher_console(self->engine, args[0], error))
        return FALSE;
    if (isatty(STDIN_FILENO))
        fputs("\nLeft the console.\n", stderr);
    return TRUE;
}

static gboolean
run_log(app *self, const char *const *args, GError **error)
{
    g_autofree char *output = launcher_console_output(self->engine, args[0], error);
    g_autofree char *valid = NULL;
    g_autofree char *now = NULL;

    if (output == NULL)
        return FALSE;
    if (*output == '\0' && !self->json)
        fprintf(stderr,
                "amilaunch: note: there is no console output of %s: it has written nothing yet, or "
                "it is terminated\n",
                args[0]);
    if (!self->json) {
        g_autofree char *clean = isatty(STDOUT_FILENO) ? text_clean(output) : NULL;
        fputs(clean != NULL ? clean : output, stdout);
        return TRUE;
    }
    valid = g_utf8_make_valid(output, -1);
    now = time_iso8601(time_now());
    ec2_print(
        json_pack("{s:s, s:s, s:s}", "InstanceId", args[0], "Timestamp", now, "Output", valid));
    return TRUE;
}

const command command_console = {
    .name = "console",
    .arguments = "INSTANCE",
    .summary = "Talk to an instance on its serial console; leave with ctrl-]",
    .least = 1,
    .most = 1,
    .run = run_console,
};

const command command_log = {
    .name = "log",
    .arguments = "INSTANCE",
    .summary = "Print what an instance wrote to its console: the last 64 KiB",
    .least = 1,
    .most = 1,
    .run = run_log,
};
