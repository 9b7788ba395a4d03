#include "cli/tags.h"
#include "cli/commands.h"
#include "cli/text.h"
#include "common/error.h"

#include <stdio.h>

static char **tags;
static gboolean all;

static const GOptionEntry add_options[] = {
    TAG_OPTION(&tags),
    {NULL},
};

static const GOptionEntry rm_options[] = {
    {"tag", 0, 0, G_OPTION_ARG_STRING_ARRAY, &tags,
     "take this tag away, only if it has that value where one is given; again for each",
     "KEY[=VALUE]"},
    {"all", 0, 0, G_OPTION_ARG_NONE, &all, "take all tags away", NULL},
    {NULL},
};

void
tags_print(const GPtrArray *some, const GPtrArray *product_codes)
{
    for (guint i = 0; product_codes != NULL && i < product_codes->len; i++) {
        const product_code *one = g_ptr_array_index(product_codes, i);
        g_autofree char *code = text_clean(one->code);
        printf("  product code   %s (%s)\n", code, one->kind);
    }
    for (guint i = 0; some != NULL && i < some->len; i++) {
        const tag *one = g_ptr_array_index(some, i);
        g_autofree char *key = text_clean(one->key);
        g_autofree char *value = text_clean(one->value);
        printf("  tag            %s = %s\n", key, value);
    }
}

static gboolean
run_add(app *self, const char *const *args, GError **error)
{
    if (tags == NULL)
        return error_set(error, ERROR_PARAMETER_MISSING,
                         "The request must contain the parameter Tag: --tag KEY=VALUE");
    return launcher_tag_add(self->engine, args, (const char *const *)tags, error);
}

static gboolean
run_rm(app *self, const char *const *args, GError **error)
{
    if ((tags == NULL) == !all)
        return error_set(error, ERROR_USAGE, "tag rm needs either --tag KEY or --all");
    return launcher_tag_remove(self->engine, args, (const char *const *)tags, error);
}

const command command_tag_add = {
    .name = "tag add",
    .arguments = "RESOURCE...",
    .summary = "Tag images, snapshots, volumes, instances or key pairs of one's own",
    .details = "A tag that is there gets the new value. At most 50 on each resource; a key has 1 "
               "to 127 characters\nand doesn't begin with aws:, a value has at most 255. "
               "Key=KEY,Value=VALUE is understood, too.",
    .least = 1,
    .most = -1,
    .options = add_options,
    .run = run_add,
};

const command command_tag_rm = {
    .name = "tag rm",
    .arguments = "RESOURCE...",
    .summary = "Take tags away",
    .least = 1,
    .most = -1,
    .options = rm_options,
    .run = run_rm,
};
