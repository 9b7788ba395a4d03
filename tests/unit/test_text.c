#include "cli/text.h"
#include "tests/unit/suites.h"

#include <string.h>

static const char text[] =
    "a\033[2Jb\033[1;31mred\033[0m\nl\xc3\xa4\xe2\x82\xac\tend\033cx\xff\a\033[";
#define CLEAN "abred\nl\xc3\xa4\xe2\x82\xac\tendx\xef\xbf\xbd"

START_TEST(nothing_moves_the_cursor)
{
    g_autofree char *clean = text_clean(text);

    ck_assert_str_eq(clean, CLEAN);
}
END_TEST

/* However it is cut. */
START_TEST(pieces_are_cleaned_as_the_whole)
{
    g_autoptr(GString) pending = g_string_new("");
    g_autoptr(GString) all = g_string_new("");

    for (gsize at = 0; at < strlen(text); at += (gsize)_i) {
        g_string_append_len(pending, text + at, (gssize)MIN((gsize)_i, strlen(text) - at));
        g_autofree char *clean = text_clean_piece(pending);
        g_string_append(all, clean);
    }
    ck_assert_str_eq(all->str, CLEAN);
    ck_assert_str_eq(pending->str, "\033[");
}
END_TEST

START_TEST(what_never_ends_is_not_kept)
{
    g_autoptr(GString) pending = g_string_new("\033[");
    g_autofree char *clean = NULL;

    for (int i = 0; i < 1000; i++)
        g_string_append_c(pending, '0');
    g_string_append_len(pending, "\0z", 2);
    clean = text_clean_piece(pending);
    ck_assert_uint_eq(pending->len, 0);
}
END_TEST

Suite *
suite_text(void)
{
    Suite *suite = suite_create("text");
    TCase *tests = tcase_create("text");

    tcase_add_test(tests, nothing_moves_the_cursor);
    tcase_add_loop_test(tests, pieces_are_cleaned_as_the_whole, 1, 12);
    tcase_add_test(tests, what_never_ends_is_not_kept);
    suite_add_tcase(suite, tests);
    return suite;
}
