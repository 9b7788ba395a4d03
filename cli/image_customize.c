#include "cli/commands.h"
#include "cli/json.h"
#include "cli/tags.h"
#include "common/error.h"
#include "launcher/customizing.h"

#include <stdio.h>

static customize_request asked;
static GPtrArray *steps; /* customize_step*, in the order in which they were given */

static const struct {
    const char *option;
    customize_verb verb;
} verbs[] = {
    {"--run", CUSTOMIZE_RUN},           {"--command", CUSTOMIZE_COMMAND},
    {"--copy-in", CUSTOMIZE_COPY_IN},   {"--install", CUSTOMIZE_INSTALL},
    {"--update", CUSTOMIZE_UPDATE},     {"--delete", CUSTOMIZE_DELETE},
    {"--mkdir", CUSTOMIZE_MKDIR},       {"--write", CUSTOMIZE_WRITE},
    {"--truncate", CUSTOMIZE_TRUNCATE}, {"--chmod", CUSTOMIZE_CHMOD},
    {"--lock", CUSTOMIZE_LOCK},         {"--hostname", CUSTOMIZE_HOSTNAME},
};

static gboolean
take_step(const char *option, const char *value, gpointer data G_GNUC_UNUSED,
          GError **error G_GNUC_UNUSED)
{
    if (steps == NULL)
        steps = g_ptr_array_new_with_free_func((GDestroyNotify)customize_step_free);
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (g_str_equal(verbs[i].option, option))
            g_ptr_array_add(steps, customize_step_new(verbs[i].verb, value));
    return TRUE;
}

#define STEP(name, text, what)                                                                     \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)take_step, text, what                         \
    }
#define TEXT(name, place, text, what)                                                              \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING, (gpointer)(place), text, what                             \
    }

static const GOptionEntry options[] = {
    TEXT("name", &asked.name, "name of the new AMI", "NAME"),
    TEXT("description", &asked.description, "words about it (of which image it was made)", "TEXT"),
    TAG_OPTION(&asked.tags),
    STEP("run", "run a script of the host's, inside", "SCRIPT"),
    STEP("command", "run a command, inside", "COMMAND"),
    STEP("copy-in", "copy a file or folder of the host's into a folder", "FILE:FOLDER"),
    STEP("install", "install packages", "PACKAGE,..."),
    {"update", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, (gpointer)take_step,
     "update all packages", NULL},
    STEP("delete", "delete a file, a folder, or what a pattern names", "PATH"),
    STEP("mkdir", "make a folder", "PATH"),
    STEP("write", "write a file", "PATH:TEXT"),
    STEP("truncate", "empty a file", "PATH"),
    STEP("chmod", "change a file's mode", "MODE:PATH"),
    STEP("lock", "take away a user's password", "USER"),
    STEP("hostname", "set the name of the host", "NAME"),
    {"network", 0, 0, G_OPTION_ARG_NONE, &asked.network,
     "let scripts and commands reach the network", NULL},
    {NULL},
};

static gboolean
run_customize(app *self, const char *const *args, GError **error)
{
    g_autoptr(GPtrArray) taken = g_steal_pointer(&steps);
    g_autofree char *id = NULL;

    if (asked.name == NULL)
        return error_set(error, ERROR_USAGE,
                         "image customize needs --name NEW; see amilaunch image "
                         "customize --help");
    if (taken == NULL)
        taken = g_ptr_array_new();
    asked.image = args[0];
    asked.steps = taken;
    id = launcher_image_customize(self->engine, &asked, error);
    terminal_clear(self->screen);
    if (id == NULL)
        return FALSE;
    if (self->json)
        ec2_print(json_pack("{s:s, s:s}", "ImageId", id, "Name", asked.name));
    else
        printf("%s  %s\n", id, asked.name);
    return TRUE;
}

const command command_image_customize = {
    .name = "image customize",
    .arguments = "AMI",
    .summary = "Make an image of another one with something changed inside, without starting it",
    .details =
        "The options that say what to change can be given again, and are taken in the order "
        "in which they\nare given. All happens inside of libguestfs' appliance, scripts "
        "included, on an overlay over the root's\nsnapshot; the image itself stays as it is. "
        "Only --install and --update reach the network, unless\n--network is given.",
    .least = 1,
    .most = 1,
    .options = options,
    .run = run_customize,
};
