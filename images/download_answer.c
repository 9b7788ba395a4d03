#include "images/download_answer.h"

#include <string.h>

void
download_answer_clear(download_answer *self)
{
    g_clear_pointer(&self->etag, g_free);
    g_clear_pointer(&self->modified, g_free);
    g_clear_pointer(&self->range, g_free);
    g_clear_pointer(&self->encoding, g_free);
    g_clear_pointer(&self->location, g_free);
}

static void
keep(char **place, const char *line, const char *name)
{
    gsize length = strlen(name);

    if (g_ascii_strncasecmp(line, name, length) != 0)
        return;
    g_free(*place);
    *place = g_strstrip(g_strdup(line + length));
}

void
download_answer_line(download_answer *self, const char *bytes, gsize length)
{
    g_autofree char *line = g_strndup(bytes, length);

    if (g_str_has_prefix(line, "HTTP/"))
        download_answer_clear(self);
    keep(&self->etag, line, "ETag:");
    keep(&self->modified, line, "Last-Modified:");
    keep(&self->range, line, "Content-Range:");
    keep(&self->encoding, line, "Content-Encoding:");
    keep(&self->location, line, "Location:");
}

/* The number at *AT, which moves behind it. */
static gboolean
read_number(const char **at, guint64 *number)
{
    char *end;

    if (!g_ascii_isdigit(**at))
        return FALSE;
    *number = g_ascii_strtoull(*at, &end, 10);
    *at = end;
    return *number <= G_MAXINT64;
}

gboolean
download_answer_range(const download_answer *self, guint64 *first, gint64 *total)
{
    const char *at = self->range;
    guint64 from, to, all;

    if (at == NULL || !g_str_has_prefix(at, "bytes "))
        return FALSE;
    at += strlen("bytes ");
    if (!read_number(&at, &from) || *at++ != '-' || !read_number(&at, &to) || *at++ != '/' ||
        to < from)
        return FALSE;
    if (g_str_equal(at, "*")) {
        *first = from;
        *total = -1;
        return TRUE;
    }
    if (!read_number(&at, &all) || *at != '\0' || all <= to)
        return FALSE;
    *first = from;
    *total = (gint64)all;
    return TRUE;
}

gboolean
download_answer_is_strong(const download_answer *self)
{
    return self->etag != NULL && !g_str_has_prefix(self->etag, "W/");
}
