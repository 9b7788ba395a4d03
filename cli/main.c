#include "cli/command.h"
#include "cli/completion.h"
#include "cli/global_options.h"
#include "cli/help.h"
#include "cli/next_step.h"
#include "cli/suggestion.h"
#include "common/error.h"

#include "config.h"
#include "cli/text.h"
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int exit_status; /* if nothing fails */

/* Prints the error as scripts expect it; the exit status it stands for. A message may quote what a
 * server or an image's author wrote. */
static int
fail(const GError *error)
{
    g_autofree char *message = text_clean(error->message);
    const char *next = next_step(error);

    fflush(stdout);
    fprintf(stderr, "amilaunch: %s: %s\n", error_code_text(error), message);
    if (next != NULL)
        fprintf(stderr, "amilaunch: next: %s\n", next);
    return error_exit_status(error);
}

/* What GLib found wrong with the options of WHICH (NULL: those in front of it), and what mends it.
 */
static gboolean
wrong_option(const command *which, const GError *problem, GError **error)
{
    const char *written = strstr(problem->message, " -");
    const char *meant = NULL;

    if (written != NULL && g_error_matches(problem, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
        meant = suggest_option(which, written + 1);
    if (meant != NULL)
        return error_set(error, ERROR_USAGE, "%s: did you mean --%s?", problem->message, meant);
    return error_set(error, ERROR_USAGE, "%s; see amilaunch %s%s", problem->message,
                     which != NULL ? which->name : "help", which != NULL ? " --help" : "");
}

/* Takes the options in front of the command's name out of *ARGS. */
static gboolean
parse_front(char ***args, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) problem = NULL;

    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_set_strict_posix(context, TRUE);
    g_option_context_add_main_entries(context, global_options, NULL);
    return g_option_context_parse_strv(context, args, &problem) ||
           wrong_option(NULL, problem, error);
}

/* "--" ends the options, and GLib leaves it where it was. */
static void
drop_double_dash(char **args)
{
    for (; *args != NULL && !g_str_equal(*args, "--"); args++)
        ;
    if (*args == NULL)
        return;
    g_free(*args);
    do
        args[0] = args[1];
    while (*args++ != NULL);
}

/* Takes all options out of *ARGS; a command's own and those that all take. */
static gboolean
parse_command(const command *which, char ***args, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) problem = NULL;

    g_option_context_set_help_enabled(context, FALSE);
    if (which->options != NULL)
        g_option_context_add_main_entries(context, which->options, NULL);
    g_option_context_add_main_entries(context, global_options, NULL);
    if (!g_option_context_parse_strv(context, args, &problem))
        return wrong_option(which, problem, error);
    drop_double_dash(*args);
    return TRUE;
}

static gboolean
count_arguments(const command *which, const char *const *args, GError **error)
{
    int count = (int)g_strv_length((char **)args);

    if (count < which->least)
        return error_set(error, ERROR_USAGE, "%s needs %s; see amilaunch %s --help", which->name,
                         which->arguments, which->name);
    if (which->most >= 0 && count > which->most)
        return error_set(error, ERROR_USAGE, "%s is too much for %s; see amilaunch %s --help",
                         args[which->most], which->name, which->name);
    return TRUE;
}

static gboolean
run_command(const command *which, const char *const *args, GError **error)
{
    app self = {.json = given.json, .verbose = given.verbose};
    gboolean done;

    self.screen = terminal_new(given.verbose);
    given.finding.listener = terminal_progress(self.screen);
    if (which->needs == NEEDS_ENGINE) {
        self.engine = launcher_open(&given.finding, error);
        if (self.engine == NULL) {
            terminal_free(self.screen);
            return FALSE;
        }
    }
    done = which->run(&self, args, error);
    exit_status = self.status;
    terminal_free(self.screen);
    launcher_free(self.engine);
    return done;
}

/* "image" alone, and "image lst": what comes after the first word. NULL if no command begins so. */
static char *
second_words(const char *first)
{
    GString *group = g_string_new(NULL);
    gsize length = strlen(first);

    for (int i = 0; commands[i] != NULL; i++)
        if (g_str_has_prefix(commands[i]->name, first) && commands[i]->name[length] == ' ')
            g_string_append_printf(group, "%s%s", group->len > 0 ? ", " : "",
                                   commands[i]->name + length + 1);
    return g_string_free(group, group->len == 0);
}

static gboolean
no_such_command(const char *const *args, GError **error)
{
    g_autofree char *group = second_words(args[0]);
    const char *meant = suggest_command(args);

    if (group != NULL && (args[1] == NULL || *args[1] == '-'))
        return error_set(error, ERROR_USAGE, "%s needs a second word: %s", args[0], group);
    if (meant != NULL)
        return error_set(error, ERROR_USAGE, "there is no command %s%s%s: did you mean %s?",
                         args[0], group != NULL ? " " : "", group != NULL ? args[1] : "", meant);
    if (group != NULL)
        return error_set(error, ERROR_USAGE, "there is no command %s %s: after %s comes %s",
                         args[0], args[1], args[0], group);
    return error_set(error, ERROR_USAGE, "there is no command %s; amilaunch help lists them all",
                     args[0]);
}

/* Where the words before the one that is being typed say that HOME and the like are; what isn't
 * known among them is for a command. */
static launcher *
engine_of_words(const char *const *words)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_auto(GStrv) before = g_strdupv((char **)words);
    guint count = g_strv_length(before);

    if (count > 0)
        g_clear_pointer(&before[count - 1], g_free);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_set_ignore_unknown_options(context, TRUE);
    g_option_context_add_main_entries(context, global_options, NULL);
    g_option_context_parse_strv(context, &before, NULL);
    return launcher_open(&given.finding, NULL);
}

static void
complete(const char *const *words)
{
    const completion wanted = completion_of(words);
    g_autoptr(launcher) engine =
        wanted.kind == COMPLETE_RECORDS ? engine_of_words(words - 1) : NULL;

    completion_print(engine, &wanted);
}

/* `help` alone, with a command, or for the manual and the shells. */
static gboolean
help(const char *const *args, GError **error)
{
    const command *which;
    int words;

    if (args[0] == NULL)
        help_print_commands();
    else if (g_str_equal(args[0], "--man"))
        help_print_man();
    else if (g_str_equal(args[0], "--complete"))
        complete(args + 1);
    else if ((which = command_find(args, &words)) != NULL)
        help_print_command(which);
    else
        return no_such_command(args, error);
    return TRUE;
}

static gboolean
dispatch(char ***args, GError **error)
{
    const command *which;
    int words = 0;

    if (!parse_front(args, error))
        return FALSE;
    if (given.version) {
        puts("amilaunch " PACKAGE_VERSION);
        return TRUE;
    }
    if ((*args)[1] == NULL) {
        (given.help ? help_print_commands : help_print_overview)();
        return TRUE;
    }
    if (g_str_equal((*args)[1], "help"))
        return help((const char *const *)*args + 2, error);
    which = command_find((const char *const *)*args + 1, &words);
    if (which == NULL)
        return no_such_command((const char *const *)*args + 1, error);
    if (!parse_command(which, args, error))
        return FALSE;
    if (given.help) {
        help_print_command(which);
        return TRUE;
    }
    if (!count_arguments(which, (const char *const *)*args + 1 + words, error))
        return FALSE;
    return run_command(which, (const char *const *)*args + 1 + words, error);
}

/* Who reads only the beginning of what is printed, as `head` does, doesn't want to hear of it. */
static void
end_if_nobody_reads(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};

    if (poll(&out, 1, 0) != 1 || !(out.revents & POLLERR))
        return;
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

int
main(int argc G_GNUC_UNUSED, char **argv)
{
    g_auto(GStrv) args = g_strdupv(argv);
    g_autoptr(GError) error = NULL;

    setlocale(LC_ALL, "");
    umask(077);
    /* A daemon that goes away while we talk to it must not end us in the middle of an operation. */
    signal(SIGPIPE, SIG_IGN);
    if (!dispatch(&args, &error))
        return fail(error);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        end_if_nobody_reads();
        error_set(&error, ERROR_HOST_DISK, "can't write to standard output");
        return fail(error);
    }
    return exit_status;
}
