#include "common/distance.h"

#include <string.h>

/* row[j] is the distance from what was read of ONE to the first j bytes of OTHER; the rows before
 * it are those of one and of two bytes less of ONE. */
typedef struct {
    guint *row, *last, *last_but_one;
} rows;

static void
next_row(rows *self)
{
    guint *spare = self->last_but_one;

    self->last_but_one = self->last;
    self->last = self->row;
    self->row = spare;
}

guint
edit_distance(const char *one, const char *other)
{
    size_t width = strlen(other) + 1;
    g_autofree guint *memory = g_new0(guint, 3 * width);
    rows at = {memory, memory + width, memory + 2 * width};

    for (guint j = 0; j < width; j++)
        at.row[j] = j;
    for (guint i = 1; one[i - 1] != '\0'; i++) {
        next_row(&at);
        at.row[0] = i;
        for (guint j = 1; j < width; j++) {
            guint replaced = at.last[j - 1] + (one[i - 1] != other[j - 1]);
            at.row[j] = MIN(replaced, MIN(at.last[j], at.row[j - 1]) + 1);
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                at.row[j] = MIN(at.row[j], at.last_but_one[j - 2] + 1);
        }
    }
    return at.row[width - 1];
}
