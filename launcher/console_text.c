#include "launcher/console_text.h"

#include <stdlib.h>
#include <string.h>

#define ESCAPE '\033'

/* Cursor positions have the row first, the column behind a semicolon; none is 1. */
static gboolean
goes_to_first_column(const char *parameters, const char *end)
{
    const char *column = memchr(parameters, ';', (gsize)(end - parameters));

    return column == NULL || strtoul(column + 1, NULL, 10) <= 1;
}

/* Past the escape sequence at AT; *BREAKS: whether it ends a line. */
static const char *
skip_escape(const char *at, gboolean *breaks)
{
    const char *parameters;

    at++;
    if (*at != '[') {
        *breaks = *at == 'c';
        return *at != '\0' ? at + 1 : at;
    }
    parameters = ++at;
    while (*at != '\0' && (*at < '@' || *at > '~'))
        at++;
    *breaks = *at == 'J' || (*at == 'H' && goes_to_first_column(parameters, at));
    return *at != '\0' ? at + 1 : at;
}

static void
keep(GString *line, char letter)
{
    if (line->len < CONSOLE_LINE_LIMIT && letter != '\177' && ((guchar)letter >= ' '))
        g_string_append_c(line, letter);
    else if (letter == '\t')
        keep(line, ' ');
}

/* Until a line ends. */
static const char *
read_line(const char *at, GString *line)
{
    while (*at != '\0') {
        gboolean breaks = *at == '\n' || *at == '\r';

        if (*at == ESCAPE)
            at = skip_escape(at, &breaks);
        else
            keep(line, *at++);
        if (breaks)
            break;
    }
    return at;
}

gboolean
console_line_next(const char **at, GString *line)
{
    while (**at != '\0') {
        g_string_truncate(line, 0);
        *at = read_line(*at, line);
        g_strstrip(line->str);
        line->len = strlen(line->str);
        if (line->len > 0)
            return TRUE;
    }
    return FALSE;
}
