#include "cli/metadata_options.h"
#include "common/error.h"

gboolean
hop_limit_parse(const char *text, guint *limit, GError **error)
{
    guint64 value = 0;

    *limit = 0;
    if (text == NULL)
        return TRUE;
    if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT, &value, NULL))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "--imds-hop-limit %s: expected a number from 1 on", text);
    *limit = (guint)value;
    return TRUE;
}
