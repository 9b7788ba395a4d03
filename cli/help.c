#include "cli/help.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS 100      /* of paragraphs, where no terminal is narrower */
#define OPTION_COLUMN 29 /* where what is said about an option begins */
#define LEAST_COLUMNS 60

/* The terminal's, within reason. */
static gsize
columns(void)
{
    struct winsize size = {0};

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS;
    return CLAMP(size.ws_col, LEAST_COLUMNS, COLUMNS);
}

static char *
option_text(const GOptionEntry *option)
{
    const char *value = option->arg_description;
    g_autofree char *brief =
        option->short_name != 0 ? g_strdup_printf("-%c, ", option->short_name) : g_strdup("");

    return g_strdup_printf("%s--%s%s%s", brief, option->long_name, value != NULL ? " " : "",
                           value != NULL ? value : "");
}

static gboolean
is_shown(const GOptionEntry *option)
{
    return (option->flags & G_OPTION_FLAG_HIDDEN) == 0;
}

/* One line of text, broken between words; all lines but the first begin at column INDENT, where the
 * first is already. What is said of an entry stays on its line for programs. */
static void
print_line(const char *rest, gsize indent)
{
    gsize width = columns() - indent;
    gboolean breaks = indent == 0 || isatty(STDOUT_FILENO);

    while (breaks && strlen(rest) > width) {
        const char *space = g_strrstr_len(rest, (gssize)width + 1, " ");
        if (space == NULL)
            break;
        printf("%.*s\n%*s", (int)(space - rest), rest, (int)indent, "");
        rest = space + 1;
    }
    puts(rest);
}

static void
print_wrapped(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (gsize i = 0; lines[i] != NULL; i++)
        print_line(lines[i], 0);
}

static void
print_options(const GOptionEntry *options)
{
    for (; options != NULL && options->long_name != NULL; options++) {
        g_autofree char *text = option_text(options);
        if (!is_shown(options))
            continue;
        printf("  %-*s ", OPTION_COLUMN - 3, text);
        print_line(options->description, OPTION_COLUMN);
    }
}

void
help_print_overview(void)
{
    puts("amilaunch runs Amazon machine images on this machine, by EC2's rules.\n"
         "\n"
         "Begin with:\n"
         "  amilaunch doctor                    what this machine can do, and what is missing\n"
         "  amilaunch image import DISK         make an image (AMI) of a disk file\n"
         "  amilaunch run AMI --type m3 --wait  launch an instance of it\n"
         "  amilaunch ls                        what there is, and in which state\n"
         "  amilaunch terminate INSTANCE        end it, as EC2 would\n"
         "\n"
         "amilaunch help lists all commands; amilaunch COMMAND --help explains one.\n"
         "amilaunch-sample-ami makes a small image to begin with.");
}

void
help_print_commands(void)
{
    puts("Usage: amilaunch [OPTION...] COMMAND [ARGUMENT...]\n\nCommands:");
    for (int i = 0; commands[i] != NULL; i++) {
        g_autofree char *usage =
            g_strdup_printf("%s %s", commands[i]->name, commands[i]->arguments);
        printf("  %-*s ", OPTION_COLUMN - 3, usage);
        print_line(commands[i]->summary, OPTION_COLUMN);
    }
    puts("\nOptions that every command takes:");
    print_options(global_options);
    puts("\nExit status: 0 done; 1 refused, with EC2's error code; 2 the command or the\n"
         "configuration can't be understood; 3 this host can't.");
}

void
help_print_command(const command *which)
{
    printf("Usage: amilaunch %s%s%s%s%s\n\n%s.\n", which->name, which->options != NULL ? " " : "",
           which->options != NULL ? "[OPTION...]" : "", *which->arguments != '\0' ? " " : "",
           which->arguments, which->summary);
    if (which->details != NULL) {
        putchar('\n');
        print_wrapped(which->details);
    }
    if (which->options != NULL) {
        puts("\nOptions:");
        print_options(which->options);
    }
    puts("\namilaunch help lists the options that every command takes, such as --json and --home.");
}

/* roff takes a dash for a hyphen, a backslash for its own, and a line that begins with a dot or a
 * quote for a request. */
static void
print_roff(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if ((at == text || at[-1] == '\n') && (*at == '.' || *at == '\''))
            fputs("\\&", stdout);
        if (*at == '-')
            fputs("\\-", stdout);
        else if (*at == '\\')
            fputs("\\e", stdout);
        else
            putchar(*at);
    }
}

static void
man_options(const GOptionEntry *options)
{
    for (; options != NULL && options->long_name != NULL; options++) {
        g_autofree char *text = option_text(options);
        if (!is_shown(options))
            continue;
        fputs(".TP\n.B ", stdout);
        print_roff(text);
        putchar('\n');
        print_roff(options->description);
        putchar('\n');
    }
}

static void
man_command(const command *which)
{
    fputs(".SS ", stdout);
    print_roff(which->name);
    putchar('\n');
    fputs(".B amilaunch ", stdout);
    print_roff(which->name);
    printf("%s\n", which->options != NULL ? " [OPTION...]" : "");
    if (*which->arguments != '\0') {
        fputs(".I ", stdout);
        print_roff(which->arguments);
        putchar('\n');
    }
    fputs(".PP\n", stdout);
    print_roff(which->summary);
    puts(".");
    if (which->details != NULL) {
        puts(".PP");
        print_roff(which->details);
        putchar('\n');
    }
    man_options(which->options);
}

void
help_print_man(void)
{
    puts(".SH COMMANDS");
    for (int i = 0; commands[i] != NULL; i++)
        man_command(commands[i]);
    puts(".SH OPTIONS\nEvery command takes these, before or after its name.");
    man_options(global_options);
}
