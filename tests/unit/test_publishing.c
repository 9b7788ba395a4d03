#include "common/error.h"
#include "launcher/publishing.h"
#include "tests/unit/suites.h"

static GPtrArray *
parse(const char *one, const char *other, GError **error)
{
    const char *const texts[] = {one, other, NULL};

    return publishing_parse(texts, error);
}

static void
expect_port(const GPtrArray *ports, guint i, gint64 host, gint64 guest)
{
    const published_port *port = g_ptr_array_index(ports, i);

    ck_assert_int_eq(port->host, host);
    ck_assert_int_eq(port->guest, guest);
}

START_TEST(one_number_or_two)
{
    g_autoptr(GPtrArray) ports = parse("8080:80", "65535", NULL);
    g_autoptr(GPtrArray) none = publishing_parse(NULL, NULL);

    ck_assert_ptr_nonnull(ports);
    ck_assert_uint_eq(ports->len, 2);
    expect_port(ports, 0, 8080, 80);
    expect_port(ports, 1, 65535, 65535);
    ck_assert_uint_eq(none->len, 0);
}
END_TEST

START_TEST(what_is_no_port)
{
    static const char *const wrong[] = {"",   "0",   "65536",    "1:0",     "0:1",   "1:65536",
                                        "a",  "80a", ":80",      "80:",     "1:2:3", " 80",
                                        "-1", "+80", "8080: 80", "99999:1", "000080"};

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_msg(parse(wrong[i], NULL, &error) == NULL, "'%s' is taken", wrong[i]);
        ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    }
}
END_TEST

START_TEST(a_port_of_the_host_leads_to_one_place)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) two = parse("8080:80", "8081:80", NULL);

    ck_assert_ptr_nonnull(two);
    ck_assert_ptr_null(parse("8080:80", "8080:81", &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
}
END_TEST

START_TEST(not_too_many)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) most = NULL;
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < PUBLISH_MOST; i++)
        g_ptr_array_add(texts, g_strdup_printf("%u", 5000 + i));
    g_ptr_array_add(texts, NULL);
    most = publishing_parse((const char *const *)texts->pdata, NULL);
    ck_assert_uint_eq(most->len, PUBLISH_MOST);
    g_ptr_array_insert(texts, 0, g_strdup("4999"));
    ck_assert_ptr_null(publishing_parse((const char *const *)texts->pdata, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
}
END_TEST

START_TEST(homes_look_for_ssh_in_different_places)
{
    const gint64 mine = publishing_first_ssh("/home/me/amilaunch");

    ck_assert_int_eq(publishing_first_ssh("/home/me/amilaunch"), mine);
    ck_assert_int_ne(publishing_first_ssh("/home/you/amilaunch"), mine);
    for (guint i = 0; i < 1000; i++) {
        g_autofree char *home = g_strdup_printf("/home/%u", i);
        ck_assert_int_ge(publishing_first_ssh(home), PUBLISH_SSH_HOST);
        ck_assert_int_le(publishing_first_ssh(home), 32768 - 100);
    }
}
END_TEST

Suite *
suite_publishing(void)
{
    Suite *suite = suite_create("publishing");
    TCase *tests = tcase_create("publishing");

    tcase_add_test(tests, one_number_or_two);
    tcase_add_test(tests, what_is_no_port);
    tcase_add_test(tests, a_port_of_the_host_leads_to_one_place);
    tcase_add_test(tests, not_too_many);
    tcase_add_test(tests, homes_look_for_ssh_in_different_places);
    suite_add_tcase(suite, tests);
    return suite;
}
