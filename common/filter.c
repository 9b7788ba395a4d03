#include "common/filter.h"
#include "common/error.h"

#include <string.h>

#define MOST_FILTERS 50
#define MOST_VALUES 200
#define LONGEST_VALUE 255

/* ---- patterns ---- */

static gboolean
is_escape(const char *at)
{
    return at[0] == '\\' && (at[1] == '*' || at[1] == '?' || at[1] == '\\');
}

/* Past one character, whether or not it is good UTF-8. */
static const char *
next_character(const char *at)
{
    do
        at++;
    while ((*at & 0xc0) == 0x80);
    return at;
}

/* Whether what is at *PATTERN, no star, matches what is at *TEXT; both go on then. */
static gboolean
step(const char **pattern, const char **text)
{
    const char *wanted = *pattern;

    if (*wanted == '?') {
        *pattern += 1;
        *text = next_character(*text);
        return TRUE;
    }
    if (is_escape(wanted))
        wanted++;
    if (*wanted == '\0' || *wanted != **text)
        return FALSE;
    *pattern = wanted + 1;
    *text += 1;
    return TRUE;
}

/* What fails after a star is tried again one character later; earlier stars needn't be. */
gboolean
pattern_matches(const char *pattern, const char *text)
{
    const char *after_star = NULL;
    const char *retry = NULL;

    while (*text != '\0') {
        if (*pattern == '*') {
            after_star = ++pattern;
            retry = text;
        } else if (!step(&pattern, &text)) {
            if (after_star == NULL)
                return FALSE;
            pattern = after_star;
            text = retry = next_character(retry);
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

char *
pattern_literal(const char *pattern)
{
    GString *text = g_string_new(NULL);

    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '*' || *pattern == '?') {
            g_string_free(text, TRUE);
            return NULL;
        }
        if (is_escape(pattern))
            pattern++;
        g_string_append_c(text, *pattern);
    }
    return g_string_free(text, FALSE);
}

/* GLOB has no escapes, but a set of one character is that character. */
char *
pattern_glob(const char *pattern)
{
    GString *glob = g_string_new(NULL);

    for (; *pattern != '\0'; pattern++) {
        gboolean escaped = is_escape(pattern);
        if (escaped)
            pattern++;
        if (*pattern == '[' || (escaped && *pattern != '\\'))
            g_string_append_printf(glob, "[%c]", *pattern);
        else
            g_string_append_c(glob, *pattern);
    }
    return g_string_free(glob, FALSE);
}

/* ---- filters ---- */

void
filter_free(filter *self)
{
    if (self == NULL)
        return;
    g_free(self->name);
    g_clear_pointer(&self->values, g_ptr_array_unref);
    g_free(self);
}

gboolean
filter_matches(const filter *self, const char *text)
{
    for (guint i = 0; text != NULL && i < self->values->len; i++)
        if (pattern_matches(g_ptr_array_index(self->values, i), text))
            return TRUE;
    return FALSE;
}

/* The quote that ends the value that begins with one at AT; NULL if that is only a character. */
static const char *
closing_quote(const char *at)
{
    const char *end = *at == '"' || *at == '\'' ? strchr(at + 1, *at) : NULL;

    return end != NULL && (end[1] == ',' || end[1] == '\0') ? end : NULL;
}

/* The value at *AT, which goes on to the comma after it or to the end. */
static char *
value_next(const char **at)
{
    const char *end = closing_quote(*at);
    GString *value;

    if (end != NULL) {
        char *quoted = g_strndup(*at + 1, (gsize)(end - *at - 1));
        *at = end + 1;
        return quoted;
    }
    value = g_string_new(NULL);
    for (; **at != '\0' && **at != ','; (*at)++) {
        gboolean pair = **at == '\\' && (*at)[1] != '\0';
        if (pair && (*at)[1] != ',')
            g_string_append_c(value, **at);
        if (pair)
            (*at)++;
        g_string_append_c(value, **at);
    }
    return g_string_free(value, FALSE);
}

static gboolean
value_add(filter *self, char *value, GError **error)
{
    g_ptr_array_add(self->values, value);
    if (self->values->len > MOST_VALUES)
        return error_set(error, ERROR_FILTER_LIMIT,
                         "The filter '%s' has more than %d values, the most that one can have",
                         self->name, MOST_VALUES);
    return strlen(value) <= LONGEST_VALUE ||
           error_set(error, ERROR_PARAMETER_VALUE,
                     "A value of the filter '%s' is longer than %d characters", self->name,
                     LONGEST_VALUE);
}

/* The next of the words that a filter is told by, in either of its spellings. */
static const char *
find_word(const char *text, const char *lower, const char *upper)
{
    const char *first = strstr(text, lower);
    const char *second = strstr(text, upper);

    if (first == NULL || second == NULL)
        return first != NULL ? first : second;
    return MIN(first, second);
}

static filter *
filter_parse(const char *text, GError **error)
{
    g_autoptr(filter) self = g_new0(filter, 1);
    gboolean named = g_str_has_prefix(text, "name=") || g_str_has_prefix(text, "Name=");
    const char *begin = text + strlen("name=");
    const char *comma = named ? find_word(begin, ",values=", ",Values=") : NULL;
    const char *at;

    if (comma == NULL || comma == begin) {
        error_set(error, ERROR_PARAMETER_VALUE,
                  "'%.80s' is no filter: name=NAME,values=VALUE,VALUE...", text);
        return NULL;
    }
    self->name = g_strndup(begin, (gsize)(comma - begin));
    self->values = g_ptr_array_new_with_free_func(g_free);
    at = comma + strlen(",values=");
    do
        if (!value_add(self, value_next(&at), error))
            return NULL;
    while (*at++ == ',');
    return g_steal_pointer(&self);
}

GPtrArray *
filters_parse(const char *const *texts, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)filter_free);

    for (; texts != NULL && *texts != NULL; texts++) {
        filter *one = filter_parse(*texts, error);
        if (one == NULL)
            return NULL;
        g_ptr_array_add(all, one);
        if (all->len <= MOST_FILTERS)
            continue;
        error_set(error, ERROR_FILTER_LIMIT, "More than %d filters, the most that there can be",
                  MOST_FILTERS);
        return NULL;
    }
    return g_steal_pointer(&all);
}
