#include "images/etc.h"

#include <string.h>

static void
read_fstab_line(char *line, GPtrArray *fstab)
{
    g_auto(GStrv) words = g_strsplit_set(g_strdelimit(line, "\t\r", ' '), " ", -1);
    const char *fields[3] = {0};
    gsize count = 0;
    fstab_entry *entry;

    for (int i = 0; words[i] != NULL && count < G_N_ELEMENTS(fields); i++)
        if (*words[i] != '\0')
            fields[count++] = words[i];
    if (count < G_N_ELEMENTS(fields) || fields[0][0] == '#')
        return;
    entry = g_new0(fstab_entry, 1);
    entry->device = g_utf8_make_valid(fields[0], -1);
    entry->mount_point = g_utf8_make_valid(fields[1], -1);
    entry->type = g_utf8_make_valid(fields[2], -1);
    g_ptr_array_add(fstab, entry);
}

void
fstab_read(const char *text, gsize length, GPtrArray *fstab)
{
    g_autofree char *all = g_strndup(text, length);
    g_auto(GStrv) lines = g_strsplit(all, "\n", -1);

    for (int i = 0; lines[i] != NULL && fstab->len < FSTAB_MAX; i++)
        read_fstab_line(lines[i], fstab);
}

char *
os_release_value(const char *text, gsize length, const char *key)
{
    g_autofree char *all = g_strndup(text, length);
    g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
    g_autofree char *prefix = g_strconcat(key, "=", NULL);
    g_autofree char *name = NULL;

    for (int i = 0; lines[i] != NULL && name == NULL; i++)
        if (g_str_has_prefix(lines[i], prefix))
            name = g_shell_unquote(lines[i] + strlen(prefix), NULL);
    return name == NULL || *name == '\0' ? NULL : g_utf8_make_valid(name, -1);
}

char *
os_release_name(const char *text, gsize length)
{
    return os_release_value(text, length, "PRETTY_NAME");
}
