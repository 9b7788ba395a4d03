#include "cli/commands.h"
#include "cli/json.h"
#include "common/error.h"

#include <stdio.h>
#include <unistd.h>

static gboolean
write_out(GBytes *picture, GError **error)
{
    gsize length;
    const void *data = g_bytes_get_data(picture, &length);

    if (isatty(STDOUT_FILENO))
        return error_set(error, ERROR_USAGE, "a picture is nothing for a terminal: name a file");
    fwrite(data, 1, length, stdout);
    return TRUE;
}

static gboolean
write_file(GBytes *picture, const char *path, GError **error)
{
    g_autoptr(GError) problem = NULL;
    gsize length;
    const char *data = g_bytes_get_data(picture, &length);

    if (!g_file_set_contents(path, data, (gssize)length, &problem))
        return error_set(error, ERROR_HOST_DISK, "%s", problem->message);
    puts(path);
    return TRUE;
}

static gboolean
print_json(GBytes *picture, const char *id)
{
    gsize length;
    const guchar *data = g_bytes_get_data(picture, &length);
    g_autofree char *base64 = g_base64_encode(data, length);

    ec2_print(json_pack("{s:s, s:s}", "ImageData", base64, "InstanceId", id));
    return TRUE;
}

static gboolean
run(app *self, const char *const *args, GError **error)
{
    g_autoptr(GBytes) picture = launcher_screenshot(self->engine, args[0], error);
    g_autofree char *named = g_strconcat(args[0], ".png", NULL);
    const char *path = args[1] != NULL ? args[1] : named;

    if (picture == NULL)
        return FALSE;
    if (self->json)
        return print_json(picture, args[0]);
    return g_str_equal(path, "-") ? write_out(picture, error) : write_file(picture, path, error);
}

const command command_screenshot = {
    .name = "screenshot",
    .arguments = "INSTANCE [FILE]",
    .summary = "Take a picture (PNG) of an instance's screen; - for standard output",
    .details = "Without FILE it is INSTANCE.png. Windows has a screen, other guests have a serial "
               "console, which\n`amilaunch log` shows, unless the configuration says screens = "
               "\"always\". With --json it is ImageData, in base64.",
    .least = 1,
    .most = 2,
    .run = run,
};
