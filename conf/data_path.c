#include "conf/data_path.h"

#include <glib.h>

/* WITHIN/FILE in the folder FROM, or NULL if that isn't there. */
static char *
look_in(const char *from, const char *within, const char *file)
{
    g_autofree char *path = g_build_filename(from, within, file, NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

/* As it is built: programs that people don't call are a folder further down. NULL if it isn't
 * there. */
static char *
beside_program(const char *within, const char *file)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = program != NULL ? g_path_get_dirname(program) : NULL;
    g_autofree char *above = folder != NULL ? g_path_get_dirname(folder) : NULL;
    char *found;

    if (folder == NULL)
        return NULL;
    found = look_in(folder, within, file);
    return found != NULL ? found : look_in(above, within, file);
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
