#include "cli/next_step.h"
#include "common/error.h"
#include "tests/unit/suites.h"

#include <gio/gio.h>

START_TEST(ec2s_messages_get_one)
{
    g_autoptr(GError) error = NULL;

    error_set(&error, ERROR_INSTANCE_NOT_FOUND, "The instance ID 'i-12345678' does not exist");
    ck_assert_str_eq(next_step(error),
                     "amilaunch ls lists instances; --region and --account say whose");
}
END_TEST

/* Of one code, what is meant decides. */
START_TEST(messages_of_one_code_differ)
{
    static const struct {
        error_code code;
        const char *message, *step;
    } cases[] = {
        {ERROR_PARAMETER_VALUE, "The filter 'nmae' is invalid",
         "the command's --help lists the names of filters"},
        {ERROR_PARAMETER_VALUE, "'7' is no account: 12 digits", NULL},
        {ERROR_UNSUPPORTED,
         "The instance 'i-1' does not have an 'ebs' root device type and cannot be stopped.",
         "amilaunch image bundle makes an image of its root; amilaunch terminate ends it"},
        {ERROR_UNSUPPORTED, "this guest needs a host that runs Xen", NULL},
        {ERROR_NOT_PERMITTED,
         "The instance 'i-1' may not be terminated. Modify its 'disableApiTermination' instance "
         "attribute and try again.",
         "amilaunch modify INSTANCE --protect off, or --protect-stop off, takes a protection away"},
        {ERROR_HOST_TIMEOUT, "not all are stopped after 5 s",
         "amilaunch log shows what its console says; --timeout S waits longer"},
    };
    g_autoptr(GError) error = NULL;

    error_set(&error, cases[_i].code, "%s", cases[_i].message);
    ck_assert_pstr_eq(next_step(error), cases[_i].step);
}
END_TEST

START_TEST(what_tells_by_itself_is_left_alone)
{
    static const char *const messages[] = {
        "The instance 'i-1' is running: stop it first",
        "another command is at work on it. Try again when it is done.",
        "The key pair 'x' does not exist: `amilaunch key ls` lists those there are",
        "Launch with --map /dev/sda1=::::encrypted",
    };
    g_autoptr(GError) error = NULL;

    error_set(&error, ERROR_INSTANCE_STATE, "%s", messages[_i]);
    ck_assert_ptr_null(next_step(error));
}
END_TEST

START_TEST(others_errors_have_none)
{
    g_autoptr(GError) error = g_error_new(G_IO_ERROR, 7, "x");
    g_autoptr(GError) usage = NULL;

    ck_assert_ptr_null(next_step(error));
    error_set(&usage, ERROR_USAGE, "there is no command x");
    ck_assert_ptr_null(next_step(usage));
}
END_TEST

START_TEST(what_glib_says_of_files_is_the_disks)
{
    g_autoptr(GError) error = g_error_new(G_FILE_ERROR, G_FILE_ERROR_NOSPC, "x");

    ck_assert(g_str_has_prefix(next_step(error), "amilaunch doctor tells of HOME's disk"));
}
END_TEST

Suite *
suite_next_step(void)
{
    Suite *suite = suite_create("next step");
    TCase *tests = tcase_create("next step");

    tcase_add_test(tests, ec2s_messages_get_one);
    tcase_add_loop_test(tests, messages_of_one_code_differ, 0, 6);
    tcase_add_loop_test(tests, what_tells_by_itself_is_left_alone, 0, 4);
    tcase_add_test(tests, others_errors_have_none);
    tcase_add_test(tests, what_glib_says_of_files_is_the_disks);
    suite_add_tcase(suite, tests);
    return suite;
}
