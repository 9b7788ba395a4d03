/* Points in time: seconds since 1970-01-01 00:00:00 UTC, kept as gint64. */
#ifndef COMMON_TIMES_H
#define COMMON_TIMES_H

#include <glib.h>

gint64 time_now(void);

/* Reads ISO 8601, in UTC unless it says otherwise: "2013-12-31", "2013-12-31T23:59",
 * "2013-12-31T23:59:59Z". FALSE for anything else. */
gboolean time_parse(const char *text, gint64 *when);

/* "2013-12-31T23:59:59.000Z", as web services print times. The caller frees it. */
char *time_iso8601(gint64 when);

/* "2013-12-31 23:59:59 UTC". The caller frees it. */
char *time_spelled(gint64 when);

#endif
