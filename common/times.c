#include "common/times.h"

#include <string.h>
#include <time.h>

/* What can be written with a year of four digits, 0001 to 9999. */
#define FIRST G_GINT64_CONSTANT(-62135596800)
#define LAST G_GINT64_CONSTANT(253402300799)

static char *
format_utc(gint64 when, const char *format)
{
    time_t seconds = (time_t)when;
    struct tm parts;
    char text[64];

    /* Not by GDateTime, which takes several times as long: lists have many times in them. */
    if (when < FIRST || when > LAST || gmtime_r(&seconds, &parts) == NULL ||
        strftime(text, sizeof text, format, &parts) == 0)
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
    gint64 found = time != NULL ? g_date_time_to_unix(time) : LAST + 1;

    if (found < FIRST || found > LAST)
        return FALSE;
    *when = found;
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
    return format_utc(when, "%04Y-%m-%dT%H:%M:%S.000Z");
}

char *
time_spelled(gint64 when)
{
    return format_utc(when, "%04Y-%m-%d %H:%M:%S UTC");
}
