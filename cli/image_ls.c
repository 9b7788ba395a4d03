#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/json.h"
#include "cli/recycle_bin.h"
#include "cli/table.h"
#include "common/times.h"
#include "launcher/image_find.h"
#include "store/image_filters.h"

#include <stdio.h>

static gboolean only_ids;
static gboolean in_bin;
static image_find_request asked;

#define LIST(name, place, text, what)                                                              \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING_ARRAY, (gpointer)(place), text, what                       \
    }
#define FLAG(name, place, text)                                                                    \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_NONE, place, text, NULL                                           \
    }

static const GOptionEntry options[] = {
    FILTER_OPTIONS(&asked.filters),
    LIST("owner", &asked.owners, "only its images: self, amazon, aws-marketplace or an account",
         "WHO"),
    LIST("executable-by", &asked.executable_by,
         "only images that were given to it: self, all or an account", "WHO"),
    {"view", 0, 0, G_OPTION_ARG_STRING, (gpointer)&asked.view,
     "EC2's console's: quickstart, mine, marketplace or community (all)", "VIEW"},
    FLAG("include-deprecated", &asked.include_deprecated, "others' deprecated images, too"),
    FLAG("include-disabled", &asked.include_disabled, "one's own disabled images, too"),
    FLAG("bin", &in_bin, "list what is in the recycle bin instead"),
    FLAG("ids", &only_ids, "print only ids, for scripts"),
    {NULL},
};

static void
print_ids(const GPtrArray *views)
{
    for (guint i = 0; i < views->len; i++)
        puts(((image_view *)g_ptr_array_index(views, i))->ami->id);
}

static void
print_list(const GPtrArray *views)
{
    static const char *const headings[] = {"IMAGE",        "NAME",           "STATE",
                                           "ARCHITECTURE", "VIRTUALIZATION", "ROOT",
                                           "OWNER",        "CREATED",        NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < views->len; i++) {
        const image_view *view = g_ptr_array_index(views, i);
        const image *ami = view->ami;
        g_autofree char *created = time_spelled(ami->created);
        text_table_add(table, ami->id);
        text_table_add(table, ami->name);
        text_table_add(table, image_state_words[ami->state]);
        text_table_add(table, ami->architecture);
        text_table_add(table, virtualization_words[ami->virtualization]);
        text_table_add(table, root_device_type_words[ami->root_device_type]);
        text_table_add(table, view->owner_alias != NULL ? view->owner_alias : ami->owner);
        text_table_add(table, ami->created != 0 ? created : "-");
    }
    text_table_print(table, asked.filters != NULL || asked.owners != NULL ||
                                    asked.executable_by != NULL || asked.view != NULL
                                ? "no such images"
                                : "no images; amilaunch image import FILE makes one of a disk "
                                  "image");
}

static gboolean
run(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    g_autoptr(GPtrArray) views = NULL;

    if (in_bin)
        return bin_print_images(self, only_ids, error);
    asked.whole = self->json && !only_ids;
    views = launcher_image_find(self->engine, &asked, error);
    if (views == NULL)
        return FALSE;
    if (only_ids)
        print_ids(views);
    else if (self->json)
        ec2_print(ec2_images(views));
    else
        print_list(views);
    return TRUE;
}

const command command_image_ls = {
    .name = "image ls",
    .arguments = "",
    .summary = "List the images that one can see, newest first",
    .details = FILTER_HELP IMAGE_FILTERS(FILTER_NAME) " tag:KEY.",
    .least = 0,
    .most = 0,
    .options = options,
    .run = run,
};
