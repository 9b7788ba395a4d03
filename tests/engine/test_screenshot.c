/* Pictures of screens: of what runs, and only then. */
#include "common/error.h"
#include "tests/engine/fixture.h"

#include <string.h>

START_TEST(a_running_guest_has_its_picture_taken)
{
    g_autofree char *id = run_one();
    g_autoptr(GBytes) picture = launcher_screenshot(engine, id, NULL);
    gsize length;
    const char *data;

    ck_assert_ptr_nonnull(picture);
    data = g_bytes_get_data(picture, &length);
    ck_assert_uint_gt(length, 8);
    ck_assert_mem_eq(data, "\x89PNG\r\n\x1a\n", 8);
}
END_TEST

START_TEST(one_that_is_off_shows_nothing)
{
    g_autofree char *id = run_one();
    g_autoptr(GError) error = NULL;

    ck_assert(told(launcher_stop, id, NULL));
    ck_assert_ptr_null(launcher_screenshot(engine, id, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_STATE));
    g_clear_error(&error);
    act_as("210987654321", "us-east-1");
    ck_assert_ptr_null(launcher_screenshot(engine, id, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_NOT_FOUND));
}
END_TEST

TCase *
screenshot_tests(void)
{
    TCase *tests = tcase_create("screenshot");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_running_guest_has_its_picture_taken);
    tcase_add_test(tests, one_that_is_off_shows_nothing);
    return tests;
}
