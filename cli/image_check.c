#include "cli/findings.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "common/error.h"

#include <stdio.h>

static gboolean strict;

static const GOptionEntry check_options[] = {
    {"strict", 0, 0, G_OPTION_ARG_NONE, &strict,
     "exit status 1 if there are findings, or no system was found", NULL},
    {NULL},
};

static json_t *
finding_object(const finding *what)
{
    json_t *object = json_pack("{s:s, s:s, s:s}", "Id", what->id, "Severity",
                               severity_words[what->weight], "Description", what->what);

    if (what->path != NULL)
        json_object_set_new(object, "Path", json_string(what->path));
    if (what->mend != NULL)
        json_object_set_new(object, "Mend", json_string(what->mend));
    if (what->advice != NULL)
        json_object_set_new(object, "Advice", json_string(what->advice));
    return object;
}

static void
print_json(const check_report *report)
{
    json_t *findings = json_array();
    json_t *notes = json_array();
    const char *product = report->facts->product;

    for (guint i = 0; i < report->findings->len; i++)
        json_array_append_new(findings, finding_object(g_ptr_array_index(report->findings, i)));
    for (guint i = 0; i < report->facts->notes->len; i++)
        json_array_append_new(notes, json_string(g_ptr_array_index(report->facts->notes, i)));
    ec2_print(json_pack("{s:s, s:s?, s:s?, s:o, s:o}", "ImageId", report->image, "OsType",
                        report->facts->os_type, "System", product, "Findings", findings, "Notes",
                        notes));
}

static gboolean
run_check(app *self, const char *const *args, GError **error)
{
    g_autoptr(check_report) report = launcher_image_check(self->engine, args[0], error);

    terminal_clear(self->screen);
    if (report == NULL)
        return FALSE;
    if (self->json)
        print_json(report);
    else
        findings_print(report, stdout);
    if (!strict || (report->findings->len == 0 && report->facts->os_type != NULL))
        return TRUE;
    if (report->facts->os_type == NULL)
        return error_set(error, ERROR_NOT_PERMITTED, "No operating system was found in %s",
                         report->image);
    return error_set(error, ERROR_NOT_PERMITTED, "%u finding%s in %s", report->findings->len,
                     report->findings->len == 1 ? "" : "s", report->image);
}

const command command_image_check = {
    .name = "image check",
    .arguments = "AMI",
    .summary = "Look inside an image for what should not be in one that others get",
    .details =
        "Looks for keys that let people in, host keys, private keys, passwords, logins by "
        "password, "
        "ssh not\non port 22 (RDP not on 3389), shell histories, credentials, logs with secrets, "
        "cloud-init's state, a\nmachine id, used swap, system files that everybody can write, and "
        "a system past its updates. Each\nfinding says how to mend it: most by an option of image "
        "customize. The exit status is 0 if it could look,\nwhatever it found, unless --strict is "
        "given.",
    .least = 1,
    .most = 1,
    .options = check_options,
    .run = run_check,
};
