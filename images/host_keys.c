#include "images/host_keys.h"
#include "images/ssh_blob.h"

#include <string.h>

#define BEGIN "-----BEGIN SSH HOST KEY KEYS-----"
#define END "-----END SSH HOST KEY KEYS-----"

/* Where the last whole list begins and ends; FALSE if there is none. */
static gboolean
find_list(const char *text, const char **begin, const char **end)
{
    gboolean found = FALSE;

    for (const char *at = text; (at = strstr(at, BEGIN)) != NULL;) {
        const char *again, *stop;
        at += strlen(BEGIN);
        stop = strstr(at, END);
        again = strstr(at, BEGIN);
        /* One that was cut off by a reset has its end behind the next one's beginning. */
        if (stop == NULL || (again != NULL && again < stop))
            continue;
        *begin = at;
        *end = stop;
        found = TRUE;
    }
    return found;
}

static gboolean
is_kind(const char *name)
{
    static const char *const kinds[] = {"ssh-rsa",
                                        "ssh-dss",
                                        "ssh-ed25519",
                                        "ecdsa-sha2-nistp256",
                                        "ecdsa-sha2-nistp384",
                                        "ecdsa-sha2-nistp521",
                                        NULL};

    return g_strv_contains(kinds, name);
}

/* Other programs write to the console meanwhile: what isn't a key is passed over. */
static gboolean
add_key(GString *lines, const char *line, const char *host)
{
    g_auto(GStrv) words = g_strsplit_set(line, " \t", 3);
    g_autoptr(GByteArray) blob = NULL;
    g_autofree char *name = NULL;

    if (g_strv_length(words) < 2 || !is_kind(words[0]))
        return FALSE;
    blob = ssh_blob_decode(words[1]);
    name = blob != NULL ? ssh_blob_name(blob) : NULL;
    if (g_strcmp0(name, words[0]) != 0)
        return FALSE;
    g_string_append_printf(lines, "%s %s %s\n", host, words[0], words[1]);
    return TRUE;
}

char *
host_keys_of_console(const char *text, const char *name)
{
    g_autoptr(GString) keys = g_string_new("");
    g_autofree char *list = NULL;
    g_auto(GStrv) lines = NULL;
    const char *begin, *end;
    guint count = 0;

    if (!find_list(text, &begin, &end))
        return NULL;
    list = g_strndup(begin, (gsize)(end - begin));
    lines = g_strsplit_set(list, "\r\n", -1);
    for (gsize i = 0; lines[i] != NULL && count < HOST_KEYS_MOST; i++)
        count += add_key(keys, g_strstrip(lines[i]), name) ? 1 : 0;
    return count > 0 ? g_string_free(g_steal_pointer(&keys), FALSE) : NULL;
}
