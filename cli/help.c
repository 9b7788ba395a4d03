#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS 100

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

/* Long lines are broken between words. */
static void
print_wrapped(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (gsize i = 0; lines[i] != NULL; i++) {
        const char *rest = lines[i];
        while (strlen(rest) > COLUMNS) {
            const char *space = g_strrstr_len(rest, COLUMNS, " ");
            if (space == NULL)
                break;
            printf("%.*s\n", (int)(space - rest), rest);
            rest = space + 1;
        }
        puts(rest);
    }
}

static void
print_options(const GOptionEntry *options)
{
    for (; options != NULL && options->long_name != NULL; options++) {
        g_autofree char *text = option_text(options);
        if (is_shown(options))
            printf("  %-26s %s\n", text, options->description);
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
         "scripts/sample-ami in the source makes a small image to begin with.");
}

void
help_print_commands(void)
{
    puts("Usage: amilaunch [OPTION...] COMMAND [ARGUMENT...]\n\nCommands:");
    for (int i = 0; commands[i] != NULL; i++) {
        g_autofree char *usage =
            g_strdup_printf("%s %s", commands[i]->name, commands[i]->arguments);
        printf("  %-26s %s\n", usage, commands[i]->summary);
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
    fputs("\nEvery command takes", stdout);
    for (const GOptionEntry *option = global_options; option->long_name != NULL; option++)
        printf("%s --%s", option == global_options ? "" : ",", option->long_name);
    puts(":\namilaunch help explains these.");
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
