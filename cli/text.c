#include "cli/text.h"

#include <string.h>

/* Past an escape sequence that begins at AT: ESC [ parameters letter, or ESC and one character. */
static const char *
skip_escape(const char *at)
{
    at++;
    if (*at != '[')
        return *at != '\0' ? g_utf8_next_char(at) : at;
    at++;
    while (*at != '\0' && (*at < '@' || *at > '~'))
        at++;
    return *at != '\0' ? at + 1 : at;
}

/* Nearly all text is, and a list of many thousand images has a lot of it. */
static gboolean
is_plain(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

char *
text_clean(const char *text)
{
    g_autofree char *valid = NULL;
    GString *clean;

    if (is_plain(text))
        return g_strdup(text);
    valid = g_utf8_make_valid(text, -1);
    clean = g_string_sized_new(strlen(valid));
    for (const char *at = valid; *at != '\0';) {
        gunichar letter = g_utf8_get_char(at);
        if (letter == 0x1b) {
            at = skip_escape(at);
            continue;
        }
        if (letter == '\n' || letter == '\t' || !g_unichar_iscntrl(letter))
            g_string_append_unichar(clean, letter);
        at = g_utf8_next_char(at);
    }
    return g_string_free(clean, FALSE);
}
