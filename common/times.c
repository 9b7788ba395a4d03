#include "common/times.h"

static char *
format_utc(gint64 when, const char *format)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(when);

    return time != NULL ? g_date_time_format(time, format) : g_strdup("?");
}

gint64
time_now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

char *
time_iso8601(gint64 when)
{
    return format_utc(when, "%Y-%m-%dT%H:%M:%S.000Z");
}

char *
time_spelled(gint64 when)
{
    return format_utc(when, "%Y-%m-%d %H:%M:%S UTC");
}
