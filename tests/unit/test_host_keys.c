#include "images/host_keys.h"
#include "launcher/login_user.h"
#include "tests/unit/suites.h"

#include <string.h>

#define ED "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEf6oWvfdkMWpEyt2SPirNmY30kIpQ99qAIhMATj2Kab"
#define EC                                                                                         \
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGpeEt5F"             \
    "DW6z8zHzFk9irk+S31g0fApYCmAfAuZh5GLtm6lPS9b2acFRqQ2IopUHRKM1+syyjUyXPK7jDilw8ss="
#define BEGIN "-----BEGIN SSH HOST KEY KEYS-----\r\n"
#define END "-----END SSH HOST KEY KEYS-----\r\n"

static void
expect(const char *text, const char *wanted)
{
    g_autofree char *keys = host_keys_of_console(text, "i-1");

    ck_assert_pstr_eq(keys, wanted);
}

START_TEST(what_cloud_init_shows_is_learned)
{
    expect("Debian login: " BEGIN EC " root@host\r\n" ED "\r\n" END "\r\nlogin: ",
           "i-1 " EC "\ni-1 " ED "\n");
    expect(BEGIN "[  OK  ] Started a service\r\n  " ED " c\r\nssh-ed25519\r\n" END, "i-1 " ED "\n");
}
END_TEST

START_TEST(the_last_whole_list_counts)
{
    expect(BEGIN EC "\n" END BEGIN ED "\n" END, "i-1 " ED "\n");
    expect(BEGIN EC "\n" END BEGIN ED "\n", "i-1 " EC "\n");
    expect(BEGIN EC "\n" BEGIN ED "\n" END, "i-1 " ED "\n");
    expect(END BEGIN, NULL);
    expect(BEGIN ED "\n", NULL);
    expect(BEGIN END, NULL);
    /* The dashes are one's or the other's. */
    expect("-----BEGIN SSH HOST KEY KEYS-----END SSH HOST KEY KEYS-----", NULL);
    expect("", NULL);
}
END_TEST

START_TEST(nothing_but_keys_gets_through)
{
    expect(BEGIN "* " ED "\n@cert-authority * " ED "\n" END, NULL);
    expect(BEGIN "ssh-rsa "
                 "AAAAC3NzaC1lZDI1NTE5AAAAIEf6oWvfdkMWpEyt2SPirNmY30kIpQ99qAIhMATj2Kab\n" END,
           NULL);
    expect(BEGIN "ssh-ed25519 AAAA!\nssh-ed25519 \x1b[2J\nssh-ed25519 AAAA\n" END, NULL);
}
END_TEST

START_TEST(many_are_too_many)
{
    g_autoptr(GString) text = g_string_new(BEGIN);
    g_autofree char *keys = NULL;

    for (int i = 0; i < 1000; i++)
        g_string_append(text, ED "\n");
    g_string_append(text, END);
    keys = host_keys_of_console(text->str, "i-1");
    ck_assert_uint_eq(strlen(keys), HOST_KEYS_MOST * strlen("i-1 " ED "\n"));
}
END_TEST

START_TEST(users_are_those_of_the_system)
{
    ck_assert_str_eq(login_user("debian", "my image"), "admin");
    ck_assert_str_eq(login_user("ubuntu", NULL), "ubuntu");
    ck_assert_str_eq(login_user("ubuntu", "Bitnami-wordpress-4"), "bitnami");
    ck_assert_str_eq(login_user("redhat-based", "amzn-ami"), "ec2-user");
    ck_assert_str_eq(login_user(NULL, NULL), "ec2-user");
}
END_TEST

Suite *
suite_host_keys(void)
{
    Suite *suite = suite_create("host_keys");
    TCase *tests = tcase_create("host_keys");

    tcase_add_test(tests, what_cloud_init_shows_is_learned);
    tcase_add_test(tests, the_last_whole_list_counts);
    tcase_add_test(tests, nothing_but_keys_gets_through);
    tcase_add_test(tests, many_are_too_many);
    tcase_add_test(tests, users_are_those_of_the_system);
    suite_add_tcase(suite, tests);
    return suite;
}
