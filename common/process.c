#include "common/error.h"
#include "common/process.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

static void
die_with_parent(gpointer unused G_GNUC_UNUSED)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Programs put what went wrong last. */
static const char *
last_line(char *text)
{
    char *newline;

    g_strchomp(text);
    newline = strrchr(text, '\n');
    return newline != NULL ? newline + 1 : text;
}

gboolean
process_run(const char *const *argv, error_code failed, char **output, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_autoptr(GSubprocess) child = NULL;
    g_autoptr(GError) problem = NULL;
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_subprocess_launcher_set_child_setup(launcher, die_with_parent, NULL, NULL);
    g_subprocess_launcher_setenv(launcher, "LC_ALL", "C", TRUE);
    child = g_subprocess_launcher_spawnv(launcher, argv, &problem);
    if (child == NULL)
        return error_set(error, failed, "can't start %s: %s", argv[0], problem->message);
    if (!g_subprocess_communicate_utf8(child, NULL, NULL, &out, &err, &problem))
        return error_set(error, failed, "can't read from %s: %s", argv[0], problem->message);
    if (!g_subprocess_get_successful(child))
        return error_set(error, failed, "%s failed: %s", argv[0],
                         *err != '\0' ? last_line(err) : "it said nothing");
    if (output != NULL)
        *output = g_steal_pointer(&out);
    return TRUE;
}

char *
process_find(const char *program)
{
    return g_find_program_in_path(program);
}
