#include "conf/plain.h"

#include <string.h>

/* What libconfig takes and this doesn't know is left to libconfig; nothing is taken that libconfig
 * wouldn't, and nothing means anything else here. */

#define DIGITS_MOST 9 /* what these say can't be too much for a guint */

static gboolean read_settings(char **at, char end, const field_rule *fields, void *target);

/* Stops before a comment that the file's end cuts off. */
static char *
skip_blanks(char *at)
{
    for (;;) {
        gsize length;
        at += strspn(at, " \t\n");
        if (*at != '#' && !(at[0] == '/' && at[1] == '/'))
            return at;
        length = strcspn(at, "\n");
        if (at[length] == '\0')
            return at;
        at += length;
    }
}

/* Takes MARK and the blanks around it. */
static gboolean
take(char **at, char mark)
{
    char *next = skip_blanks(*at);

    if (*next != mark)
        return FALSE;
    *at = skip_blanks(next + 1);
    return TRUE;
}

static gsize
length_of_name(const char *at)
{
    gsize length = 0;

    if (!g_ascii_isalpha(*at))
        return 0;
    while (g_ascii_isalnum(at[length]) || at[length] == '_')
        length++;
    return length;
}

static const field_rule *
find_field(const field_rule *fields, const char *name, gsize length)
{
    for (; fields->name != NULL; fields++)
        if (strncmp(fields->name, name, length) == 0 && fields->name[length] == '\0')
            return fields;
    return NULL;
}

/* Ends the string where it stands. NULL if there is none. */
static char *
take_string(char **at)
{
    char *text = *at + 1;
    gsize length;

    if (**at != '"')
        return NULL;
    length = strcspn(text, "\"\\\n\r");
    if (text[length] != '"')
        return NULL;
    text[length] = '\0';
    *at = text + length + 1;
    return text;
}

static gboolean
find_word(const word *words, const char *text, guint *value)
{
    for (; words->text != NULL; words++)
        if (strcmp(words->text, text) == 0) {
            *value = words->value;
            return TRUE;
        }
    return FALSE;
}

static gboolean
read_boolean(char **at, gboolean *out)
{
    gsize length = length_of_name(*at);

    *out = length == 4;
    if (!(length == 4 && memcmp(*at, "true", 4) == 0) &&
        !(length == 5 && memcmp(*at, "false", 5) == 0))
        return FALSE;
    *at += length;
    return TRUE;
}

static gboolean
read_count(char **at, const field_rule *field, guint *out)
{
    gsize length = strspn(*at, "0123456789");
    guint number = 0;

    if (length == 0 || length > DIGITS_MOST || (**at == '0' && length > 1))
        return FALSE;
    for (; length > 0; length--)
        number = 10 * number + (guint)(*(*at)++ - '0');
    *out = number;
    return number >= field->min && number <= field->max;
}

static gboolean
read_flags(char **at, const field_rule *field, guint *out)
{
    guint all = 0, one;

    if (!take(at, '['))
        return FALSE;
    do {
        const char *text = take_string(at);
        if (text == NULL || !find_word(field->words, text, &one))
            return FALSE;
        all |= one;
    } while (take(at, ','));
    *out = all;
    return take(at, ']') && all != 0;
}

static gboolean
read_string(char **at, const field_rule *field, void *out)
{
    const char *text = take_string(at);

    if (text == NULL)
        return FALSE;
    if (field->kind == FIELD_CHOICE)
        return find_word(field->words, text, out);
    if (field->kind == FIELD_PARSED)
        return field->parse(text, out);
    if (field->valid != NULL && !field->valid(text))
        return FALSE;
    g_free(*(char **)out);
    *(char **)out = g_strdup(text);
    return TRUE;
}

static gboolean
read_item(char **at, const field_rule *list, void *target)
{
    g_autofree char *problem = NULL;
    void *item;

    if (!take(at, '{'))
        return FALSE;
    item = list->item_new();
    if (!read_settings(at, '}', list->fields, item)) {
        list->item_free(item);
        return FALSE;
    }
    problem = list->item_add(target, item);
    return problem == NULL;
}

static gboolean
read_list(char **at, const field_rule *list, void *target)
{
    if (!take(at, '('))
        return FALSE;
    do
        if (!read_item(at, list, target))
            return FALSE;
    while (take(at, ','));
    return take(at, ')');
}

static gboolean
read_value(char **at, const field_rule *field, void *target)
{
    void *out = (char *)target + field->offset;

    switch (field->kind) {
    case FIELD_BOOLEAN:
        return read_boolean(at, out);
    case FIELD_COUNT:
        return read_count(at, field, out);
    case FIELD_FLAGS:
        return read_flags(at, field, out);
    case FIELD_LIST:
        return read_list(at, field, target);
    case FIELD_TEXT:
    case FIELD_PARSED:
    case FIELD_CHOICE:
        return read_string(at, field, out);
    default:
        return FALSE;
    }
}

static gboolean
has_required(const field_rule *fields, guint64 seen)
{
    for (; fields->name != NULL; fields++, seen >>= 1)
        if (fields->required && !(seen & 1))
            return FALSE;
    return TRUE;
}

/* Up to END and behind it; NUL: to the end of the file. */
static gboolean
read_settings(char **at, char end, const field_rule *fields, void *target)
{
    guint64 seen = 0;

    for (*at = skip_blanks(*at); **at != end; *at = skip_blanks(*at)) {
        gsize length = length_of_name(*at);
        const field_rule *field = length > 0 ? find_field(fields, *at, length) : NULL;
        guint64 bit = field != NULL ? G_GUINT64_CONSTANT(1) << (field - fields) : 0;

        if (field == NULL || (seen & bit) != 0)
            return FALSE;
        seen |= bit;
        *at += length;
        if (!take(at, '=') || !read_value(at, field, target) || !take(at, ';'))
            return FALSE;
    }
    if (end != '\0')
        (*at)++;
    return has_required(fields, seen);
}

gboolean
plain_read(const char *path, const field_rule *fields, void *target)
{
    g_autofree char *text = NULL;
    char *at;
    gsize length;

    if (!g_file_get_contents(path, &text, &length, NULL) || strlen(text) != length)
        return FALSE;
    at = text;
    return read_settings(&at, '\0', fields, target);
}
