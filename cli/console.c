#include "cli/commands.h"
#include "cli/json.h"
#include "cli/text.h"
#include "common/times.h"

#include "common/error.h"

#include <stdio.h>
#include <unistd.h>

#define OUTPUT_MOST (16 << 20) /* bytes: what is printed as JSON has to be in memory before */

static gboolean follow;
static const char default_login[] = "root";
static char *login;
static int timeout_s = 300;

static const GOptionEntry log_options[] = {
    {"follow", 'f', 0, G_OPTION_ARG_NONE, &follow, "go on with what comes", NULL},
    {NULL},
};

static const GOptionEntry console_options[] = {
    {"login", 'l', 0, G_OPTION_ARG_STRING, &login, "as whom to run a command (root)", "USER"},
    {"timeout", 0, 0, G_OPTION_ARG_INT, &timeout_s, "seconds that a command may take in all (300)",
     "S"},
    {NULL},
};

static gboolean
talk(app *self, const char *const *args, GError **error)
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
gather(const char *bytes, gsize length, gpointer output)
{
    GString *all = output;

    g_string_append_len(all, bytes, (gssize)length);
    return all->len <= OUTPUT_MOST;
}

static gboolean
run_command(app *self, const char *id, const char *const *words, GError **error)
{
    g_autofree char *text = g_strjoinv(" ", (char **)words);
    g_autoptr(GString) pending = isatty(STDOUT_FILENO) ? g_string_new("") : NULL;
    g_autoptr(GString) output = g_string_new(NULL);
    const console_request request = {.login = login != NULL ? login : default_login,
                                     .command = text,
                                     .timeout_s = (guint)MAX(timeout_s, 0),
                                     .taker = self->json ? gather : print_piece,
                                     .data = self->json ? output : pending};
    g_autofree char *valid = NULL;

    if (!launcher_console_run(self->engine, id, &request, &self->status, error))
        return FALSE;
    if (!self->json)
        return TRUE;
    if (output->len > OUTPUT_MOST)
        return error_set(error, ERROR_UNSUPPORTED,
                         "the command says more than %d MiB: without --json it is printed as it "
                         "comes",
                         OUTPUT_MOST >> 20);
    valid = g_utf8_make_valid(output->str, (gssize)output->len);
    ec2_print(json_pack("{s:s, s:i, s:s}", "InstanceId", id, "ExitStatus", self->status, "Output",
                        valid));
    return TRUE;
}

static gboolean
run_console(app *self, const char *const *args, GError **error)
{
    return args[1] == NULL ? talk(self, args, error) : run_command(self, args[0], args + 1, error);
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
    .arguments = "INSTANCE [-- COMMAND...]",
    .summary = "Talk to an instance on its serial console; leave with ctrl-]",
    .details =
        "With a command it waits for a shell's prompt there, logs in if it is asked to, types the "
        "command, and prints what that says. No network and no sshd is needed for it, but a user "
        "whom the console lets in without a password. The command is one line of at most some "
        "800 characters, and gets no input. The exit status is its own; 255 if the guest's shell "
        "doesn't tell it.",
    .least = 1,
    .most = -1,
    .options = console_options,
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
