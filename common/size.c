#include "common/size.h"

#include <errno.h>

#define MAX_MIB ((guint64)G_MAXINT64 >> 20)

static int
unit_shift(const char *unit)
{
    static const struct {
        const char *unit;
        int shift;
    } units[] = {{"", 0}, {"M", 0}, {"G", 10}, {"T", 20}};

    for (guint i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_ascii_strcasecmp(unit, units[i].unit) == 0)
            return units[i].shift;
    return -1;
}

gboolean
size_parse_mib(const char *text, guint64 *mib)
{
    char *unit;
    guint64 number;
    int shift;

    /* strtoull takes blanks and signs, too. */
    if (!g_ascii_isdigit(*text))
        return FALSE;
    errno = 0;
    number = g_ascii_strtoull(text, &unit, 10);
    shift = unit_shift(unit);
    if (errno != 0 || shift < 0 || number > MAX_MIB >> shift)
        return FALSE;
    *mib = number << shift;
    return TRUE;
}
