#include "cli/commands.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/tags.h"

#include <stdio.h>

static import_request asked;

#define TEXT(name, place, text, what)                                                              \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING, (gpointer)(place), text, what                             \
    }

static const GOptionEntry import_options[] = {
    TEXT("name", &asked.name, "name of the AMI (the file's)", "NAME"),
    TEXT("format", &asked.format, "raw, qcow2, vmdk, vhd, vhdx or ova; found if it is safe to",
         "FORMAT"),
    TEXT("arch", &asked.architecture, "x86_64, i386 or arm64 (as found)", "ARCH"),
    TEXT("virt", &asked.virtualization, "hvm or paravirtual (as found)", "TYPE"),
    TEXT("root-device-type", &asked.root_device_type,
         "ebs or instance-store, where instances keep their root (ebs)", "TYPE"),
    TEXT("root-device", &asked.root_device, "name of the root device (/dev/sda1)", "DEVICE"),
    TEXT("kernel", &asked.kernel, "kernel image of a paravirtual AMI: aki-...", "AKI"),
    TEXT("description", &asked.description, "words about it", "TEXT"),
    TAG_OPTION(&asked.tags),
    TEXT("checksum", &asked.checksum, "what the file has to have: sha256:HEX or sha512:HEX", "SUM"),
    TEXT("checksums", &asked.checksums,
         "the list (SHA256SUMS, CHECKSUM) that has its checksum: a file or an address", "LIST"),
    {NULL},
};

static gboolean
run_import(app *self, const char *const *args, GError **error)
{
    g_autofree char *id = NULL;
    g_autoptr(image_view) view = NULL;
    g_autoptr(boot_plan) doubts = NULL;

    asked.path = args[0];
    id = launcher_image_import(self->engine, &asked, error);
    terminal_clear(self->screen);
    view = id != NULL ? launcher_image_show(self->engine, id, error) : NULL;
    if (view == NULL)
        return FALSE;
    doubts = launcher_image_doubts(self->engine, view);
    if (doubts != NULL)
        print_warnings(doubts, TRUE);
    if (self->json)
        ec2_print(json_pack("{s:s, s:s}", "ImageId", id, "Name", view->ami->name));
    else
        printf("%s  %s\n", id, view->ami->name);
    return TRUE;
}

const command command_image_import = {
    .name = "image import",
    .arguments = "FILE|URL",
    .summary = "Make an image (AMI) of a disk image file, or of one on the web",
    .details =
        "Takes raw, qcow2, vmdk, vhd, vhdx and the disk of an ova; copies it into a snapshot "
        "that is never\nwritten again, looks into it once, and registers it. A file that "
        "refers to other files is\nrefused.\n\n"
        "From an http or https address the file is fetched first; what breaks off is gone on "
        "with by the same\ncommand. State the checksum that its publisher tells.",
    .least = 1,
    .most = 1,
    .options = import_options,
    .run = run_import,
};
