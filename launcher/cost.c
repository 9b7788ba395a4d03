#include "launcher/cost.h"

#include <stdio.h>
#include <string.h>

#define MINIMUM_S 60
#define HOUR_S 3600.0
#define GIB ((double)(G_GINT64_CONSTANT(1) << 30))

/* ---- time ---- */

static gint64
month_begin(int year, int month)
{
    g_autoptr(GDateTime) begin = g_date_time_new_utc(year, month, 1, 0, 0, 0);

    return begin != NULL ? g_date_time_to_unix(begin) : 0;
}

static gint64
next_month(gint64 when)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(when);
    int month = g_date_time_get_month(at);

    return month == 12 ? month_begin(g_date_time_get_year(at) + 1, 1)
                       : month_begin(g_date_time_get_year(at), month + 1);
}

gint64
cost_month_of(gint64 when)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(when);

    return month_begin(g_date_time_get_year(at), g_date_time_get_month(at));
}

/* Digits with dashes between them, as PATTERN has them. */
static gboolean
looks_like(const char *text, const char *pattern)
{
    for (; *text != '\0' && *pattern != '\0'; text++, pattern++)
        if (*pattern == '0' ? !g_ascii_isdigit(*text) : *text != *pattern)
            return FALSE;
    return *text == *pattern;
}

gboolean
cost_parse_month(const char *text, gint64 *since, gint64 *until)
{
    int year, month;

    if (!looks_like(text, "0000-00") || sscanf(text, "%d-%d", &year, &month) != 2 || year < 1970 ||
        month < 1 || month > 12)
        return FALSE;
    *since = month_begin(year, month);
    *until = next_month(*since);
    return TRUE;
}

gboolean
cost_parse_day(const char *text, gint64 *since)
{
    g_autoptr(GDateTime) begin = NULL;
    int year, month, day;

    if (!looks_like(text, "0000-00-00") || sscanf(text, "%d-%d-%d", &year, &month, &day) != 3 ||
        year < 1970)
        return FALSE;
    begin = g_date_time_new_utc(year, month, day, 0, 0, 0);
    if (begin != NULL)
        *since = g_date_time_to_unix(begin);
    return begin != NULL;
}

static double
months_between(gint64 from, gint64 to)
{
    double months = 0;

    while (from < to) {
        gint64 begin = cost_month_of(from);
        gint64 end = next_month(from);
        months += (double)(MIN(to, end) - from) / (double)(end - begin);
        from = end;
    }
    return months;
}

/* ---- lines ---- */

static void
line_free(void *item)
{
    cost_line *self = item;

    g_free(self->resource);
    g_free(self->type);
    g_free(self);
}

static double
price_of(const prices *known, const usage *one)
{
    switch ((usage_kind)one->kind) {
    case USAGE_INSTANCE:
        return prices_instance(known, one->type);
    case USAGE_VOLUME:
        return prices_volume(known, one->type);
    case USAGE_SNAPSHOT:
        return prices_snapshot(known);
    default:
        return prices_bundle(known);
    }
}

/* The line of that resource and type, which may be new. What is of one resource stands together. */
static cost_line *
line_of(cost_report *self, const prices *known, const usage *one)
{
    cost_line *line;

    for (guint i = self->lines->len; i > 0; i--) {
        line = g_ptr_array_index(self->lines, i - 1);
        if (!g_str_equal(line->resource, one->resource))
            break;
        if (line->kind == (usage_kind)one->kind && g_strcmp0(line->type, one->type) == 0)
            return line;
    }
    line = g_new0(cost_line, 1);
    line->resource = g_strdup(one->resource);
    line->kind = (usage_kind)one->kind;
    line->type = g_strdup(one->type);
    line->measured = TRUE;
    line->price = price_of(known, one);
    g_ptr_array_add(self->lines, line);
    return line;
}

/* The minute that a start costs at least belongs to the time in which it started. */
static void
add_instance(const cost_report *self, cost_line *line, const usage *one, gint64 seconds)
{
    gboolean started = one->begun >= self->since;

    line->starts += started;
    line->seconds += started ? MAX(seconds, MINIMUM_S) : seconds;
}

static void
add_stored(cost_line *line, const usage *one, gint64 from, gint64 to)
{
    double gb = one->kind == USAGE_VOLUME ? (double)one->amount : (double)one->amount / GIB;

    if (one->amount < 0)
        line->measured = FALSE;
    else
        line->gb_months += gb * months_between(from, to);
}

static void
add_usage(cost_report *self, const prices *known, const usage *one)
{
    gint64 from = MAX(one->begun, self->since);
    /* A clock that was put back must not make it negative. */
    gint64 to = MAX(one->ended != 0 ? MIN(one->ended, self->until) : self->until, one->begun);

    if (one->begun >= self->until || to < self->since || (to == from && one->begun < self->since))
        return;
    if (one->kind == USAGE_INSTANCE)
        add_instance(self, line_of(self, known, one), one, to - from);
    else
        add_stored(line_of(self, known, one), one, from, to);
}

static void
add_up(cost_report *self, cost_line *line)
{
    double quantity =
        line->kind == USAGE_INSTANCE ? (double)line->seconds / HOUR_S : line->gb_months;

    line->dollars = line->price < 0 || !line->measured ? -1 : quantity * line->price;
    if (line->dollars < 0)
        self->unpriced++;
    else
        self->total += line->dollars;
}

cost_report *
cost_compute(const GPtrArray *all, const prices *known, gint64 since, gint64 until)
{
    cost_report *self = g_new0(cost_report, 1);

    self->since = since;
    self->until = until;
    self->region = g_strdup(prices_region(known));
    self->date = g_strdup(prices_date(known));
    self->lines = g_ptr_array_new_with_free_func(line_free);
    for (guint i = 0; i < all->len; i++)
        add_usage(self, known, g_ptr_array_index(all, i));
    for (guint i = 0; i < self->lines->len; i++)
        add_up(self, g_ptr_array_index(self->lines, i));
    return self;
}

void
cost_report_free(cost_report *self)
{
    if (self == NULL)
        return;
    g_ptr_array_unref(self->lines);
    g_free(self->region);
    g_free(self->date);
    g_free(self);
}
