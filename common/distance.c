#include "common/distance.h"

#include <string.h>

guint
edit_distance(const char *one, const char *other)
{
    size_t length = strlen(other);
    g_autofree guint *row = g_new(guint, length + 1);

    /* row[j] is the distance from what was read of ONE to the first j bytes of OTHER. */
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (guint i = 1; *one != '\0'; i++, one++) {
        guint diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            guint replaced = diagonal + (*one != other[j - 1]);
            diagonal = row[j];
            row[j] = MIN(replaced, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[length];
}
