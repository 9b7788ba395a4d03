/* Waiting for a guest whose console says one thing or another. */
#include "common/error.h"
#include "images/home.h"
#include "tests/engine/fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define BIOS "SeaBIOS (version 1)\r\nBooting from Hard Disk...\r\n"

static char *vm;
static boot_stop *stop;

static void
set_up_guest(void)
{
    set_up();
    vm = run_one();
}

static void
tear_down_guest(void)
{
    g_clear_pointer(&stop, boot_stop_free);
    g_clear_pointer(&vm, g_free);
    tear_down();
}

static void
writes(char *(*where)(const char *, const char *), const char *text)
{
    g_autofree char *path = where(home, vm);
    g_autofree char *folder = g_path_get_dirname(path);

    ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

/* Without waiting for anything that isn't there. */
static void
expect_failure(error_code code, const char *words)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!launcher_wait_login(engine, vm, 0, &stop, &error));
    ck_assert_msg(error_is(error, code), "%s", error->message);
    ck_assert_msg(strstr(error->message, words) != NULL, "%s", error->message);
    ck_assert_ptr_nonnull(stop);
}

START_TEST(one_that_asks_for_a_login_is_up)
{
    writes(home_console_log, BIOS "host login: ");
    ck_assert(launcher_wait_login(engine, vm, 0, &stop, NULL));
    ck_assert_ptr_null(stop);
}
END_TEST

START_TEST(one_that_stopped_is_not_waited_for)
{
    writes(home_console_log,
           BIOS "Boot failed: not a bootable disk\r\n\r\nNo bootable device.\r\n");
    expect_failure(ERROR_GUEST_STOPPED, "stopped at: " BOOT_LINK_FIRMWARE);
    ck_assert(stop->stopped);
    ck_assert_str_eq(stop->seen->line, "Boot failed: not a bootable disk");
    ck_assert_ptr_nonnull(stop->plan);
    ck_assert_ptr_null(stop->foresaw);
}
END_TEST

START_TEST(one_that_is_slow_is_only_named_so)
{
    writes(home_console_log, BIOS "GRUB loading...\r\n");
    expect_failure(ERROR_HOST_TIMEOUT, "it was last at: " BOOT_LINK_LOADER);
    ck_assert(!stop->stopped);
}
END_TEST

START_TEST(one_that_says_nothing_is_slow_too)
{
    expect_failure(ERROR_HOST_TIMEOUT, "shows no login");
    ck_assert(!stop->stopped);
    ck_assert_ptr_null(stop->seen->link);
}
END_TEST

START_TEST(one_that_went_off_is_not_up)
{
    writes(home_console_log, BIOS "GRUB loading...\r\n");
    fake_guest_off(driver, vm, OFF_SHUTDOWN);
    expect_failure(ERROR_INSTANCE_STATE, "before it came up");
    ck_assert_str_eq(stop->seen->link, BOOT_LINK_LOADER);
}
END_TEST

START_TEST(a_silent_guests_appliance_is_looked_at)
{
    writes(home_appliance_log, "(XEN) Panic on CPU 0:\n");
    expect_failure(ERROR_GUEST_STOPPED, "stopped at: " BOOT_LINK_PARAVIRTUAL);
}
END_TEST

TCase *
coming_up_tests(void)
{
    TCase *tests = tcase_create("coming up");

    tcase_add_checked_fixture(tests, set_up_guest, tear_down_guest);
    tcase_add_test(tests, one_that_asks_for_a_login_is_up);
    tcase_add_test(tests, one_that_stopped_is_not_waited_for);
    tcase_add_test(tests, one_that_is_slow_is_only_named_so);
    tcase_add_test(tests, one_that_says_nothing_is_slow_too);
    tcase_add_test(tests, one_that_went_off_is_not_up);
    tcase_add_test(tests, a_silent_guests_appliance_is_looked_at);
    return tests;
}
