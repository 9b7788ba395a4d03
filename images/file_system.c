#include "images/file_system.h"
#include "common/error.h"
#include "common/process.h"

char *
file_system_program(void)
{
    static const char *const paths[] = {"/usr/sbin/mke2fs", "/sbin/mke2fs"};
    char *found = process_find("mke2fs");

    for (guint i = 0; i < G_N_ELEMENTS(paths) && found == NULL; i++)
        if (g_file_test(paths[i], G_FILE_TEST_IS_EXECUTABLE))
            found = g_strdup(paths[i]);
    return found;
}

gboolean
file_system_make(const char *path, GError **error)
{
    g_autofree char *program = file_system_program();
    /* Few inodes and a small journal: that is what takes time and room on a large sparse disk. */
    const char *const argv[] = {program, "-q",     "-F", "-t",        "ext3", "-T", "largefile4",
                                "-J",    "size=4", "-E", "nodiscard", path,   NULL};

    if (program == NULL)
        return error_set(
            error, ERROR_HOST_INCOMPLETE,
            "the instance's disk ephemeral0 comes with a file system, and mke2fs isn't "
            "there to make it: apt install e2fsprogs");
    return process_run(argv, ERROR_HOST_DISK, NULL, error);
}
