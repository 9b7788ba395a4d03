/* How far apart two words are, for "did you mean". */
#ifndef COMMON_DISTANCE_H
#define COMMON_DISTANCE_H

#include <glib.h>

/* The least number of bytes to insert, remove or replace, or of neighbours to swap, that makes one
 * of the other (the optimal string alignment distance). */
guint edit_distance(const char *one, const char *other);

#endif
