#include "images/linux_system.h"
#include "images/bytes.h"
#include "images/etc.h"

#include <string.h>

char *
linux_distribution(const char *text, gsize length)
{
    /* The others are named alike. */
    static const char *const names[][2] = {{"alpine", "alpinelinux"},
                                           {"arch", "archlinux"},
                                           {"kali", "kalilinux"},
                                           {"void", "voidlinux"}};
    g_autofree char *id = os_release_value(text, length, "ID");

    for (gsize i = 0; id != NULL && i < G_N_ELEMENTS(names); i++)
        if (g_str_equal(id, names[i][0]))
            return g_strdup(names[i][1]);
    return g_steal_pointer(&id);
}

/* The first line without the blanks around it; NULL if nothing is left. */
static char *
first_line(const char *text, gsize length)
{
    const char *end = memchr(text, '\n', length);
    g_autofree char *line = g_strndup(text, end != NULL ? (gsize)(end - text) : length);

    g_strstrip(line);
    return *line == '\0' ? NULL : g_utf8_make_valid(line, -1);
}

char *
linux_version(const char *text, gsize length, const char *point, gsize point_length)
{
    g_autofree char *id = os_release_value(text, length, "ID");
    g_autofree char *release = point != NULL ? first_line(point, point_length) : NULL;

    /* What is to become the next release has words there: "trixie/sid". */
    if (g_strcmp0(id, "debian") == 0 && release != NULL && g_ascii_isdigit(*release))
        return g_steal_pointer(&release);
    return os_release_value(text, length, "VERSION_ID");
}

char *
linux_hostname(const char *text, gsize length)
{
    return first_line(text, length);
}

const char *
linux_architecture(const guint8 *head, gsize length)
{
    enum { CLASS_AT = 4, SYSTEM_AT = 7, MACHINE_AT = 18 };
    static const struct {
        guint bits; /* as ELF says it: 1 for 32, 2 for 64 */
        guint machine;
        const char *name;
    } known[] = {{2, 62, "x86_64"}, {1, 3, "i386"}, {2, 183, "arm64"}};

    /* System 0 is System V's, which most say, 3 is Linux. */
    if (length < LINUX_PROGRAM_HEAD || memcmp(head, "\177ELF", 4) != 0 ||
        (head[SYSTEM_AT] != 0 && head[SYSTEM_AT] != 3))
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (head[CLASS_AT] == known[i].bits && le16(head + MACHINE_AT) == known[i].machine)
            return known[i].name;
    return NULL;
}
