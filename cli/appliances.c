#include "launcher/appliances.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/text.h"

#include <stdio.h>

static gboolean force;

static const GOptionEntry build_options[] = {
    {"force", 0, 0, G_OPTION_ARG_NONE, &force, "even if there is nothing newer", NULL},
    {NULL},
};

/* ---- what is shown ---- */

static json_t *
versions(const xen_appliance *appliance)
{
    json_t *list = json_array();

    for (guint i = 0; i < appliance->packages->len; i++) {
        const xen_appliance_package *package = g_ptr_array_index(appliance->packages, i);
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "Name", package->name, "Version", package->version));
    }
    return list;
}

static void
print_json(const xen_appliance *appliance, int current)
{
    ec2_print(json_pack("{s:s, s:s, s:o, s:I, s:i, s:o}", "Path", appliance->folder, "Built",
                        appliance->built, "Current",
                        current < 0 ? json_null() : json_boolean(current), "Bytes",
                        (json_int_t)appliance->bytes, "OverheadMiB", (int)appliance->overhead_mib,
                        "Versions", versions(appliance)));
}

static void
print_text(const xen_appliance *appliance, int current)
{
    static const char *const words[] = {"can't be asked here", "no: amilaunch appliance build",
                                        "yes"};
    g_autofree char *folder = text_clean(appliance->folder);
    g_autofree char *size = print_size(appliance->bytes);

    printf("%-10s %s\n%-10s %s\n%-10s %s\n%-10s %s\n%-10s %u MiB beside the guest's\n", "path",
           folder, "built", appliance->built, "current", words[current + 1], "size", size, "memory",
           appliance->overhead_mib);
    for (guint i = 0; i < appliance->packages->len; i++) {
        const xen_appliance_package *package = g_ptr_array_index(appliance->packages, i);
        g_autofree char *name = text_clean(package->name);
        g_autofree char *version = text_clean(package->version);
        printf("%-10s %s %s\n", i == 0 ? "made from" : "", name, version);
    }
}

static gboolean
show(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    int current = -1;
    g_autoptr(xen_appliance) appliance = launcher_appliance_show(self->engine, &current, error);

    terminal_clear(self->screen);
    if (appliance == NULL)
        return FALSE;
    if (self->json)
        print_json(appliance, current);
    else
        print_text(appliance, current);
    return TRUE;
}

static gboolean
build(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    gboolean made = FALSE;

    if (!launcher_appliance_build(self->engine, force, &made, error)) {
        terminal_clear(self->screen);
        return FALSE;
    }
    if (self->json)
        return show(self, args, error);
    terminal_clear(self->screen);
    puts(made ? "the Xen appliance was made" : "the Xen appliance is made from the newest already");
    return TRUE;
}

static gboolean
rm(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    return launcher_appliance_rm(self->engine, error);
}

const command command_appliance_build = {
    .name = "appliance build",
    .arguments = "",
    .summary = "Make the Xen appliance, by which paravirtual guests run",
    .details =
        "Downloads a stock Xen, Linux kernel and GRUB from the distribution's package mirror and "
        "unpacks\nthem; nothing is installed. Does nothing if there is nothing newer.",
    .least = 0,
    .most = 0,
    .options = build_options,
    .run = build,
};

const command command_appliance_show = {
    .name = "appliance show",
    .arguments = "",
    .summary = "Say where the Xen appliance is, and what it was made from",
    .least = 0,
    .most = 0,
    .run = show,
};

const command command_appliance_rm = {
    .name = "appliance rm",
    .arguments = "",
    .summary = "Remove the Xen appliance in HOME",
    .details =
        "Refused while an instance runs by it. One for everybody on this host is left alone.",
    .least = 0,
    .most = 0,
    .run = rm,
};
