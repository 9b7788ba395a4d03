#include "images/url.h"

#include <string.h>

#define FLAGS G_URI_FLAGS_ENCODED

gboolean
url_is(const char *text)
{
    g_autofree char *scheme = g_uri_parse_scheme(text);

    return scheme != NULL && g_str_has_prefix(text + strlen(scheme), "://");
}

gboolean
url_check(const char *url, GError **error)
{
    g_autofree char *scheme = g_uri_parse_scheme(url);
    g_autoptr(GUri) parts = g_uri_parse(url, FLAGS, NULL);
    g_autofree char *shown = url_shown(url);

    if (g_strcmp0(scheme, "http") != 0 && g_strcmp0(scheme, "https") != 0)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "%s: only http and https addresses can be fetched%s", shown,
                         g_strcmp0(scheme, "file") == 0 ? "; a file is named without file://" : "");
    if (parts == NULL || g_uri_get_host(parts) == NULL || *g_uri_get_host(parts) == '\0')
        return error_set(error, ERROR_PARAMETER_VALUE, "%s is no whole address", shown);
    return TRUE;
}

gboolean
url_is_secure(const char *url)
{
    return g_strcmp0(g_uri_peek_scheme(url), "https") == 0;
}

/* What GLib can't parse is cut where a secret may begin. */
static char *
cut(const char *url)
{
    const char *start = strstr(url, "://");
    const char *host = start != NULL ? start + 3 : url;
    gsize length = strcspn(host, "?#");
    g_autofree char *rest = g_strndup(host, length);
    const char *at = strrchr(rest, '@');
    g_autofree char *scheme = g_strndup(url, (gsize)(host - url));

    return g_strconcat(scheme, at != NULL ? at + 1 : rest, NULL);
}

char *
url_shown(const char *url)
{
    g_autoptr(GUri) parts = g_uri_parse(url, FLAGS, NULL);
    char *shown = parts == NULL
                      ? cut(url)
                      : g_uri_join(FLAGS, g_uri_get_scheme(parts), NULL, g_uri_get_host(parts),
                                   g_uri_get_port(parts), g_uri_get_path(parts), NULL, NULL);

    /* A server may have written it. */
    for (char *at = shown; *at != '\0'; at++)
        if (g_ascii_iscntrl(*at))
            *at = '?';
    return shown;
}

char *
url_file_name(const char *url)
{
    g_autoptr(GUri) parts = g_uri_parse(url, FLAGS, NULL);
    const char *path = parts != NULL ? g_uri_get_path(parts) : "";
    const char *slash = strrchr(path, '/');
    char *name = g_uri_unescape_string(slash != NULL ? slash + 1 : path, "/");

    if (name != NULL && *name != '\0' && !g_str_equal(name, ".") && !g_str_equal(name, ".."))
        return name;
    g_free(name);
    return g_strdup("image");
}

char *
url_resolve(const char *url, const char *location)
{
    return g_uri_resolve_relative(url, location, FLAGS, NULL);
}
