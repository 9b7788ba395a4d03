#include "tests/unit/golden.h"

#include <check.h>
#include <glib.h>

static char *
path_of(const char *name)
{
    const char *folder = g_getenv("AMILAUNCH_GOLDEN_DIR");

    return g_build_filename(folder != NULL ? folder : "tests/golden", name, NULL);
}

char *
golden_read(const char *name)
{
    g_autofree char *path = path_of(name);
    char *text = NULL;

    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "can't read %s", path);
    return text;
}

void
golden_check(const char *name, const char *text)
{
    g_autofree char *path = path_of(name);
    g_autofree char *expected = NULL;

    if (g_strcmp0(g_getenv("AMILAUNCH_GOLDEN"), "write") == 0)
        ck_assert_msg(g_file_set_contents(path, text, -1, NULL), "can't write %s", path);
    expected = golden_read(name);
    ck_assert_str_eq(text, expected);
}
