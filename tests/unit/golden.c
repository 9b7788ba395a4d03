#include "tests/unit/golden.h"

#include <check.h>
#include <glib.h>

void
golden_check(const char *name, const char *text)
{
    const char *folder = g_getenv("AMILAUNCH_GOLDEN_DIR");
    g_autofree char *path = g_build_filename(folder != NULL ? folder : "tests/golden", name, NULL);
    g_autofree char *expected = NULL;

    if (g_strcmp0(g_getenv("AMILAUNCH_GOLDEN"), "write") == 0)
        ck_assert_msg(g_file_set_contents(path, text, -1, NULL), "can't write %s", path);
    ck_assert_msg(g_file_get_contents(path, &expected, NULL, NULL), "can't read %s", path);
    ck_assert_str_eq(text, expected);
}
