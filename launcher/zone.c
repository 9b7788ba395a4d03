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

/* "us-gov-east" is usge, "ap-northeast" apne. */
static char *
region_letters(char **words, guint count)
{
    static const char *const ways[] = {"north", "south", "east", "west", "central"};
    GString *letters = g_string_new(words[0]);

    for (guint i = 1; i < count; i++) {
        const char *rest = words[i];
        for (gsize j = 0; j < G_N_ELEMENTS(ways); j++) {
            if (!g_str_has_prefix(rest, ways[j]))
                continue;
            g_string_append_c(letters, *rest);
            rest += strlen(ways[j]);
        }
        if (rest == words[i])
            g_string_append_c(letters, *rest);
        else if (*rest != '\0')
            g_string_append_c(letters, *rest);
    }
    return g_string_free(letters, FALSE);
}

char *
zone_id(const char *zone)
{
    g_auto(GStrv) words = g_strsplit(zone, "-", -1);
    guint count = g_strv_length(words);
    const char *last = count >= 3 ? words[count - 1] : "";
    g_autofree char *letters = NULL;

    if (strlen(last) != 2 || !g_ascii_isdigit(last[0]) || last[1] < 'a' || last[1] > 'z')
        return NULL;
    letters = region_letters(words, count - 1);
    return g_strdup_printf("%s%c-az%d", letters, last[0], last[1] - 'a' + 1);
}

const char *const region_names[] = {"us-east-1",      "us-east-2",      "us-west-1",
                                    "us-west-2",      "af-south-1",     "ap-east-1",
                                    "ap-east-2",      "ap-northeast-1", "ap-northeast-2",
                                    "ap-northeast-3", "ap-south-1",     "ap-south-2",
                                    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
                                    "ap-southeast-4", "ap-southeast-5", "ap-southeast-6",
                                    "ap-southeast-7", "ca-central-1",   "ca-west-1",
                                    "cn-north-1",     "cn-northwest-1", "eu-central-1",
                                    "eu-central-2",   "eu-north-1",     "eu-south-1",
                                    "eu-south-2",     "eu-west-1",      "eu-west-2",
                                    "eu-west-3",      "il-central-1",   "me-central-1",
                                    "me-south-1",     "mx-central-1",   "sa-east-1",
                                    "us-gov-east-1",  "us-gov-west-1",  NULL};

gboolean
region_is_known(const char *region)
{
    return g_strv_contains(region_names, region);
}
