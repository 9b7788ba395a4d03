#include "images/checksum.h"

#include <string.h>

#define WHITE " \t\r"

static const struct {
    digest_kind kind;
    const char *name, *tag;
    gsize length;
} kinds[] = {{DIGEST_SHA256, "sha256", "SHA256 (", 64}, {DIGEST_SHA512, "sha512", "SHA512 (", 128}};

/* LENGTH characters at HEX. */
static gboolean
set(checksum *out, const char *hex, gsize length)
{
    if (strspn(hex, G_CSET_DIGITS "abcdefABCDEF") < length)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].length == length) {
            g_autofree char *lower = g_ascii_strdown(hex, (gssize)length);
            out->kind = kinds[i].kind;
            g_strlcpy(out->hex, lower, sizeof out->hex);
            return TRUE;
        }
    return FALSE;
}

gboolean
checksum_parse(const char *text, checksum *out, GError **error)
{
    const char *colon = strchr(text, ':');
    const char *hex = colon != NULL ? colon + 1 : text;
    checksum read;

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        gboolean named = colon != NULL && strlen(kinds[i].name) == (gsize)(colon - text) &&
                         g_ascii_strncasecmp(text, kinds[i].name, (gsize)(colon - text)) == 0;
        if ((colon == NULL || named) && strlen(hex) == kinds[i].length &&
            set(&read, hex, strlen(hex))) {
            *out = read;
            return TRUE;
        }
    }
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "'%s' is no checksum: sha256: and 64 hexadecimal digits, or sha512: and 128",
                     text);
}

/* NAME as a list may write it, with folders in front. */
static gboolean
is_named(const char *written, gsize length, const char *name)
{
    gsize wanted = strlen(name);

    return length >= wanted && strncmp(written + length - wanted, name, wanted) == 0 &&
           (length == wanted || written[length - wanted - 1] == '/');
}

/* "SHA256 (NAME) = HEX" */
static gboolean
read_tagged(const char *line, const char *name, checksum *out)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const char *written = line + strlen(kinds[i].tag);
        const char *close;
        if (!g_str_has_prefix(line, kinds[i].tag))
            continue;
        close = g_strrstr(written, ") = ");
        return close != NULL && is_named(written, (gsize)(close - written), name) &&
               strlen(close + 4) == kinds[i].length && set(out, close + 4, kinds[i].length);
    }
    return FALSE;
}

/* "HEX  NAME", "HEX *NAME" */
static gboolean
read_plain(const char *line, const char *name, checksum *out)
{
    gsize length = strcspn(line, WHITE);
    const char *written = line + length + strspn(line + length, WHITE);

    if (*written == '*')
        written++;
    return is_named(written, strlen(written), name) && set(out, line, length);
}

/* A list of a single file often doesn't name it. */
static gboolean
read_only_one(const char *text, checksum *out)
{
    g_autofree char *line = g_strstrip(g_strdup(text));

    return line[strcspn(line, WHITE "\n")] == '\0' && set(out, line, strlen(line));
}

/* The better of two of a list; FALSE if they contradict each other. */
static gboolean
merge(checksum *best, gboolean *any, const checksum *one)
{
    if (*any && one->kind == best->kind)
        return g_str_equal(one->hex, best->hex);
    if (!*any || one->kind > best->kind)
        *best = *one;
    *any = TRUE;
    return TRUE;
}

gboolean
checksum_find(const char *text, const char *list, const char *name, checksum *out, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    checksum best, one;
    gboolean any = read_only_one(text, &best);

    for (gsize i = 0; lines[i] != NULL; i++) {
        const char *line = g_strchomp(lines[i]);
        if ((read_tagged(line, name, &one) || read_plain(line, name, &one)) &&
            !merge(&best, &any, &one))
            return error_set(error, ERROR_PARAMETER_VALUE,
                             "%s has two different checksums of %s: state the right one with "
                             "--checksum",
                             list, name);
    }
    if (!any)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "%s has no SHA-256 or SHA-512 of %s: state it with --checksum", list,
                         name);
    *out = best;
    return TRUE;
}

gboolean
checksum_verify(const checksum *self, const char *path, const char *label, progress *listener,
                GError **error)
{
    g_autofree char *found = file_digest(path, self->kind, listener, "checking the digest", error);

    if (found == NULL)
        return FALSE;
    if (g_str_equal(found, self->hex))
        return TRUE;
    return error_set(error, ERROR_DIGEST,
                     "%s is not what was published: its %s is %s, and should be %s", label,
                     kinds[self->kind].name, found, self->hex);
}
