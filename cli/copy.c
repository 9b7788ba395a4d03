#include "cli/commands.h"
#include "cli/json.h"
#include "cli/tags.h"
#include "launcher/copying.h"

#include <stdio.h>

static copy_request asked;

#define TEXT(name, place, text, what)                                                              \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING, (gpointer)(place), text, what                             \
    }

#define REGIONS                                                                                    \
    TEXT("to", &asked.to, "region to copy to (the one that is asked in)", "REGION"),               \
        TEXT("from", &asked.from, "region to copy from (the one that is asked in)", "REGION")

static const GOptionEntry image_options[] = {
    REGIONS,
    TEXT("name", &asked.name, "name of the copy (the image's)", "NAME"),
    TEXT("description", &asked.description, "words about it", "TEXT"),
    {"copy-tags", 0, 0, G_OPTION_ARG_NONE, &asked.copy_tags, "the image's tags come with it", NULL},
    TAG_OPTION(&asked.tags),
    {NULL},
};

static const GOptionEntry snapshot_options[] = {
    REGIONS,
    TEXT("description", &asked.description, "words about it", "TEXT"),
    TAG_OPTION(&asked.tags),
    {NULL},
};

static gboolean
run_image(app *self, const char *const *args, GError **error)
{
    g_autofree char *id = launcher_image_copy(self->engine, args[0], &asked, error);

    terminal_clear(self->screen);
    if (id == NULL)
        return FALSE;
    if (self->json)
        ec2_print(json_pack("{s:s}", "ImageId", id));
    else
        puts(id);
    return TRUE;
}

static gboolean
run_snapshot(app *self, const char *const *args, GError **error)
{
    g_autoptr(snapshot) made = launcher_snapshot_copy(self->engine, args[0], &asked, error);

    terminal_clear(self->screen);
    if (made == NULL)
        return FALSE;
    if (self->json)
        ec2_print(json_pack("{s:s}", "SnapshotId", made->id));
    else
        puts(made->id);
    return TRUE;
}

const command command_image_copy = {
    .name = "image copy",
    .arguments = "AMI",
    .summary = "Make a copy of an image, with an id of its own, in another region",
    .details = "No bytes are copied: it takes as long for a large image as for a small one, and "
               "either can be\ndeleted without the other. The copy belongs to who asks, who has to "
               "be allowed to launch the image.\nPermissions don't come with it.",
    .least = 1,
    .most = 1,
    .options = image_options,
    .run = run_image,
};

const command command_snapshot_copy = {
    .name = "snapshot copy",
    .arguments = "SNAPSHOT",
    .summary = "Make a copy of a snapshot, with an id of its own, in another region",
    .details = "No bytes are copied. Permissions don't come with it.",
    .least = 1,
    .most = 1,
    .options = snapshot_options,
    .run = run_snapshot,
};
