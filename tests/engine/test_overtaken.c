/* Commands that others overtake between two steps. */
#include "common/error.h"
#include "launcher/reconcile.h"
#include "tests/engine/fixture.h"

START_TEST(an_old_look_does_not_press_the_button_of_the_next_life)
{
    g_autofree char *id = run_one();
    g_autoptr(instance) seen = NULL;

    ck_assert(told(launcher_stop, id, NULL));
    ck_assert(told(start, id, NULL));
    seen = instance_get(engine->db, id, NULL);
    seen->state = INSTANCE_STOPPING;
    seen->starts--;
    ck_assert(reconcile_press_power(engine, seen, NULL));
    ck_assert(fake_runs(driver, id));
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
}
END_TEST

START_TEST(a_domain_that_comes_after_the_termination_goes)
{
    g_autofree char *ended = run_one();
    g_autofree char *other = run_one();

    ck_assert(told(launcher_terminate, ended, NULL));
    g_hash_table_insert(driver->domains, g_strdup(ended), g_new0(domain_status, 1));
    look();
    ck_assert(!fake_has(driver, ended));
    ck_assert(fake_runs(driver, other));
}
END_TEST

static char *contested;

static void
stop_it_before_the_reset(const char *what)
{
    if (!g_str_equal(what, "reset"))
        return;
    driver->meanwhile = NULL;
    ck_assert(told(launcher_stop, contested, NULL));
}

START_TEST(a_reboot_that_a_stop_overtakes_says_so)
{
    g_autofree char *id = run_one();
    g_autoptr(GError) error = NULL;

    contested = id;
    driver->hangs_on_reboot = TRUE;
    driver->fails_at = "reset";
    driver->meanwhile = stop_it_before_the_reset;
    ck_assert(!told(launcher_reboot, id, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_STATE));
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
}
END_TEST

START_TEST(a_reset_that_fails_says_why)
{
    g_autofree char *id = run_one();
    g_autoptr(GError) error = NULL;

    driver->hangs_on_reboot = TRUE;
    driver->fails_at = "reset";
    ck_assert(!told(launcher_reboot, id, &error));
    ck_assert(error_is(error, ERROR_HOST_LIBVIRT));
}
END_TEST

/* The guest powers off in the last moment, and others would like to start its next life. */
static void
start_it_before_the_cut(const char *what)
{
    if (!g_str_equal(what, "destroy"))
        return;
    driver->meanwhile = NULL;
    fake_guest_off(driver, contested, OFF_SHUTDOWN);
    look();
    ck_assert(!told(start, contested, NULL));
}

START_TEST(nobody_starts_it_while_its_power_is_cut)
{
    g_autofree char *id = run_one();

    contested = id;
    driver->ignores_power = TRUE;
    driver->meanwhile = start_it_before_the_cut;
    ck_assert(told(launcher_stop, id, NULL));
    ck_assert_ptr_null(driver->meanwhile);
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    ck_assert(told(start, id, NULL));
}
END_TEST

START_TEST(a_cut_that_fails_is_made_up_for)
{
    g_autofree char *id = run_one();

    driver->ignores_power = TRUE;
    driver->fails_at = "destroy";
    ck_assert(!told(launcher_stop, id, NULL));
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPING);
    driver->fails_at = NULL;
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    ck_assert(!fake_runs(driver, id));
}
END_TEST

TCase *
overtaken_tests(void)
{
    TCase *tests = tcase_create("overtaken");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, an_old_look_does_not_press_the_button_of_the_next_life);
    tcase_add_test(tests, a_domain_that_comes_after_the_termination_goes);
    tcase_add_test(tests, a_reboot_that_a_stop_overtakes_says_so);
    tcase_add_test(tests, a_reset_that_fails_says_why);
    tcase_add_test(tests, nobody_starts_it_while_its_power_is_cut);
    tcase_add_test(tests, a_cut_that_fails_is_made_up_for);
    return tests;
}
