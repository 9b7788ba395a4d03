#include "cli/text.h"

#include <string.h>

#define SEQUENCE_MOST 64 /* a longer one is none, and isn't waited for */

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

static gboolean
is_unfinished(const char *escape)
{
    const char *at = escape + 1;

    if (*at != '[')
        return *at == '\0';
    for (at++; *at != '\0'; at++)
        if (*at >= '@' && *at <= '~')
            return FALSE;
    return TRUE;
}

/* How much of TEXT, which has no NULs, can be told before the rest has come. */
static gsize
ready(const GString *text)
{
    gsize from = text->len > SEQUENCE_MOST ? text->len - SEQUENCE_MOST : 0;
    const char *escape = memrchr(text->str + from, '\033', text->len - from);
    gsize length = text->len;

    if (escape != NULL && is_unfinished(escape))
        return (gsize)(escape - text->str);
    for (gsize tail = 1; tail <= 3 && tail <= length; tail++)
        if (g_utf8_get_char_validated(text->str + length - tail, (gssize)tail) == (gunichar)-2)
            return length - tail;
    return length;
}

char *
text_clean_piece(GString *pending)
{
    g_autofree char *piece = NULL;
    gsize length;

    for (gsize i = 0; i < pending->len; i++)
        if (pending->str[i] == '\0')
            pending->str[i] = ' ';
    length = ready(pending);
    piece = g_strndup(pending->str, length);
    g_string_erase(pending, 0, (gssize)length);
    return text_clean(piece);
}
