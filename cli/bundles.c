#include "launcher/bundles.h"
#include "cli/commands.h"
#include "cli/json.h"

#include <stdio.h>

static bundle_ask asked = {.folder = ".", .level = 6};
static unbundle_ask opening;
static char **map;

#define TEXT(name, place, text, what)                                                              \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING, (gpointer)(place), text, what                             \
    }
#define FILENAME(name, place, text, what)                                                          \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_FILENAME, (gpointer)(place), text, what                           \
    }
#define FLAG(name, place, text)                                                                    \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_NONE, place, text, NULL                                           \
    }

static const GOptionEntry bundle_options[] = {
    FILENAME("out", &asked.folder, "folder for the bundle (the current one)", "DIR"),
    TEXT("prefix", &asked.name, "first part of its files' names (the file's, or image)", "NAME"),
    TEXT("user", &asked.user, "account in the manifest (yours)", "ID"),
    FILENAME("cert", &asked.keys.certificate, "your certificate, PEM (HOME has a pair)", "FILE"),
    FILENAME("key", &asked.keys.key, "its private key, PEM", "FILE"),
    FILENAME("ec2-cert", &asked.keys.cloud_certificate, "the cloud's certificate, PEM (HOME's)",
             "FILE"),
    TEXT("format", &asked.format, "of the disk image: as for image import", "FORMAT"),
    TEXT("arch", &asked.architecture, "x86_64, i386 or arm64 (the instance's)", "ARCH"),
    TEXT("kernel", &asked.kernel, "aki-... (the instance's)", "AKI"),
    TEXT("ramdisk", &asked.ramdisk, "ari-... (the instance's)", "ARI"),
    {"map", 0, 0, G_OPTION_ARG_STRING_ARRAY, &map,
     "/dev/sdb=ephemeral0; repeat for more (the instance's)", "DEVICE=NAME"},
    {"level", 0, 0, G_OPTION_ARG_INT, &asked.level, "of gzip, 1 to 9 (6)", "N"},
    FLAG("force", &asked.replace, "replace a bundle of that name"),
    {NULL},
};

static const GOptionEntry unbundle_options[] = {
    FILENAME("out", &opening.output, "the image (the manifest's name, with .raw)", "FILE"),
    FILENAME("key", &opening.keys.key, "private key that opens it, PEM (HOME's)", "FILE"),
    FILENAME("cert", &opening.keys.certificate, "certificate of who signed it (that of the key)",
             "FILE"),
    FLAG("unsigned", &opening.unsigned_too, "take a manifest that nobody signed"),
    FLAG("force", &opening.replace, "replace a file that is there"),
    {NULL},
};

static gboolean
run_bundle(app *self, const char *const *args, GError **error)
{
    g_autofree char *manifest = NULL;

    asked.source = args[0];
    asked.map = (const char *const *)map;
    manifest = launcher_bundle(self->engine, &asked, error);
    terminal_clear(self->screen);
    if (manifest == NULL)
        return FALSE;
    if (self->json)
        ec2_print(json_pack("{s:s}", "Manifest", manifest));
    else
        puts(manifest);
    return TRUE;
}

static gboolean
run_unbundle(app *self, const char *const *args, GError **error)
{
    g_autofree char *raw = NULL;

    opening.path = args[0];
    raw = launcher_unbundle(self->engine, &opening, error);
    terminal_clear(self->screen);
    if (raw == NULL)
        return FALSE;
    if (self->json)
        ec2_print(json_pack("{s:s}", "Image", raw));
    else
        puts(raw);
    return TRUE;
}

const command command_image_bundle = {
    .name = "image bundle",
    .arguments = "INSTANCE|FILE",
    .summary = "Bundle an instance's root or a disk image as EC2's own tools do",
    .details =
        "Writes NAME.part.00, ... and NAME.manifest.xml: the image in a tar, gzipped, encrypted "
        "and\nsigned. A running instance is read as it is at one moment: an EBS root through a "
        "snapshot;\nwith a root on instance store, the guest rests while what it has written is "
        "copied.",
    .least = 1,
    .most = 1,
    .options = bundle_options,
    .run = run_bundle,
};

const command command_image_unbundle = {
    .name = "image unbundle",
    .arguments = "MANIFEST",
    .summary = "Make a raw disk image of a bundle, whose parts are beside its manifest",
    .details = "The signature, the sizes and each digest are checked; a bundle that isn't whole or "
               "was\nchanged gives no image.",
    .least = 1,
    .most = 1,
    .options = unbundle_options,
    .run = run_unbundle,
};
