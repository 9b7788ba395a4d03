#include "cli/user_data.h"
#include "common/error.h"

#include <errno.h>
#include <stdio.h>

/* More than the 16 KiB that EC2 takes, so that the engine refuses it; a device may never end. */
#define ENOUGH (16384 + 1)

static char *
read_base64(FILE *file, const char *name, GError **error)
{
    guchar data[ENOUGH];
    gsize length = fread(data, 1, sizeof data, file);

    if (ferror(file)) {
        error_set_errno(error, errno, "%s", name);
        return NULL;
    }
    return g_base64_encode(data, length);
}

char *
user_data_read(const char *path, GError **error)
{
    FILE *file;
    char *base64;

    if (g_str_equal(path, "-"))
        return read_base64(stdin, "standard input", error);
    file = fopen(path, "re");
    if (file == NULL) {
        if (errno == ENOENT)
            error_set(error, ERROR_PARAMETER_VALUE, "%s: there is no such file", path);
        else
            error_set_errno(error, errno, "%s", path);
        return NULL;
    }
    base64 = read_base64(file, path, error);
    fclose(file);
    return base64;
}
