#include "common/error.h"
#include "drivers/hypervisor.h"
#include "tests/unit/suites.h"

#include <string.h>

/* Starts what isn't called "bad". With MEET, each waits for another that is being started. */
typedef struct {
    hypervisor base;
    GMutex lock;
    GCond met;
    gboolean meet;
    guint inside, most, started, destroyed;
} phony_driver;

static gboolean
can_boot(hypervisor *base G_GNUC_UNUSED, const boot_plan *plan G_GNUC_UNUSED,
         GError **error G_GNUC_UNUSED)
{
    return TRUE;
}

static gboolean
start(hypervisor *base, const boot_plan *plan, GError **error)
{
    phony_driver *self = (phony_driver *)base;
    gint64 until = g_get_monotonic_time() + 60 * G_TIME_SPAN_SECOND;

    g_mutex_lock(&self->lock);
    self->started++;
    self->inside++;
    self->most = MAX(self->most, self->inside);
    g_cond_broadcast(&self->met);
    while (self->meet && self->most < 2 && g_cond_wait_until(&self->met, &self->lock, until))
        continue;
    self->inside--;
    g_mutex_unlock(&self->lock);
    return !g_str_equal(plan->name, "bad") ||
           error_set(error, ERROR_HOST_LIBVIRT, "%s doesn't start", plan->name);
}

static gboolean
destroy(hypervisor *base, const char *name, GError **error G_GNUC_UNUSED)
{
    phony_driver *self = (phony_driver *)base;

    ck_assert_str_eq(name, "bad");
    g_mutex_lock(&self->lock);
    self->destroyed++;
    g_mutex_unlock(&self->lock);
    return TRUE;
}

static const hypervisor_ops one_ops = {
    .can_boot = can_boot, .define = can_boot, .start = start, .destroy = destroy};
static const hypervisor_ops many_ops = {.many_at_once = TRUE,
                                        .can_boot = can_boot,
                                        .define = can_boot,
                                        .start = start,
                                        .destroy = destroy};

static GPtrArray *
plans_named(const char *const *names)
{
    GPtrArray *plans = g_ptr_array_new_with_free_func((GDestroyNotify)boot_plan_free);

    for (; *names != NULL; names++) {
        boot_plan *plan = boot_plan_new();
        plan->name = g_strdup(*names);
        g_ptr_array_add(plans, plan);
    }
    return plans;
}

static const char *const good[] = {"a", "b", "c", "d", "e", "f", "g", NULL};

START_TEST(guests_are_started_several_at_once)
{
    phony_driver driver = {.base.ops = &many_ops, .meet = TRUE};
    g_autoptr(GPtrArray) plans = plans_named(good);
    g_autoptr(GError) error = NULL;

    ck_assert(hypervisor_start_all(&driver.base, plans, NULL, &error));
    ck_assert_ptr_null(error);
    ck_assert_uint_eq(driver.started, plans->len);
    ck_assert_uint_ge(driver.most, 2);
}
END_TEST

START_TEST(a_driver_that_cannot_is_asked_for_one_after_the_other)
{
    phony_driver driver = {.base.ops = &one_ops};
    g_autoptr(GPtrArray) plans = plans_named(good);

    ck_assert(hypervisor_start_all(&driver.base, plans, NULL, NULL));
    ck_assert_uint_eq(driver.started, plans->len);
    ck_assert_uint_eq(driver.most, 1);
}
END_TEST

START_TEST(the_first_failure_is_told_and_ends_it)
{
    static const char *const names[] = {"bad", "bad", "bad", "bad", "bad", "bad", "bad", NULL};
    static const hypervisor_ops *const kinds[] = {&one_ops, &many_ops};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        phony_driver driver = {.base.ops = kinds[i]};
        g_autoptr(GPtrArray) plans = plans_named(names);
        g_autoptr(GError) error = NULL;
        ck_assert(!hypervisor_start_all(&driver.base, plans, NULL, &error));
        ck_assert(error_is(error, ERROR_HOST_LIBVIRT));
        ck_assert_str_eq(error->message, "bad doesn't start");
        ck_assert_uint_ge(driver.started, 1);
        ck_assert_uint_le(driver.started, plans->len);
        ck_assert_uint_eq(driver.destroyed, driver.started);
    }
}
END_TEST

Suite *
suite_start_all(void)
{
    Suite *suite = suite_create("start all");
    TCase *tests = tcase_create("start all");

    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, guests_are_started_several_at_once);
    tcase_add_test(tests, a_driver_that_cannot_is_asked_for_one_after_the_other);
    tcase_add_test(tests, the_first_failure_is_told_and_ends_it);
    suite_add_tcase(suite, tests);
    return suite;
}
