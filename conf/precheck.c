#include "conf/precheck.h"

#include <errno.h>
#include <string.h>

typedef struct {
    const char *path;
    const char *at;
    guint line;
} scanner;

static void
skip(scanner *self, const char *end)
{
    for (; self->at < end; self->at++)
        if (*self->at == '\n')
            self->line++;
}

static gboolean
skip_string(scanner *self, GError **error)
{
    const char *end = self->at + 1;

    while (*end != '\0' && *end != '"')
        end += end[0] == '\\' && end[1] != '\0' ? 2 : 1;
    if (*end == '\0')
        return error_set(error, ERROR_CONFIG, "%s:%u: this string does not end; it needs a \"",
                         self->path, self->line);
    skip(self, end + 1);
    return TRUE;
}

static gboolean
skip_comment(scanner *self, GError **error)
{
    const char *end = strstr(self->at + 2, "*/");

    if (end == NULL)
        return error_set(error, ERROR_CONFIG, "%s:%u: this comment does not end; it needs a */",
                         self->path, self->line);
    skip(self, end + 2);
    return TRUE;
}

static gboolean
skip_number(scanner *self, GError **error)
{
    gboolean hex = self->at[0] == '0' && (self->at[1] == 'x' || self->at[1] == 'X');
    char *end;
    guint64 number;

    errno = 0;
    number = g_ascii_strtoull(self->at, &end, hex ? 16 : 10);
    if (errno != 0 || number > G_MAXINT32)
        return error_set(error, ERROR_CONFIG,
                         "%s:%u: %.*s is too large for a number; up to %d is allowed", self->path,
                         self->line, (int)(end - self->at), self->at, G_MAXINT32);
    skip(self, end);
    return TRUE;
}

static void
skip_name(scanner *self)
{
    while (g_ascii_isalnum(*self->at) || *self->at == '-' || *self->at == '_')
        self->at++;
}

static gboolean
skip_token(scanner *self, GError **error)
{
    const char *at = self->at;

    if (*at == '"')
        return skip_string(self, error);
    if (*at == '/' && at[1] == '*')
        return skip_comment(self, error);
    if (g_ascii_isdigit(*at))
        return skip_number(self, error);
    if (*at == '@' && g_str_has_prefix(at, "@include"))
        return error_set(error, ERROR_CONFIG,
                         "%s:%u: @include is not supported; say it in this file", self->path,
                         self->line);
    if (*at == '#' || (*at == '/' && at[1] == '/'))
        skip(self, at + strcspn(at, "\n"));
    else if (g_ascii_isalpha(*at))
        skip_name(self);
    else
        skip(self, at + 1);
    return TRUE;
}

gboolean
precheck(const char *path, const char *text, GError **error)
{
    scanner self = {.path = path, .at = text, .line = 1};

    while (*self.at != '\0')
        if (!skip_token(&self, error))
            return FALSE;
    return TRUE;
}
