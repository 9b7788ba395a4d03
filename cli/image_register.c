#include "launcher/image_register.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/tags.h"
#include "common/error.h"
#include "launcher/bundles.h"

#include <stdio.h>

/* What both ways take is in the first. */
static register_request asked;
static bundle_register_ask bundle;

#define TEXT(name, place, text, what)                                                              \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING, (gpointer)(place), text, what                             \
    }
#define TEXTS(name, place, text, what)                                                             \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING_ARRAY, (gpointer)(place), text, what                       \
    }
#define FILENAME(name, place, text, what)                                                          \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_FILENAME, (gpointer)(place), text, what                           \
    }

static const GOptionEntry options[] = {
    TEXT("name", &asked.name, "name of the AMI (the bundle's)", "NAME"),
    TEXTS("map", &asked.map, "what a device is, as with run; again for each device", "DEVICE=WHAT"),
    FILENAME("manifest", &bundle.path, "of a bundle, whose parts are beside it, instead of --map",
             "FILE"),
    TEXT("root-device", &asked.root_device, "name of the root device (/dev/sda1, or the bundle's)",
         "DEVICE"),
    TEXT("arch", &asked.architecture, "x86_64, i386 or arm64 (as found, or the bundle's)", "ARCH"),
    TEXT("virt", &asked.virtualization,
         "hvm or paravirtual (as found; of a bundle, paravirtual with a kernel image)", "TYPE"),
    TEXT("boot-mode", &asked.boot_mode, "legacy-bios, uefi or uefi-preferred", "MODE"),
    TEXT("kernel", &asked.kernel, "kernel image of a paravirtual AMI: aki-... (the bundle's)",
         "AKI"),
    TEXT("ramdisk", &asked.ramdisk, "its ramdisk: ari-... (the bundle's)", "ARI"),
    TEXT("description", &asked.description, "words about it", "TEXT"),
    TEXTS("product-code", &asked.product_codes,
          "whose terms it comes with: KIND is marketplace or devpay", "CODE[:KIND]"),
    {"no-inspect", 0, 0, G_OPTION_ARG_NONE, &asked.no_inspect,
     "don't look into a root whose content isn't known yet", NULL},
    FILENAME("key", &bundle.keys.key, "private key that opens the bundle, PEM (HOME's)", "FILE"),
    FILENAME("cert", &bundle.keys.certificate, "certificate of who signed it (that of the key)",
             "FILE"),
    {"unsigned", 0, 0, G_OPTION_ARG_NONE, &bundle.unsigned_too,
     "take a manifest that nobody signed", NULL},
    TAG_OPTION(&asked.tags),
    {NULL},
};

/* What is only for the one or the other way. */
static gboolean
check_way(GError **error)
{
    gboolean of_bundle =
        bundle.keys.key != NULL || bundle.keys.certificate != NULL || bundle.unsigned_too;
    gboolean of_snapshots = asked.map != NULL || asked.boot_mode != NULL ||
                            asked.product_codes != NULL || asked.no_inspect;

    if (bundle.path == NULL && asked.map == NULL)
        return error_set(error, ERROR_PARAMETER_MISSING,
                         "image register needs --map DEVICE=SNAPSHOT or --manifest FILE: what is "
                         "to be registered");
    if (bundle.path != NULL && of_snapshots)
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "--map, --boot-mode, --product-code and --no-inspect don't go together "
                         "with --manifest");
    return bundle.path != NULL || !of_bundle ||
           error_set(error, ERROR_PARAMETER_COMBINATION,
                     "--key, --cert and --unsigned are for --manifest");
}

static char *
register_bundle(app *self, GError **error)
{
    bundle.name = asked.name;
    bundle.description = asked.description;
    bundle.virtualization = asked.virtualization;
    bundle.root_device = asked.root_device;
    bundle.architecture = asked.architecture;
    bundle.kernel = asked.kernel;
    bundle.ramdisk = asked.ramdisk;
    bundle.tags = asked.tags;
    return launcher_bundle_register(self->engine, &bundle, error);
}

static void
print_doubts(app *self, const char *id)
{
    g_autoptr(image_view) view = launcher_image_show(self->engine, id, NULL);
    g_autoptr(boot_plan) doubts = view != NULL ? launcher_image_doubts(self->engine, view) : NULL;

    if (doubts != NULL)
        print_warnings(doubts, TRUE);
}

static gboolean
run(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    g_autofree char *id = NULL;

    if (!check_way(error))
        return FALSE;
    id = bundle.path != NULL ? register_bundle(self, error)
                             : launcher_image_register(self->engine, &asked, error);
    terminal_clear(self->screen);
    if (id == NULL)
        return FALSE;
    if (bundle.path == NULL)
        print_doubts(self, id);
    if (self->json)
        ec2_print(json_pack("{s:s}", "ImageId", id));
    else
        puts(id);
    return TRUE;
}

const command command_image_register = {
    .name = "image register",
    .arguments = "",
    .summary = "Make an image (AMI) of snapshots, or of a bundle",
    .details =
        "One --map is for the root device: /dev/sda1=SNAPSHOT. Others can be volumes of snapshots "
        "or empty\nones (/dev/sdf=:100), instance-store disks (/dev/sdb=ephemeral0), or nothing "
        "(/dev/sdb=none).\n\n"
        "Of a bundle, HOME gets a copy, which is checked, but not unbundled before the first "
        "launch. That\nimage's root is on instance store.",
    .least = 0,
    .most = 0,
    .options = options,
    .run = run,
};
