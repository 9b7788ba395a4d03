#include "tests/engine/command_line.h"
#include "cli/command.h"
#include "tests/engine/fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Options are static: what one command line set is not for the next. */
static gsize
size_of(const GOptionEntry *option)
{
    switch (option->arg) {
    case G_OPTION_ARG_NONE:
        return sizeof(gboolean);
    case G_OPTION_ARG_INT:
        return sizeof(gint);
    case G_OPTION_ARG_INT64:
        return sizeof(gint64);
    case G_OPTION_ARG_CALLBACK:
        return 0; /* it points to a function */
    default:
        return sizeof(gpointer);
    }
}

static gboolean
is_text(const GOptionEntry *option)
{
    return option->arg == G_OPTION_ARG_STRING || option->arg == G_OPTION_ARG_FILENAME ||
           option->arg == G_OPTION_ARG_STRING_ARRAY || option->arg == G_OPTION_ARG_FILENAME_ARRAY;
}

static GPtrArray *
remember(const GOptionEntry *options)
{
    GPtrArray *values = g_ptr_array_new_with_free_func(g_free);

    for (; options != NULL && options->long_name != NULL; options++)
        g_ptr_array_add(values, g_memdup2(options->arg_data, size_of(options)));
    return values;
}

static void
restore_text(const GOptionEntry *option, gpointer old)
{
    gpointer *place = option->arg_data;

    if (*place == old)
        return;
    if (option->arg == G_OPTION_ARG_STRING || option->arg == G_OPTION_ARG_FILENAME)
        g_free(*place);
    else
        g_strfreev(*place);
    *place = old;
}

static void
restore(const GOptionEntry *options, const GPtrArray *values)
{
    for (guint i = 0; i < values->len; i++) {
        gpointer *value = g_ptr_array_index(values, i);
        if (is_text(&options[i]))
            restore_text(&options[i], *value);
        else
            memcpy(options[i].arg_data, value, size_of(&options[i]));
    }
}

/* What RUN prints; the caller frees it. */
static char *
printed_by(const command *which, const char *const *args)
{
    g_autofree char *path = g_build_filename(home, "printed", NULL);
    app self = {.engine = engine, .screen = terminal_new(FALSE), .json = TRUE};
    GError *error = NULL;
    char *text = NULL;
    int old, file;

    fflush(stdout);
    old = dup(STDOUT_FILENO);
    file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert(old >= 0 && file >= 0);
    dup2(file, STDOUT_FILENO);
    which->run(&self, args, &error);
    fflush(stdout);
    dup2(old, STDOUT_FILENO);
    close(old);
    close(file);
    terminal_free(self.screen);
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_msg(*text != '\0' || error == NULL, "%s: %s", which->name,
                  error != NULL ? error->message : "");
    g_clear_error(&error);
    return text;
}

char *
command_line_run(const char *line, GHashTable *names)
{
    g_autofree char *whole = g_strconcat("amilaunch ", line, NULL);
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GPtrArray) before = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) args = NULL;
    const command *which;
    char *text;
    int words = 0;

    ck_assert(g_shell_parse_argv(whole, NULL, &args, NULL));
    which = command_find((const char *const *)args + 1, &words);
    ck_assert_msg(which != NULL, "%s", line);
    g_hash_table_add(names, (char *)which->name);
    before = remember(which->options);
    if (which->options != NULL)
        g_option_context_add_main_entries(context, which->options, NULL);
    ck_assert_msg(g_option_context_parse_strv(context, &args, &error), "%s: %s", line,
                  error != NULL ? error->message : "");
    text = printed_by(which, (const char *const *)args + 1 + words);
    restore(which->options, before);
    return text;
}
