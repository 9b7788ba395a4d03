#include "launcher/zone.h"
#include "common/error.h"

#include <string.h>

gboolean
zone_is_in(const char *zone, const char *region)
{
    gsize length = strlen(region);

    return g_str_has_prefix(zone, region) && zone[length] >= 'a' && zone[length] <= 'f' &&
           zone[length + 1] == '\0';
}

char *
zone_choose(const char *region, const char *asked, GError **error)
{
    if (asked == NULL)
        return g_strconcat(region, "a", NULL);
    if (zone_is_in(asked, region))
        return g_strdup(asked);
    error_set(error, ERROR_PARAMETER_VALUE,
              "Invalid availability zone: [%s]. The region %s has %sa to %sf; --region chooses "
              "another region",
              asked, region, region, region);
    return NULL;
}
