/* What dom0's agent reads: its own command line, and the host's requests. */
#include "appliance/request.h"
#include "appliance/words.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <string.h>

#define GOOD                                                                                       \
    "console=hvc0 quiet amilaunch.mem=512 amilaunch.vcpus=2 amilaunch.grub=hd00 "                  \
    "amilaunch.root=sda amilaunch.uuid=ec2c0a5e-0000-4000-8000-000000000001 amilaunch.disks=3 "    \
    "amilaunch.later=x\n"

START_TEST(the_words_are_read)
{
    const char *wrong;
    words told;

    ck_assert(words_parse(&told, GOOD, &wrong));
    ck_assert_uint_eq(told.mem, 512);
    ck_assert_uint_eq(told.vcpus, 2);
    ck_assert_uint_eq(told.disks, 3);
    ck_assert_str_eq(told.grub, "hd00");
    ck_assert_str_eq(told.root, "sda");
    ck_assert_str_eq(told.name, "guest");
    ck_assert(!told.log);
}
END_TEST

static const struct {
    const char *more; /* after what is good: the last word counts */
    const char *wrong;
} bad_words[] = {
    {"amilaunch.mem=0", "mem"},
    {"amilaunch.mem=-1", "mem"},
    {"amilaunch.mem=99999999999999999999", "mem"},
    {"amilaunch.vcpus=2x", "vcpus"},
    {"amilaunch.grub=hd1", "grub"},
    {"amilaunch.root=../x", "root"},
    {"amilaunch.root=vda", "root"},
    {"amilaunch.uuid=\"", "uuid"},
    {"amilaunch.name=a\"]", "name"},
    {"amilaunch.name=", "name"},
};

START_TEST(a_wrong_word_is_named)
{
    char line[512];
    const char *wrong;
    words told;

    snprintf(line, sizeof line, "%.*s %s", (int)strlen(GOOD) - 1, GOOD, bad_words[_i].more);
    ck_assert(!words_parse(&told, line, &wrong));
    ck_assert_str_eq(wrong, bad_words[_i].wrong);
    ck_assert(!words_parse(&told, "quiet amilaunch.mem=512", &wrong));
    ck_assert_str_eq(wrong, "vcpus");
}
END_TEST

START_TEST(devices_are_those_that_xen_has)
{
    static const char *const good[] = {"sda",  "sda1",  "sdp15", "xvda",
                                       "xvdf", "xvdz9", "xvdaa", "hdd"};
    static const char *const bad[] = {"",    "s",     "sd",     "sd1", "sdq",  "sda0",
                                      "vda", "sda16", "sda1x",  "xvd", "hde",  "xvdaaa",
                                      "x/d", "sda 1", "sda,w]", "SDA", "sda+1"};

    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(words_is_device(good[i]), "%s", good[i]);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!words_is_device(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(a_request_is_read)
{
    request asked;

    ck_assert(request_parse(&asked, "{\"do\":\"state\"}"));
    ck_assert_str_eq(asked.verb, "state");
    ck_assert(!asked.has_id && !asked.force);
    ck_assert(request_parse(&asked,
                            " { \"id\" : 4294967295 , \"do\":\"detach\", \"device\":\"sdf\", "
                            "\"force\": true, \"new\": -1.5e3, \"x\": \"y\", \"z\": false } "));
    ck_assert_str_eq(asked.verb, "detach");
    ck_assert_str_eq(asked.device, "sdf");
    ck_assert(asked.force && asked.has_id);
    ck_assert_int_eq(asked.id, 4294967295);
}
END_TEST

static const char *const bad_requests[] = {
    "",
    "{",
    "{}",
    "[]",
    "{\"do\"}",
    "{\"do\":}",
    "{\"do\":\"state\"",
    "{\"do\":\"state\"}}",
    "{\"do\":\"state\",}",
    "{\"do\":1}",
    "{\"do\":\"\"}",
    "{\"do\":\"state",
    "{\"do\":\"st\\u0061te\"}",
    "{\"do\":\"a very long verb indeed\"}",
    "{\"do\":\"detach\",\"device\":\"0123456789012345678901234567890\"}",
    "{\"do\":\"detach\",\"force\":1}",
    "{\"do\":\"x\",\"y\":{}}",
    "{\"id\":\"1\",\"do\":\"state\"}",
};

START_TEST(what_is_no_request_is_refused)
{
    request asked;

    ck_assert_msg(!request_parse(&asked, bad_requests[_i]), "%s", bad_requests[_i]);
}
END_TEST

Suite *
suite_agent(void)
{
    Suite *suite = suite_create("agent");
    TCase *tests = tcase_create("agent");

    tcase_add_test(tests, the_words_are_read);
    tcase_add_loop_test(tests, a_wrong_word_is_named, 0, sizeof bad_words / sizeof bad_words[0]);
    tcase_add_test(tests, devices_are_those_that_xen_has);
    tcase_add_test(tests, a_request_is_read);
    tcase_add_loop_test(tests, what_is_no_request_is_refused, 0,
                        sizeof bad_requests / sizeof bad_requests[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
