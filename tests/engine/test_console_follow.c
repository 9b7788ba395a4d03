/* A console's log that is added to, turned over and emptied while somebody reads it. */
#include "common/error.h"
#include "images/home.h"
#include "tests/engine/fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *vm;
static char *path;
static GString *seen;

static void
set_up_log(void)
{
    g_autofree char *folder = NULL;

    set_up();
    vm = run_one();
    path = home_console_log(home, vm);
    folder = g_path_get_dirname(path);
    ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
    seen = g_string_new("");
}

static void
tear_down_log(void)
{
    g_string_free(seen, TRUE);
    g_free(path);
    g_free(vm);
    tear_down();
}

static void
append(const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

    ck_assert(write(file, text, strlen(text)) == (gssize)strlen(text));
    close(file);
}

static void
turn_over(void)
{
    g_autofree char *old = g_strconcat(path, ".0", NULL);

    ck_assert_int_eq(g_rename(path, old), 0);
}

/* What happens next is told by what was seen last, so that nothing depends on time. */
static gboolean
take(const char *bytes, gsize length, gpointer data)
{
    const char *until = data;

    g_string_append_len(seen, bytes, (gssize)length);
    if (g_str_has_suffix(seen->str, "one\n"))
        append("two\n");
    else if (g_str_has_suffix(seen->str, "two\n")) {
        append("and ");
        turn_over();
        append("three\n");
    } else if (g_str_has_suffix(seen->str, "three\n")) {
        ck_assert_int_eq(truncate(path, 0), 0);
        append("4\n");
    } else if (g_str_has_suffix(seen->str, "4\n"))
        fake_guest_off(driver, vm, OFF_SHUTDOWN);
    return until == NULL || !g_str_has_suffix(seen->str, until);
}

START_TEST(all_is_told_until_the_guest_is_off)
{
    append("one\n");
    ck_assert(launcher_console_follow(engine, vm, take, NULL, NULL));
    ck_assert_str_eq(seen->str, "one\ntwo\nand three\n4\n");
    ck_assert_int_eq(state_of(vm), INSTANCE_STOPPED);
}
END_TEST

START_TEST(it_ends_when_its_reader_has_enough)
{
    append("one\n");
    ck_assert(launcher_console_follow(engine, vm, take, (gpointer) "two\n", NULL));
    ck_assert_str_eq(seen->str, "one\ntwo\n");
}
END_TEST

START_TEST(what_was_turned_over_comes_first)
{
    append("before\n");
    turn_over();
    append("4\n");
    ck_assert(launcher_console_follow(engine, vm, take, NULL, NULL));
    ck_assert_str_eq(seen->str, "before\n4\n");
}
END_TEST

START_TEST(it_begins_with_the_last_64_kib)
{
    g_autofree char *line = g_strnfill(999, 'x');

    for (int i = 0; i < 100; i++) {
        append(line);
        append("\n");
    }
    append("4\n");
    ck_assert(launcher_console_follow(engine, vm, take, NULL, NULL));
    ck_assert_uint_eq(seen->len, CONSOLE_OUTPUT_LIMIT / 1000 * 1000 + 2);
}
END_TEST

START_TEST(one_that_is_off_has_its_log)
{
    g_autoptr(GError) error = NULL;

    append("was");
    ck_assert(told(launcher_terminate, vm, NULL));
    ck_assert(launcher_console_follow(engine, vm, take, NULL, NULL));
    ck_assert_str_eq(seen->str, "");
    ck_assert(!launcher_console_follow(engine, "i-0123456789abcdef0", take, NULL, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_NOT_FOUND));
}
END_TEST

TCase *
console_follow_tests(void)
{
    TCase *tests = tcase_create("console-follow");

    tcase_add_checked_fixture(tests, set_up_log, tear_down_log);
    tcase_add_test(tests, all_is_told_until_the_guest_is_off);
    tcase_add_test(tests, it_ends_when_its_reader_has_enough);
    tcase_add_test(tests, what_was_turned_over_comes_first);
    tcase_add_test(tests, it_begins_with_the_last_64_kib);
    tcase_add_test(tests, one_that_is_off_has_its_log);
    return tests;
}
