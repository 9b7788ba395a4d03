#include "launcher/console_command.h"
#include "tests/unit/suites.h"

#include <string.h>

#define TOKEN "5eed"
#define BEGINS "amilaunch-" TOKEN "-begins\r\n"
#define ENDS "amilaunch-" TOKEN "-ends "

static console_command *command;
static char *line;
static GString *output;
static GString *typed;

static gboolean
take(const char *bytes, gsize length, gpointer data G_GNUC_UNUSED)
{
    g_string_append_len(output, bytes, (gssize)length);
    return TRUE;
}

static void
set_up(void)
{
    line = console_command_line("uname -r", TOKEN);
    command = console_command_new("root", line, TOKEN, take, NULL);
    output = g_string_new(NULL);
    typed = g_string_new(NULL);
}

static void
tear_down(void)
{
    g_string_free(typed, TRUE);
    g_string_free(output, TRUE);
    console_command_free(command);
    g_free(line);
}

static gboolean
says(const char *text)
{
    return console_command_heard(command, text, strlen(text), typed);
}

/* What is typed in so many fifths of a second of silence. */
static const char *
silence(guint fifths)
{
    g_string_truncate(typed, 0);
    while (fifths-- > 0 && console_command_waited(command, typed))
        ;
    return typed->str;
}

static void
expect_typed(const char *text, guint fifths)
{
    g_autofree char *wanted = g_strconcat(text, "\n", NULL);

    ck_assert_str_eq(silence(fifths), wanted);
}

static void
expect_end(int status, const char *text)
{
    int got = -1;
    gboolean begun = FALSE;

    ck_assert_int_eq(console_command_ended(command, &got, &begun), COMMAND_ENDED);
    ck_assert(begun);
    ck_assert_int_eq(got, status);
    ck_assert_str_eq(output->str, text);
}

START_TEST(it_logs_in_and_tells_output_from_all_else)
{
    expect_typed("", 2);
    ck_assert(says("\r\nDebian GNU/Linux 12 host ttyS0\r\n\r\nhost login: "));
    expect_typed("root", 2);
    ck_assert(says("root\r\nLast login: never\r\nroot@host:~# \033[6n"));
    expect_typed(line, 2);
    ck_assert(says(line));
    ck_assert(says("\r\n[  12.0] a kernel's word\r\n" BEGINS "6.1.0\r\n"));
    ck_assert(!says(ENDS "0\r\nroot@host:~# "));
    expect_end(0, "6.1.0\n");
}
END_TEST

START_TEST(pieces_may_be_of_any_size)
{
    static const char all[] =
        "$ " BEGINS "no newline, amilaunch-5eed-e\r\namilaunch-" ENDS "127\r\n";

    for (const char *at = all; *at != '\0'; at++)
        console_command_heard(command, at, 1, typed);
    expect_end(127, "no newline, amilaunch-5eed-e\namilaunch-");
}
END_TEST

START_TEST(a_guest_that_goes_on_talking_is_let_talk)
{
    for (int i = 0; i < 50; i++) {
        ck_assert(says("Loading # "));
        ck_assert_str_eq(silence(1), "");
    }
    expect_typed(line, 1);
}
END_TEST

START_TEST(what_was_lost_is_typed_again)
{
    ck_assert(says("# "));
    expect_typed(line, 2);
    ck_assert_str_eq(silence(39), "");
    expect_typed("", 1);
    ck_assert(says("\r\n# "));
    expect_typed(line, 2);
    ck_assert(says(BEGINS));
    ck_assert_str_eq(silence(1000), "");
    ck_assert(!says(ENDS "0\r\n"));
}
END_TEST

/* A shell that has no $?, or a kernel that had a word to say. */
START_TEST(a_status_that_is_not_told_is_no_success)
{
    ck_assert(says(BEGINS "x\r\n"));
    ck_assert(!says(ENDS "\r\n 0\r\n"));
    expect_end(255, "x\n");
}
END_TEST

START_TEST(nobody_types_a_password)
{
    int status;
    gboolean begun;

    ck_assert(says("host login: "));
    expect_typed("root", 2);
    ck_assert(says("root\r\nPassword: "));
    ck_assert_str_eq(silence(2), "");
    ck_assert_int_eq(console_command_ended(command, &status, &begun), COMMAND_PASSWORD);
    ck_assert(!begun);
}
END_TEST

START_TEST(what_is_typed_does_not_end_it)
{
    ck_assert_ptr_null(strstr(line, "amilaunch-" TOKEN));
    ck_assert(says(BEGINS));
    ck_assert(says(line));
    ck_assert(says("\r\n"));
}
END_TEST

START_TEST(only_lines_can_be_typed)
{
    g_autofree char *quotes = console_command_line("echo 'a b' \"c\" $HOME", TOKEN);
    g_autofree char *longest = g_strnfill(COMMAND_LINE_LIMIT, 'x');

    ck_assert_ptr_nonnull(strstr(quotes, "sh -c 'echo '\\''a b'\\'' \"c\" $HOME' </dev/null;"));
    ck_assert_ptr_null(console_command_line(longest, TOKEN));
    ck_assert_ptr_null(console_command_line("one\ntwo", TOKEN));
    ck_assert_ptr_null(console_command_line("\035", TOKEN));
}
END_TEST

Suite *
suite_console_command(void)
{
    Suite *suite = suite_create("console-command");
    TCase *all = tcase_create("console-command");

    suite_add_tcase(suite, all);
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, it_logs_in_and_tells_output_from_all_else);
    tcase_add_test(all, pieces_may_be_of_any_size);
    tcase_add_test(all, a_guest_that_goes_on_talking_is_let_talk);
    tcase_add_test(all, what_was_lost_is_typed_again);
    tcase_add_test(all, a_status_that_is_not_told_is_no_success);
    tcase_add_test(all, nobody_types_a_password);
    tcase_add_test(all, what_is_typed_does_not_end_it);
    tcase_add_test(all, only_lines_can_be_typed);
    return suite;
}
