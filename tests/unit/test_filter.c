#include "common/error.h"
#include "common/filter.h"
#include "tests/unit/suites.h"

#include <sqlite3.h>

/* ---- patterns ---- */

static const struct {
    const char *pattern, *text;
    gboolean matches;
} patterns[] = {
    {"", "", TRUE},
    {"", "a", FALSE},
    {"a", "", FALSE},
    {"a", "a", TRUE},
    {"a", "A", FALSE},
    {"a", "ab", FALSE},
    {"ab", "a", FALSE},
    {"*", "", TRUE},
    {"*", "anything", TRUE},
    {"**", "x", TRUE},
    {"?", "", FALSE},
    {"?", "x", TRUE},
    {"?", "xy", FALSE},
    {"?", "\xc3\xa9", TRUE},
    {"*?*", "\xc3\xa9", TRUE},
    {"amzn2-*-x86_64", "amzn2-ami-hvm-x86_64", TRUE},
    {"amzn2-*-x86_64", "amzn2-ami-hvm-x86_64-gp2", FALSE},
    {"*a*b", "aabab", TRUE},
    {"*a*b", "aabac", FALSE},
    {"\\*", "*", TRUE},
    {"\\*", "x", FALSE},
    {"\\?", "?", TRUE},
    {"\\?", "x", FALSE},
    {"\\\\", "\\", TRUE},
    {"\\*amazon\\?\\\\", "*amazon?\\", TRUE},
    {"C:\\dir", "C:\\dir", TRUE},
    {"a\\", "a\\", TRUE},
    {"\\\\*", "\\more", TRUE},
    {"[ab]", "a", FALSE},
    {"[ab]", "[ab]", TRUE},
    {"[*", "[more", TRUE},
    {"*]", "more]", TRUE},
    {"[^a]", "[^a]", TRUE},
    {"%", "x", FALSE},
    {"_%", "_%", TRUE},
    {"it's", "it's", TRUE},
    {"\xff*", "\xff\xf0", TRUE},
    {"*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     FALSE},
};

START_TEST(patterns_match_as_they_should)
{
    ck_assert_msg(pattern_matches(patterns[_i].pattern, patterns[_i].text) == patterns[_i].matches,
                  "%s %s", patterns[_i].pattern, patterns[_i].text);
}
END_TEST

/* What the database would say. */
static gboolean
glob_matches(const char *glob, const char *text)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    gboolean matches;

    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT ?2 GLOB ?1", -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_text(statement, 1, glob, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    matches = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return matches;
}

START_TEST(the_database_matches_the_same)
{
    g_autofree char *glob = pattern_glob(patterns[_i].pattern);
    g_autofree char *literal = pattern_literal(patterns[_i].pattern);

    ck_assert_msg(glob_matches(glob, patterns[_i].text) == patterns[_i].matches, "%s %s",
                  patterns[_i].pattern, patterns[_i].text);
    if (literal != NULL)
        ck_assert(g_str_equal(literal, patterns[_i].text) == patterns[_i].matches);
}
END_TEST

/* ---- filters ---- */

static const struct {
    const char *text, *name, *values; /* the values with | between them */
} good[] = {
    {"name=state,values=available", "state", "available"},
    {"Name=architecture,Values=x86_64,i386", "architecture", "x86_64|i386"},
    {"Name=tag:a,b,Values=c", "tag:a,b", "c"},
    {"name=tag:Owner,values=", "tag:Owner", ""},
    {"name=n,values=,", "n", "|"},
    {"name=n,values=a\\,b,c", "n", "a,b|c"},
    {"name=n,values=a\\*b\\\\,c", "n", "a\\*b\\\\|c"},
    {"name=n,values=\"a,b\",'c,d',e", "n", "a,b|c,d|e"},
    {"name=n,values='", "n", "'"},
    {"name=n,values='a'b,\"", "n", "'a'b|\""},
    {"name=n,values=x,values=y", "n", "x|values=y"},
    {"name=n,values=a=b", "n", "a=b"},
    {"name=n,values=\\", "n", "\\"},
};

START_TEST(filters_are_read)
{
    const char *const texts[] = {good[_i].text, NULL};
    g_autoptr(GPtrArray) all = filters_parse(texts, NULL);
    g_autofree char *values = NULL;
    const filter *one;

    ck_assert_msg(all != NULL && all->len == 1, "%s", good[_i].text);
    one = g_ptr_array_index(all, 0);
    ck_assert_str_eq(one->name, good[_i].name);
    g_ptr_array_add(one->values, NULL);
    values = g_strjoinv("|", (char **)one->values->pdata);
    ck_assert_str_eq(values, good[_i].values);
}
END_TEST

static const char *const bad[] = {
    "",          "state",        "state=available", "name=state",      "name=,values=x",
    "name=",     "name=state,x", "values=x,name=y", "NAME=a,values=b", "[{\"Name\":\"a\"}]",
    ",values=x", "nam",          "name=a,value=b",
};

START_TEST(what_is_no_filter_is_refused)
{
    const char *const texts[] = {"name=state,values=x", bad[_i], NULL};
    g_autoptr(GError) error = NULL;

    ck_assert_msg(filters_parse(texts, &error) == NULL, "%s", bad[_i]);
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
}
END_TEST

START_TEST(there_is_a_most_of_all)
{
    g_autoptr(GString) text = g_string_new("name=n,values=1");
    g_autofree char *longest = g_strdup_printf("name=n,values=%0255d", 1);
    g_autofree char *longer = g_strdup_printf("name=n,values=%0256d", 1);
    const char *many[52] = {NULL};
    const char *one[2] = {NULL};
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GError) error = NULL;

    for (int i = 1; i < 10000; i++)
        g_string_append(text, ",1");
    one[0] = text->str;
    ck_assert_ptr_null(filters_parse(one, &error));
    ck_assert(error_is(error, ERROR_FILTER_LIMIT));
    g_clear_error(&error);
    for (int i = 0; i < 51; i++)
        many[i] = "name=a,values=b";
    ck_assert_ptr_null(filters_parse(many, &error));
    ck_assert(error_is(error, ERROR_FILTER_LIMIT));
    g_clear_error(&error);
    one[0] = longer;
    ck_assert_ptr_null(filters_parse(one, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    one[0] = longest;
    all = filters_parse(one, NULL);
    ck_assert_ptr_nonnull(all);
}
END_TEST

Suite *
suite_filter(void)
{
    Suite *suite = suite_create("filter");
    TCase *tests = tcase_create("filters");

    tcase_add_loop_test(tests, patterns_match_as_they_should, 0, G_N_ELEMENTS(patterns));
    tcase_add_loop_test(tests, the_database_matches_the_same, 0, G_N_ELEMENTS(patterns));
    tcase_add_loop_test(tests, filters_are_read, 0, G_N_ELEMENTS(good));
    tcase_add_loop_test(tests, what_is_no_filter_is_refused, 0, G_N_ELEMENTS(bad));
    tcase_add_test(tests, there_is_a_most_of_all);
    suite_add_tcase(suite, tests);
    return suite;
}
