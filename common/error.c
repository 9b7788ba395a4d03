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

const char *
error_code_text(const GError *error)
{
    if (error->domain != AMILAUNCH_ERROR || error->code < 0 || error->code >= ERROR_COUNT)
        return table[ERROR_INTERNAL].text;
    return table[error->code].text;
}

int
error_exit_status(const GError *error)
{
    if (error->domain != AMILAUNCH_ERROR || error->code < 0 || error->code >= ERROR_COUNT)
        return KIND_HOST;
    return table[error->code].kind;
}
