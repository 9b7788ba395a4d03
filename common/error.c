#include "common/error.h"

#include <errno.h>

static const struct {
    const char *text;
    error_kind kind;
} table[] = {
#define X(name, text, kind) {text, kind},
    ERROR_TABLE(X)
#undef X
};

G_DEFINE_QUARK(amilaunch - error - quark, amilaunch_error)

gboolean
error_set(GError **error, error_code code, const char *format, ...)
{
    va_list args;

    if (error == NULL)
        return FALSE;
    va_start(args, format);
    *error = g_error_new_valist(AMILAUNCH_ERROR, code, format, args);
    va_end(args);
    return FALSE;
}

gboolean
error_set_errno(GError **error, int errnum, const char *format, ...)
{
    g_autofree char *what = NULL;
    gboolean denied = errnum == EACCES || errnum == EPERM || errnum == EROFS;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    return error_set(error, denied ? ERROR_HOST_PERMISSION : ERROR_HOST_DISK, "%s: %s", what,
                     g_strerror(errnum));
}

gboolean
error_prefix(GError **error, const char *format, ...)
{
    g_autofree char *prefix = NULL;
    va_list args;

    if (error == NULL || *error == NULL)
        return FALSE;
    va_start(args, format);
    prefix = g_strdup_vprintf(format, args);
    va_end(args);
    g_prefix_error(error, "%s: ", prefix);
    return FALSE;
}

gboolean
error_is(const GError *error, error_code code)
{
    return g_error_matches(error, AMILAUNCH_ERROR, code);
}

/* What GLib says of files it says of the host's disk. */
static error_code
code_of_file_error(int code)
{
    return code == G_FILE_ERROR_ACCES || code == G_FILE_ERROR_PERM || code == G_FILE_ERROR_ROFS
               ? ERROR_HOST_PERMISSION
               : ERROR_HOST_DISK;
}

error_code
error_code_of(const GError *error)
{
    if (error->domain == G_FILE_ERROR)
        return code_of_file_error(error->code);
    if (error->domain != AMILAUNCH_ERROR || error->code < 0 || error->code >= ERROR_COUNT)
        return ERROR_INTERNAL;
    return (error_code)error->code;
}

const char *
error_code_text(const GError *error)
{
    return table[error_code_of(error)].text;
}

int
error_exit_status(const GError *error)
{
    return (int)table[error_code_of(error)].kind;
}
