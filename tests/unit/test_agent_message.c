#include "drivers/agent_message.h"
#include "tests/unit/suites.h"

#include <string.h>

START_TEST(requests_are_one_line_of_json)
{
    g_autofree char *plain = agent_request(7, "reboot", NULL, TRUE);
    g_autofree char *device = agent_request(4294967295u, "detach", "sd\"f", FALSE);

    ck_assert_str_eq(plain, "{\"id\":7,\"do\":\"reboot\",\"force\":true}\n");
    ck_assert_str_eq(
        device, "{\"id\":4294967295,\"do\":\"detach\",\"force\":false,\"device\":\"sd\\\"f\"}\n");
}
END_TEST

static agent_verdict
verdict_of(const char *line)
{
    g_auto(agent_reply) reply = {0};

    agent_answer(line, 7, &reply);
    ck_assert((reply.problem != NULL) == (reply.verdict == AGENT_REFUSED));
    return reply.verdict;
}

START_TEST(only_an_answer_to_the_request_counts)
{
    ck_assert_int_eq(verdict_of("{\"id\":7,\"ok\":true}"), AGENT_DONE);
    ck_assert_int_eq(verdict_of("{\"id\":7,\"ok\":false}"), AGENT_REFUSED);
    ck_assert_int_eq(verdict_of("{\"id\":7,\"ok\":false,\"error\":[1]}"), AGENT_REFUSED);
    ck_assert_int_eq(verdict_of("{\"id\":8,\"ok\":true}"), AGENT_SILENT);
    ck_assert_int_eq(verdict_of("{\"id\":\"7\",\"ok\":true}"), AGENT_SILENT);
    ck_assert_int_eq(verdict_of("{\"id\":7.0,\"ok\":true}"), AGENT_SILENT);
    ck_assert_int_eq(verdict_of("{\"id\":7,\"ok\":\"true\"}"), AGENT_SILENT);
    ck_assert_int_eq(verdict_of("{\"id\":7}"), AGENT_SILENT);
    ck_assert_int_eq(verdict_of("{\"id\":8,\"id\":7,\"ok\":true}"), AGENT_SILENT);
    ck_assert_int_eq(verdict_of("{\"ok\":true}"), AGENT_SILENT);
    ck_assert_int_eq(verdict_of("[7,true]"), AGENT_SILENT);
    ck_assert_int_eq(verdict_of("7"), AGENT_SILENT);
    ck_assert_int_eq(verdict_of(""), AGENT_SILENT);
    ck_assert_int_eq(verdict_of("{\"id\":7,\"ok\":true"), AGENT_SILENT);
    ck_assert_int_eq(verdict_of("\xff\xfe{\"id\":7,\"ok\":true}"), AGENT_SILENT);
}
END_TEST

START_TEST(brackets_without_end_are_no_answer)
{
    g_autofree char *deep = g_strnfill(AGENT_LINE_MOST, '[');

    ck_assert_int_eq(verdict_of(deep), AGENT_SILENT);
}
END_TEST

START_TEST(boots_are_counted)
{
    g_auto(agent_reply) reply = {0};

    agent_answer("{\"id\":7,\"ok\":true,\"guest\":\"running\",\"boots\":3}", 7, &reply);
    ck_assert_int_eq(reply.boots, 3);
    agent_answer("{\"id\":7,\"ok\":true,\"boots\":\"3\"}", 7, &reply);
    ck_assert_int_eq(reply.boots, 0);
}
END_TEST

START_TEST(its_words_are_made_printable_and_short)
{
    g_auto(agent_reply) reply = {0};
    g_autofree char *words = g_strnfill(3000, 'x');
    g_autofree char *line =
        g_strdup_printf("{\"id\":7,\"ok\":false,\"error\":\"a\\u001b[2Jb\\nc\xc3\xa4%s\"}", words);

    agent_answer(line, 7, &reply);
    ck_assert_int_eq(reply.verdict, AGENT_REFUSED);
    ck_assert(g_str_has_prefix(reply.problem, "a?[2Jb?c??xxx"));
    ck_assert_uint_eq(strlen(reply.problem), 200);
}
END_TEST

START_TEST(lines_are_taken_one_by_one)
{
    g_autoptr(GString) heard = g_string_new("one\ntw");
    g_autofree char *one = agent_next_line(heard);
    g_autofree char *two = NULL;

    ck_assert_str_eq(one, "one");
    ck_assert_ptr_null(agent_next_line(heard));
    g_string_append(heard, "o\n");
    two = agent_next_line(heard);
    ck_assert_str_eq(two, "two");
    ck_assert_uint_eq(heard->len, 0);
}
END_TEST

START_TEST(what_never_ends_is_not_kept)
{
    g_autoptr(GString) heard = g_string_new(NULL);
    g_autofree char *flood = g_strnfill(AGENT_LINE_MOST + 1, 'x');
    g_autofree char *line = NULL;

    for (guint i = 0; i < 100; i++) {
        g_string_append(heard, flood);
        ck_assert_ptr_null(agent_next_line(heard));
        ck_assert_uint_eq(heard->len, 0);
    }
    g_string_append(heard, flood);
    g_string_append_c(heard, '\n');
    line = agent_next_line(heard);
    ck_assert_str_eq(line, "");
}
END_TEST

START_TEST(a_line_with_a_nul_is_no_answer)
{
    static const char bytes[] = "{\"id\":7,\0\"ok\":true}\n";
    g_autoptr(GString) heard = g_string_new_len(bytes, sizeof bytes - 1);
    g_autofree char *line = agent_next_line(heard);

    ck_assert_int_eq(verdict_of(line), AGENT_SILENT);
    ck_assert_uint_eq(heard->len, 0);
}
END_TEST

Suite *
suite_agent_message(void)
{
    Suite *suite = suite_create("agent_message");
    TCase *tests = tcase_create("agent_message");

    tcase_add_test(tests, requests_are_one_line_of_json);
    tcase_add_test(tests, only_an_answer_to_the_request_counts);
    tcase_add_test(tests, brackets_without_end_are_no_answer);
    tcase_add_test(tests, boots_are_counted);
    tcase_add_test(tests, its_words_are_made_printable_and_short);
    tcase_add_test(tests, lines_are_taken_one_by_one);
    tcase_add_test(tests, what_never_ends_is_not_kept);
    tcase_add_test(tests, a_line_with_a_nul_is_no_answer);
    suite_add_tcase(suite, tests);
    return suite;
}
