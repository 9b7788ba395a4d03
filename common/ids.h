/* Identifiers: a prefix, a dash, and 17 lower-case hex digits ("i-0123456789abcdef0"). Older ones
 * have 8 digits; both are accepted wherever one is read. */
#ifndef COMMON_IDS_H
#define COMMON_IDS_H

#include <glib.h>

/* A new random id, e.g. id_new("vol"). The caller frees it. */
char *id_new(const char *prefix);

/* TRUE if TEXT is PREFIX, a dash, and 8 or 17 lower-case hex digits. TEXT may be NULL. */
gboolean id_is(const char *prefix, const char *text);

#endif
