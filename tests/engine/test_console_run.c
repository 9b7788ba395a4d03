/* A command at a guest's console, which a test plays. */
#include "common/error.h"
#include "tests/engine/fixture.h"

#include <string.h>

static char *vm;
static GString *output;

static void
set_up_console(void)
{
    set_up();
    vm = run_one();
    output = g_string_new(NULL);
}

static void
tear_down_console(void)
{
    g_string_free(output, TRUE);
    g_free(vm);
    tear_down();
}

static gboolean
take(const char *bytes, gsize length, gpointer data)
{
    g_string_append_len(data, bytes, (gssize)length);
    return TRUE;
}

static gboolean
run_at_console(const char *text, guint timeout_s, int *status, GError **error)
{
    const console_request request = {"root", text, timeout_s, take, output};

    return launcher_console_run(engine, vm, &request, status, error);
}

static gboolean
hear(const console_talker *talker, const char *text, GString *typed)
{
    return talker->heard(text, strlen(text), typed, talker->data);
}

/* A guest with a shell that says "hello" to any command, and that it failed. */
static void
obey(const console_talker *talker)
{
    g_autoptr(GString) typed = g_string_new(NULL);
    g_auto(GStrv) words = NULL;
    g_autofree char *token = NULL;
    g_autofree char *answer = NULL;

    ck_assert(hear(talker, "sample# ", typed));
    for (guint i = 0; i < 10 && typed->len == 0; i++)
        ck_assert(talker->waited(typed, talker->data));
    words = g_strsplit(typed->str, ";", 2);
    ck_assert(g_str_has_prefix(words[0], "echo amilaunch\"\"-") &&
              g_str_has_suffix(words[0], "-begins"));
    token = g_strndup(words[0] + 17, strlen(words[0]) - 17 - strlen("-begins"));
    answer = g_strdup_printf("%s\r\namilaunch-%s-begins\r\nhello\r\namilaunch-%s-ends 3\r\n",
                             typed->str, token, token);
    ck_assert(!hear(talker, answer, typed));
}

static void
be_silent(const console_talker *talker)
{
    g_autoptr(GString) typed = g_string_new(NULL);

    while (talker->waited(typed, talker->data))
        ;
}

START_TEST(a_command_is_run)
{
    int status = 0;

    driver->on_talk = obey;
    ck_assert(run_at_console("uname", 60, &status, NULL));
    ck_assert_str_eq(output->str, "hello\n");
    ck_assert_int_eq(status, 3);
}
END_TEST

static void
expect_refusal(const char *text, guint timeout_s, error_code code)
{
    g_autoptr(GError) error = NULL;
    int status;

    ck_assert(!run_at_console(text, timeout_s, &status, &error));
    ck_assert_msg(error_is(error, code), "%s", error->message);
    ck_assert_str_eq(output->str, "");
}

START_TEST(it_may_not_be)
{
    expect_refusal("two\nlines", 60, ERROR_PARAMETER_VALUE);
    driver->on_talk = be_silent;
    expect_refusal("uname", 0, ERROR_HOST_TIMEOUT);
    driver->on_talk = NULL;
    expect_refusal("uname", 60, ERROR_INSTANCE_STATE);
    ck_assert(told(launcher_stop, vm, NULL));
    driver->on_talk = obey;
    expect_refusal("uname", 60, ERROR_INSTANCE_STATE);
}
END_TEST

TCase *
console_run_tests(void)
{
    TCase *tests = tcase_create("console-run");

    tcase_add_checked_fixture(tests, set_up_console, tear_down_console);
    tcase_add_test(tests, a_command_is_run);
    tcase_add_test(tests, it_may_not_be);
    return tests;
}
