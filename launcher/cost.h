/* What was used, and what that would cost on EC2, by EC2's rules:
 * - an instance by the second while it runs or is on its way into hibernation, at least a minute
 * for each start; it costs nothing while it is pending, stopped or shutting down;
 * - a volume by the second for its whole size, whatever is on it and whether or not it is attached;
 * - a snapshot and a bundle by the second for the bytes that they take.
 * A GB-month is 2^30 bytes for a month of the calendar (UTC), however long it is. Pure. */
#ifndef LAUNCHER_COST_H
#define LAUNCHER_COST_H

#include "conf/prices.h"
#include "store/usage.h"

typedef struct {
    char *resource;
    usage_kind kind;
    char *type;        /* of the instance or the volume; NULL for others */
    guint starts;      /* an instance's, within the time */
    gint64 seconds;    /* that are paid: an instance's */
    double gb_months;  /* others' */
    gboolean measured; /* FALSE: it went before anybody knew how many bytes it took */
    double price;      /* dollars for an hour or a GB-month; negative: there is none */
    double dollars;    /* negative if that can't be said */
} cost_line;

typedef struct {
    gint64 since, until;
    char *region, *date; /* of the prices */
    GPtrArray *lines;    /* cost_line*: one for each resource, and for each type that it was of */
    double total;        /* of the lines that have dollars */
    guint unpriced;      /* how many have none */
} cost_report;

/* Of what ALL (usage*) tells of the time from SINCE to UNTIL. */
cost_report *cost_compute(const GPtrArray *all, const prices *known, gint64 since, gint64 until);
void cost_report_free(cost_report *self);

/* "2024-02" as the time from its begin to its end, or FALSE. */
gboolean cost_parse_month(const char *text, gint64 *since, gint64 *until);

/* "2024-02-28" as its begin, or FALSE. */
gboolean cost_parse_day(const char *text, gint64 *since);

/* The begin of the month that WHEN is in. */
gint64 cost_month_of(gint64 when);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(cost_report, cost_report_free)

#endif
