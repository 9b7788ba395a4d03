#include "common/times.h"

#include <string.h>
#include <time.h>

static char *
format_utc(gint64 when, const char *format)
{
    time_t seconds = (time_t)when;
    struct tm parts;
    char text[64];

    /* Not by GDateTime, which takes several times as long: lists have many times in them. */
    if (gmtime_r(&seconds, &parts) == NULL || parts.tm_year < 1 - 1900 ||
        parts.tm_year > 9999 - 1900 || strftime(text, sizeof text, format, &parts) == 0)
        return g_strdup("?");
    return g_strdup(text);
}

gboolean
time_parse(const char *text, gint64 *when)
{
    const char *t = strchr(text, 'T');
    g_autofree char *whole = t == NULL                       ? g_strconcat(text, "T00:00:00Z", NULL)
                             : strlen(t) == strlen("T23:59") ? g_strconcat(text, ":00Z", NULL)
                                                             : g_strdup(text);
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(whole, utc);

    if (time == NULL)
        return FALSE;
    *when = g_date_time_to_unix(time);
    return TRUE;
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
