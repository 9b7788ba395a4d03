#include "cli/commands.h"
#include "cli/json.h"
#include "cli/tags.h"
#include "common/error.h"
#include "launcher/bundles.h"

#include <stdio.h>

static bundle_register_ask asked;

#define TEXT(name, place, text, what)                                                              \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING, (gpointer)(place), text, what                             \
    }
#define FILENAME(name, place, text, what)                                                          \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_FILENAME, (gpointer)(place), text, what                           \
    }

static const GOptionEntry register_options[] = {
    FILENAME("manifest", &asked.path, "of a bundle, whose parts are beside it", "FILE"),
    TEXT("name", &asked.name, "name of the AMI (the bundle's)", "NAME"),
    TEXT("description", &asked.description, "words about it", "TEXT"),
    TEXT("virt", &asked.virtualization, "hvm or paravirtual (paravirtual with a kernel image)",
         "TYPE"),
    TEXT("root-device", &asked.root_device, "name of the root device (the bundle's)", "DEVICE"),
    TEXT("arch", &asked.architecture, "x86_64, i386 or arm64 (the bundle's)", "ARCH"),
    TEXT("kernel", &asked.kernel, "aki-... (the bundle's)", "AKI"),
    TEXT("ramdisk", &asked.ramdisk, "ari-... (the bundle's)", "ARI"),
    FILENAME("key", &asked.keys.key, "private key that opens the bundle, PEM (HOME's)", "FILE"),
    FILENAME("cert", &asked.keys.certificate, "certificate of who signed it (that of the key)",
             "FILE"),
    TAG_OPTION(&asked.tags),
    {"unsigned", 0, 0, G_OPTION_ARG_NONE, &asked.unsigned_too, "take a manifest that nobody signed",
     NULL},
    {NULL},
};

static gboolean
run_register(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    g_autofree char *id = NULL;

    if (asked.path == NULL)
        return error_set(error, ERROR_PARAMETER_MISSING,
                         "image register needs --manifest FILE: what is to be registered");
    id = launcher_bundle_register(self->engine, &asked, error);
    terminal_clear(self->screen);
    if (id == NULL)
        return FALSE;
    if (self->json)
        ec2_print(json_pack("{s:s}", "ImageId", id));
    else
        puts(id);
    return TRUE;
}

const command command_image_register = {
    .name = "image register",
    .arguments = "",
    .summary = "Make an image (AMI) of a bundle",
    .details =
        "HOME gets a copy of the bundle, which is checked, but not unbundled before the first "
        "launch.\nThe image's root is on instance store.",
    .least = 0,
    .most = 0,
    .options = register_options,
    .run = run_register,
};
