#include "cli/command.h"
#include "cli/help.h"
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

static launcher_options finding;
static gboolean option_json;
static gboolean option_verbose;
static gboolean option_help;
static gboolean option_version;
static int exit_status; /* if nothing fails */

#define TEXT(name, place, what, text)                                                              \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING, (gpointer)(place), text, what                             \
    }
#define FLAG(name, letter, place, text)                                                            \
    {                                                                                              \
        name, letter, 0, G_OPTION_ARG_NONE, place, text, NULL                                      \
    }

const GOptionEntry global_options[] = {
    TEXT("connect", &finding.connect, "URI", "libvirt to use (AMILAUNCH_CONNECT)"),
    TEXT("home", &finding.home, "DIR", "where all is kept (AMILAUNCH_HOME)"),
    TEXT("config", &finding.config, "FILE", "configuration instead of HOME/amilaunch.conf"),
    TEXT("region", &finding.region, "REGION", "region to be in"),
    TEXT("account", &finding.account, "ID", "account to act as: 12 digits"),
    FLAG("json", 0, &option_json, "print what EC2's Describe calls print"),
    FLAG("verbose", 'v', &option_verbose, "say what is being done"),
    FLAG("help", 'h', &option_help, "show help and leave"),
    FLAG("version", 0, &option_version, "show the version and leave"),
    {NULL},
};

/* Prints the error as scripts expect it; the exit status it stands for. A message may quote what a
 * server or an image's author wrote. */
static int
fail(const GError *error)
{
    g_autofree char *message = text_clean(error->message);

    fflush(stdout);
    fprintf(stderr, "amilaunch: %s: %s\n", error_code_text(error), message);
    return error_exit_status(error);
}

static gboolean
usage(GError **error, GError *problem)
{
    error_set(error, ERROR_USAGE, "%s; amilaunch help lists the commands", problem->message);
    g_error_free(problem);
    return FALSE;
}

/* Takes the options in front of the command's name out of *ARGS. */
static gboolean
parse_front(char ***args, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    GError *problem = NULL;

    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_set_strict_posix(context, TRUE);
    g_option_context_add_main_entries(context, global_options, NULL);
    if (!g_option_context_parse_strv(context, args, &problem))
        return usage(error, problem);
    return TRUE;
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
    GError *problem = NULL;

    g_option_context_set_help_enabled(context, FALSE);
    if (which->options != NULL)
        g_option_context_add_main_entries(context, which->options, NULL);
    g_option_context_add_main_entries(context, global_options, NULL);
    if (g_option_context_parse_strv(context, args, &problem)) {
        drop_double_dash(*args);
        return TRUE;
    }
    error_set(error, ERROR_USAGE, "%s; see amilaunch %s --help", problem->message, which->name);
    g_error_free(problem);
    return FALSE;
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
    app self = {.json = option_json, .verbose = option_verbose};
    gboolean done;

    self.screen = terminal_new(option_verbose);
    finding.listener = terminal_progress(self.screen);
    if (which->needs == NEEDS_ENGINE) {
        self.engine = launcher_open(&finding, error);
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

static gboolean
no_such_command(const char *const *args, GError **error)
{
    g_autoptr(GString) group = g_string_new(NULL);

    for (int i = 0; commands[i] != NULL; i++)
        if (g_str_has_prefix(commands[i]->name, args[0]) &&
            commands[i]->name[strlen(args[0])] == ' ')
            g_string_append_printf(group, "%s%s", group->len > 0 ? ", " : "", commands[i]->name);
    if (group->len > 0 && args[1] != NULL && *args[1] != '-')
        return error_set(error, ERROR_USAGE, "there is no command %s %s, but %s", args[0], args[1],
                         group->str);
    if (group->len > 0)
        return error_set(error, ERROR_USAGE, "%s needs a second word: %s", args[0], group->str);
    return error_set(error, ERROR_USAGE, "there is no command %s; amilaunch help lists them all",
                     args[0]);
}

/* `help` alone, with a command, or for the manual and the completion, which are made from it. */
static gboolean
help(const char *const *args, GError **error)
{
    const command *which;
    int words;

    if (args[0] == NULL)
        help_print_commands();
    else if (g_str_equal(args[0], "--man"))
        help_print_man();
    else if (g_str_equal(args[0], "--bash"))
        help_print_bash();
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
    if (option_version) {
        puts("amilaunch " PACKAGE_VERSION);
        return TRUE;
    }
    if ((*args)[1] == NULL) {
        (option_help ? help_print_commands : help_print_overview)();
        return TRUE;
    }
    if (g_str_equal((*args)[1], "help"))
        return help((const char *const *)*args + 2, error);
    which = command_find((const char *const *)*args + 1, &words);
    if (which == NULL)
        return no_such_command((const char *const *)*args + 1, error);
    if (!parse_command(which, args, error))
        return FALSE;
    if (option_help) {
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
