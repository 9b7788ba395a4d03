#include "conf/data_path.h"

#include <glib.h>

/* NULL if it isn't there. */
static char *
beside_program(const char *within, const char *file)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = program != NULL ? g_path_get_dirname(program) : NULL;
    g_autofree char *path = NULL;

    if (folder == NULL)
        return NULL;
    path = g_build_filename(folder, within, file, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

char *
data_path(const char *chosen, const char *file)
{
    const char *folder = g_getenv("AMILAUNCH_DATADIR");
    char *built;

    if (chosen != NULL)
        return g_strdup(chosen);
    if (folder != NULL && *folder != '\0')
        return g_build_filename(folder, file, NULL);
    built = beside_program("conf", file);
    return built != NULL ? built : g_build_filename(PKGDATADIR, file, NULL);
}

char *
program_path(const char *file)
{
    char *built = beside_program("appliance", file);

    if (built == NULL)
        built = beside_program("net", file);
    return built != NULL ? built : g_build_filename(PKGLIBEXECDIR, file, NULL);
}
