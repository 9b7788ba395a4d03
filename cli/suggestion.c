#include "cli/suggestion.h"
#include "common/distance.h"

#include <string.h>

typedef struct {
    const char *typed;
    const char *name; /* the nearest so far */
    guint distance;
} nearest;

/* Two slips are forgiven, and in a short written one: else anything is near anything. */
static nearest
begin(const char *typed)
{
    nearest self = {typed, NULL, strlen(typed) > 4 ? 3 : 2};

    return self;
}

/* By the first LENGTH bytes of NAME. */
static void
consider(nearest *self, const char *name, gsize length)
{
    g_autofree char *compared = g_strndup(name, length);
    guint distance = edit_distance(self->typed, compared);

    if (distance >= self->distance)
        return;
    self->distance = distance;
    self->name = name;
}

const char *
suggest_command(const char *const *args)
{
    g_autofree char *both = args[1] != NULL ? g_strjoin(" ", args[0], args[1], NULL) : NULL;
    nearest one = begin(args[0]);
    nearest two = begin(both != NULL ? both : args[0]);

    for (int i = 0; commands[i] != NULL; i++) {
        const char *name = commands[i]->name;
        const char *space = strchr(name, ' ');
        consider(&one, name, space != NULL ? (gsize)(space - name) : strlen(name));
        if (both != NULL)
            consider(&two, name, strlen(name));
    }
    return two.name != NULL ? two.name : one.name;
}

static void
consider_options(nearest *self, const GOptionEntry *options)
{
    for (; options != NULL && options->long_name != NULL; options++)
        if ((options->flags & G_OPTION_FLAG_HIDDEN) == 0)
            consider(self, options->long_name, strlen(options->long_name));
}

const char *
suggest_option(const command *which, const char *written)
{
    const char *from = written + strspn(written, "-");
    g_autofree char *typed = g_strndup(from, strcspn(from, "="));
    nearest self = begin(typed);

    if (which != NULL)
        consider_options(&self, which->options);
    consider_options(&self, global_options);
    return self.name;
}
