#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"
#include "common/times.h"

#include "common/error.h"

#include <stdio.h>
#include <unistd.h>

static gboolean follow;

static const GOptionEntry log_options[] = {
    {"follow", 'f', 0, G_OPTION_ARG_NONE, &follow, "go on with what comes", NULL},
    {NULL},
};

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

/* PENDING is NULL where nobody's screen is at stake. */
static gboolean
print_piece(const char *bytes, gsize length, gpointer data)
{
    GString *pending = data;

    if (pending == NULL)
        fwrite(bytes, 1, length, stdout);
    else {
        g_string_append_len(pending, bytes, (gssize)length);
        g_autofree char *clean = text_clean_piece(pending);
        fputs(clean, stdout);
    }
    return fflush(stdout) == 0;
}

static gboolean
follow_log(app *self, const char *id, GError **error)
{
    g_autoptr(GString) pending = isatty(STDOUT_FILENO) ? g_string_new("") : NULL;

    if (self->json)
        return error_set(error, ERROR_USAGE, "log --follow has no end that --json could wait for");
    return launcher_console_follow(self->engine, id, print_piece, pending, error);
}

static gboolean
run_log(app *self, const char *const *args, GError **error)
{
    g_autofree char *output = NULL;
    g_autofree char *valid = NULL;
    g_autofree char *now = NULL;

    if (follow)
        return follow_log(self, args[0], error);
    output = launcher_console_output(self->engine, args[0], error);
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
    .details = "With --follow also what it goes on to write, through reboots, until it is stopped "
               "or terminated, or until ctrl-C. On a terminal escape sequences are left out.",
    .least = 1,
    .most = 1,
    .options = log_options,
    .run = run_log,
};
