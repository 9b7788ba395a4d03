#include "cli/completion.h"
#include "cli/text.h"
#include "launcher/filter_names.h"
#include "store/image_filters.h"

#include <stdio.h>
#include <string.h>

/* One line, whatever an image's author called it. */
static void
print_candidate(const completion *what, const char *text, const char *about)
{
    g_autofree char *clean = NULL;

    if (!g_str_has_prefix(text, what->typed))
        return;
    clean = text_clean(about);
    g_strdelimit(clean, "\n\t", ' ');
    printf("%.*s%s%s%s\n", (int)what->before_length, what->before, text, *clean != '\0' ? "\t" : "",
           clean);
}

static void
print_options(const completion *what, const GOptionEntry *options)
{
    for (; options != NULL && options->long_name != NULL; options++) {
        g_autofree char *text = g_strconcat("--", options->long_name, NULL);
        if ((options->flags & G_OPTION_FLAG_HIDDEN) == 0)
            print_candidate(what, text, options->description);
    }
}

/* "ls, show, import, ...": the second words of the commands that begin with FIRST. */
static char *
group_of(const char *first, gsize length)
{
    GString *group = g_string_new(NULL);

    for (int i = 0; commands[i] != NULL; i++)
        if (strncmp(commands[i]->name, first, length) == 0 && commands[i]->name[length] == ' ')
            g_string_append_printf(group, "%s%s", group->len > 0 ? ", " : "",
                                   commands[i]->name + length + 1);
    return g_string_free(group, FALSE);
}

static void
print_first_words(const completion *what)
{
    const char *last = "";

    for (int i = 0; commands[i] != NULL; i++) {
        const char *name = commands[i]->name;
        gsize length = strcspn(name, " ");
        g_autofree char *first = g_strndup(name, length);
        g_autofree char *group = group_of(name, length);

        if (name[length] == '\0')
            print_candidate(what, name, commands[i]->summary);
        else if (strncmp(last, name, length + 1) != 0)
            print_candidate(what, first, group);
        last = name;
    }
    print_candidate(what, "help", "Explain a command, or list them all");
}

static void
print_commands(const completion *what)
{
    gsize length;

    if (what->first == NULL) {
        print_first_words(what);
        return;
    }
    length = strlen(what->first);
    for (int i = 0; commands[i] != NULL; i++)
        if (g_str_has_prefix(commands[i]->name, what->first) && commands[i]->name[length] == ' ')
            print_candidate(what, commands[i]->name + length + 1, commands[i]->summary);
}

#define NAME(name, ...) name,

static const char *const *
filters_of(const command *which)
{
    static const char *const of_instances[] = {INSTANCE_FILTERS(NAME) NULL};
    static const char *const of_volumes[] = {VOLUME_FILTERS(NAME) NULL};
    static const char *const of_snapshots[] = {SNAPSHOT_FILTERS(NAME) NULL};
    static const char *const of_keys[] = {KEY_FILTERS(NAME) NULL};
    static const char *const of_types[] = {TYPE_FILTERS(NAME) NULL};
    static const char *const of_images[] = {IMAGE_FILTERS(NAME) NULL};
    static const struct {
        const char *command;
        const char *const *names;
    } lists[] = {{"ls", of_instances}, {"volume ls", of_volumes}, {"snapshot ls", of_snapshots},
                 {"key ls", of_keys},  {"type ls", of_types},     {"image ls", of_images}};

    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        if (which != NULL && g_str_equal(lists[i].command, which->name))
            return lists[i].names;
    return NULL;
}

static void
print_filters(const completion *what)
{
    const char *const *names = filters_of(what->which);

    for (; names != NULL && *names != NULL; names++) {
        g_autofree char *text = g_strdup_printf("name=%s,values=", *names);
        print_candidate(what, text, "");
    }
}

static void
print_records(launcher *engine, const completion *what)
{
    g_autoptr(GPtrArray) all =
        engine != NULL ? launcher_offers(engine, what->offers, what->typed, NULL) : NULL;

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const offer *one = all->pdata[i];
        print_candidate(what, one->text, one->about);
    }
}

void
completion_print(launcher *engine, const completion *what)
{
    switch (what->kind) {
    case COMPLETE_NOTHING:
        break;
    case COMPLETE_COMMANDS:
        print_commands(what);
        break;
    case COMPLETE_OPTIONS:
        print_options(what, what->which != NULL ? what->which->options : NULL);
        print_options(what, global_options);
        break;
    case COMPLETE_WORDS:
        for (const char *const *one = what->words; *one != NULL; one++)
            print_candidate(what, *one, "");
        break;
    case COMPLETE_FILTERS:
        print_filters(what);
        break;
    case COMPLETE_FILES:
        puts(":files");
        break;
    case COMPLETE_FOLDERS:
        puts(":folders");
        break;
    case COMPLETE_RECORDS:
        print_records(engine, what);
        break;
    }
}
