/* Filters as EC2's Describe calls take them: a name and values, of which one has to match. In a
 * value * stands for any text, ? for any one character, and \ before *, ? or \ takes its meaning
 * away. Case matters. */
#ifndef COMMON_FILTER_H
#define COMMON_FILTER_H

#include <glib.h>

typedef struct {
    char *name;
    GPtrArray *values; /* char*, at least one */
} filter;

/* Reads "name=NAME,values=VALUE,VALUE" or the same with Name and Values, as `aws` has it. A value
 * with a comma is put between quotes, or has \, for it. TEXTS may be NULL. filter*; the caller
 * unrefs. NULL with InvalidParameterValue for what isn't one, and with FilterLimitExceeded for more
 * than EC2 takes: 50 filters, 200 values in one. */
GPtrArray *filters_parse(const char *const *texts, GError **error);

void filter_free(filter *self);

/* TRUE if one of the values matches TEXT. A TEXT that is NULL isn't matched by any. */
gboolean filter_matches(const filter *self, const char *text);

/* TRUE if PATTERN matches the whole of TEXT. */
gboolean pattern_matches(const char *pattern, const char *text);

/* What PATTERN stands for if that is one text only, for the caller to free; NULL if there is a * or
 * a ? in it. */
char *pattern_literal(const char *pattern);

/* PATTERN in the language of SQLite's GLOB, for the caller to free. */
char *pattern_glob(const char *pattern);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(filter, filter_free)

#endif
