/* Prices, what was used, and what the database notes of it. */
#include "common/error.h"
#include "common/files.h"
#include "launcher/cost.h"
#include "store/image.h"
#include "store/instance.h"
#include "store/snapshot.h"
#include "store/usage_schema.h"
#include "store/volume.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>

#define JANUARY G_GINT64_CONSTANT(1704067200) /* 2024-01-01 */
#define DAY 86400
#define FEBRUARY (JANUARY + 31 * DAY)
#define MARCH (FEBRUARY + 29 * DAY)
#define LATE G_GINT64_CONSTANT(4000000000)

static char *folder;
static prices *known;

static void
set_up(void)
{
    settings none = {.prices = NULL};
    g_autofree char *path = prices_path(&none);
    g_autoptr(GError) error = NULL;

    folder = g_dir_make_tmp("amilaunch-cost-XXXXXX", NULL);
    known = prices_load(path, &error);
    ck_assert_msg(known != NULL, "%s", error != NULL ? error->message : "");
}

static void
tear_down(void)
{
    folder_remove(folder, NULL);
    g_free(folder);
    prices_free(known);
}

/* ---- prices ---- */

START_TEST(prices_are_those_of_the_file)
{
    ck_assert_double_eq(prices_instance(known, "m3.medium"), 0.067);
    ck_assert_double_eq(prices_instance(known, "hs1.8xlarge"), 4.60);
    ck_assert_double_eq(prices_volume(known, "gp2"), 0.10);
    ck_assert_double_eq(prices_snapshot(known), 0.05);
    ck_assert_double_eq(prices_bundle(known), 0.023);
    ck_assert_double_lt(prices_instance(known, "m3.enormous"), 0);
    ck_assert_double_lt(prices_volume(known, "standard"), 0);
    ck_assert_double_lt(prices_volume(known, NULL), 0);
    ck_assert_str_eq(prices_region(known), "us-east-1");
}
END_TEST

#define HEAD "date = \"now\"; region = \"here\"; volumes = ();\n"

static const struct {
    const char *text, *complaint;
} wrong[] = {
    {"region = \"here\"; volumes = (); instances = ();", ":1: date is missing here"},
    {HEAD, ":1: instances is missing here"},
    {HEAD "instances = ( { type = \"a.b\"; } );", ":2: hour is missing here"},
    {HEAD "instances = (\n{ type = \"a.b\"; hour = -0.1; } );",
     ":3: hour can't be -0.1; it is a number of dollars from 0 to 1000000"},
    {HEAD "instances = ( { type = \"a.b\"; hour = \"1\"; } );", ":2: hour can't be \"1\"; it is"},
    {HEAD "instances = ( { type = \"a.b\"; hour = 1e99; } );", ":2: hour can't be 1e+99; it is"},
    {HEAD "instances = ( { type = \"a.b\"; hour = 1; },\n{ type = \"a.b\"; hour = 2; } );",
     ":3: the type a.b is here twice"},
    {HEAD "instances = (); snapshots = 1;", ":2: there is no setting snapshots here"},
};

START_TEST(wrong_prices_are_named)
{
    g_autofree char *path = g_build_filename(folder, "prices.conf", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(g_file_set_contents(path, wrong[_i].text, -1, NULL));
    ck_assert_ptr_null(prices_load(path, &error));
    ck_assert(error_is(error, ERROR_CONFIG));
    ck_assert_msg(strstr(error->message, wrong[_i].complaint) != NULL, "%s", error->message);
}
END_TEST

START_TEST(whole_numbers_and_free_things_are_prices)
{
    g_autofree char *path = g_build_filename(folder, "prices.conf", NULL);
    g_autoptr(prices) mine = NULL;

    ck_assert(g_file_set_contents(
        path, HEAD "instances = ( { type = \"a.b\"; hour = 0; }, { type = \"c.d\"; hour = 2; } );",
        -1, NULL));
    mine = prices_load(path, NULL);
    ck_assert_ptr_nonnull(mine);
    ck_assert_double_eq(prices_instance(mine, "a.b"), 0);
    ck_assert_double_eq(prices_instance(mine, "c.d"), 2);
    ck_assert_double_lt(prices_snapshot(mine), 0);
}
END_TEST

/* ---- computing ---- */

static GPtrArray *all;

static void
set_up_usage(void)
{
    set_up();
    all = g_ptr_array_new_with_free_func((GDestroyNotify)usage_free);
}

static void
tear_down_usage(void)
{
    g_ptr_array_unref(all);
    tear_down();
}

static void
used(usage_kind kind, const char *resource, const char *type, gint64 amount, gint64 begun,
     gint64 ended)
{
    usage *one = g_new0(usage, 1);

    one->kind = (int)kind;
    one->resource = g_strdup(resource);
    one->type = g_strdup(type);
    one->amount = amount;
    one->begun = begun;
    one->ended = ended;
    g_ptr_array_add(all, one);
}

static cost_report *
computed(gint64 since, gint64 until, guint lines)
{
    cost_report *report = cost_compute(all, known, since, until);

    ck_assert_uint_eq(report->lines->len, lines);
    return report;
}

static const cost_line *
at(const cost_report *report, guint place)
{
    return g_ptr_array_index(report->lines, place);
}

START_TEST(an_instance_costs_what_it_ran)
{
    g_autoptr(cost_report) report = NULL;

    used(USAGE_INSTANCE, "i-1", "m3.medium", 0, JANUARY, JANUARY + 3600);
    used(USAGE_INSTANCE, "i-1", "m3.medium", 0, JANUARY + 7200, JANUARY + 7200 + 1800);
    used(USAGE_INSTANCE, "i-2", "m1.small", 0, JANUARY, 0);
    report = computed(JANUARY, JANUARY + 3 * 3600, 2);
    ck_assert_int_eq(at(report, 0)->seconds, 5400);
    ck_assert_uint_eq(at(report, 0)->starts, 2);
    ck_assert_double_eq_tol(at(report, 0)->dollars, 1.5 * 0.067, 1e-9);
    ck_assert_int_eq(at(report, 1)->seconds, 3 * 3600);
    ck_assert_double_eq_tol(report->total, 1.5 * 0.067 + 3 * 0.044, 1e-9);
}
END_TEST

START_TEST(each_start_costs_a_minute)
{
    g_autoptr(cost_report) report = NULL;

    used(USAGE_INSTANCE, "i-1", "m3.medium", 0, JANUARY, JANUARY + 5);
    used(USAGE_INSTANCE, "i-1", "m3.medium", 0, JANUARY + 10, JANUARY + 10);
    used(USAGE_INSTANCE, "i-1", "m3.medium", 0, JANUARY + 20, JANUARY + 20 + 61);
    used(USAGE_INSTANCE, "i-1", "m3.medium", 0, JANUARY + 200, JANUARY + 100);
    report = computed(JANUARY, MARCH, 1);
    ck_assert_int_eq(at(report, 0)->seconds, 60 + 60 + 61 + 60);
}
END_TEST

START_TEST(a_month_has_what_is_of_it)
{
    g_autoptr(cost_report) january = NULL;
    g_autoptr(cost_report) february = NULL;
    g_autoptr(cost_report) march = NULL;

    used(USAGE_INSTANCE, "i-1", "m3.medium", 0, FEBRUARY - 10, FEBRUARY + 30);
    january = computed(JANUARY, FEBRUARY, 1);
    february = computed(FEBRUARY, MARCH, 1);
    march = computed(MARCH, LATE, 0);
    ck_assert_int_eq(at(january, 0)->seconds, 60);
    ck_assert_int_eq(at(february, 0)->seconds, 30);
    ck_assert_uint_eq(at(february, 0)->starts, 0);
    ck_assert_double_eq(march->total, 0);
}
END_TEST

START_TEST(a_gb_month_is_as_long_as_the_month)
{
    g_autoptr(cost_report) both = NULL;
    g_autoptr(cost_report) half = NULL;

    used(USAGE_VOLUME, "vol-1", "gp2", 8, JANUARY, MARCH);
    both = computed(JANUARY, MARCH, 1);
    ck_assert_double_eq_tol(at(both, 0)->gb_months, 16, 1e-9);
    ck_assert_double_eq_tol(both->total, 1.6, 1e-9);
    half = computed(FEBRUARY, FEBRUARY + 29 * DAY / 2, 1);
    ck_assert_double_eq_tol(at(half, 0)->gb_months, 4, 1e-9);
}
END_TEST

START_TEST(a_volume_may_grow_and_change)
{
    g_autoptr(cost_report) report = NULL;

    used(USAGE_VOLUME, "vol-1", "gp2", 8, JANUARY, FEBRUARY);
    used(USAGE_VOLUME, "vol-1", "gp2", 16, FEBRUARY, MARCH);
    used(USAGE_VOLUME, "vol-1", "gp3", 16, MARCH, MARCH + 31 * DAY);
    report = computed(JANUARY, LATE, 2);
    ck_assert_double_eq_tol(at(report, 0)->gb_months, 24, 1e-9);
    ck_assert_double_eq_tol(at(report, 1)->dollars, 16 * 0.08, 1e-9);
}
END_TEST

START_TEST(snapshots_and_bundles_cost_their_bytes)
{
    g_autoptr(cost_report) report = NULL;

    used(USAGE_SNAPSHOT, "snap-1", NULL, G_GINT64_CONSTANT(1) << 29, JANUARY, FEBRUARY);
    used(USAGE_BUNDLE, "ami-1", NULL, G_GINT64_CONSTANT(1) << 31, JANUARY, FEBRUARY);
    report = computed(JANUARY, MARCH, 2);
    ck_assert_double_eq_tol(at(report, 0)->dollars, 0.5 * 0.05, 1e-9);
    ck_assert_double_eq_tol(at(report, 1)->dollars, 2 * 0.023, 1e-9);
}
END_TEST

START_TEST(what_is_not_known_is_not_guessed)
{
    g_autoptr(cost_report) report = NULL;

    used(USAGE_INSTANCE, "i-1", "m5.24xlarge", 0, JANUARY, JANUARY + 3600);
    used(USAGE_VOLUME, "vol-1", "gp2", 1, JANUARY, FEBRUARY);
    used(USAGE_SNAPSHOT, "snap-1", NULL, -1, JANUARY, FEBRUARY);
    report = computed(JANUARY, FEBRUARY, 3);
    ck_assert_double_lt(at(report, 0)->dollars, 0);
    ck_assert(at(report, 0)->measured);
    ck_assert(!at(report, 2)->measured);
    ck_assert_uint_eq(report->unpriced, 2);
    ck_assert_double_eq_tol(report->total, 0.10, 1e-9);
}
END_TEST

START_TEST(times_are_read)
{
    gint64 since = 0, until = 0;

    ck_assert(cost_parse_month("2024-02", &since, &until));
    ck_assert_int_eq(since, FEBRUARY);
    ck_assert_int_eq(until, MARCH);
    ck_assert(cost_parse_month("2023-12", &since, &until));
    ck_assert_int_eq(until, JANUARY);
    ck_assert(cost_parse_day("2024-02-29", &since));
    ck_assert_int_eq(since, MARCH - DAY);
    ck_assert(!cost_parse_day("2023-02-29", &since));
    ck_assert(!cost_parse_day("2024-02", &since));
    ck_assert(!cost_parse_month("2024-13", &since, &until));
    ck_assert(!cost_parse_month("2024-2", &since, &until));
    ck_assert(!cost_parse_month("2024-02-01", &since, &until));
    ck_assert(!cost_parse_month("", &since, &until));
    ck_assert_int_eq(cost_month_of(FEBRUARY + 5), FEBRUARY);
}
END_TEST

/* ---- what the database notes ---- */

static store *db;

static void
set_up_store(void)
{
    set_up();
    db = store_open(folder, NULL);
    ck_assert_ptr_nonnull(db);
}

static void
tear_down_store(void)
{
    store_free(db);
    tear_down();
}

static instance *
insert_instance(void)
{
    const instance vm = {.id = (char *)"i-1",
                         .reservation = (char *)"r-1",
                         .uuid = (char *)"u",
                         .image = (char *)"ami-1",
                         .type = (char *)"m3.medium",
                         .state = INSTANCE_PENDING,
                         .owner = (char *)"1",
                         .region = (char *)"r",
                         .zone = (char *)"ra",
                         .architecture = (char *)"x86_64",
                         .root_device = (char *)"/dev/sda1",
                         .content = (char *)"c"};

    ck_assert(instance_insert(db, &vm, NULL));
    return instance_get(db, "i-1", NULL);
}

static void
goes(instance *vm, instance_state state, const char *reason)
{
    vm->state = (int)state;
    g_free(vm->reason_code);
    vm->reason_code = g_strdup(reason);
    ck_assert(instance_update(db, vm, NULL));
}

/* How many there are of account 1, and how many of them go on. */
static void
expect(guint count, guint going_on)
{
    g_autoptr(GPtrArray) found = usage_list(db, "1", NULL);
    guint open = 0;

    for (guint i = 0; i < found->len; i++)
        open += ((usage *)g_ptr_array_index(found, i))->ended == 0;
    ck_assert_uint_eq(found->len, count);
    ck_assert_uint_eq(open, going_on);
}

START_TEST(an_instances_states_are_noted)
{
    g_autoptr(instance) vm = insert_instance();

    expect(0, 0);
    goes(vm, INSTANCE_RUNNING, NULL);
    expect(1, 1);
    goes(vm, INSTANCE_RUNNING, "still");
    expect(1, 1);
    goes(vm, INSTANCE_STOPPING, "Client.UserInitiatedHibernate");
    expect(1, 1);
    goes(vm, INSTANCE_STOPPED, "Client.UserInitiatedHibernate");
    expect(1, 0);
    goes(vm, INSTANCE_PENDING, NULL);
    expect(1, 0);
    goes(vm, INSTANCE_RUNNING, NULL);
    expect(2, 1);
    goes(vm, INSTANCE_STOPPING, "Client.UserInitiatedShutdown");
    expect(2, 0);
    goes(vm, INSTANCE_RUNNING, NULL);
    ck_assert(instance_delete(db, "i-1", NULL));
    expect(3, 0);
}
END_TEST

START_TEST(what_is_rolled_back_was_not_used)
{
    g_autoptr(instance) vm = insert_instance();
    transaction *change = transaction_begin(db, NULL);

    goes(vm, INSTANCE_RUNNING, NULL);
    expect(1, 1);
    transaction_free(change);
    expect(0, 0);
}
END_TEST

START_TEST(a_volumes_life_is_noted)
{
    volume what = {.id = (char *)"vol-1",
                   .state = VOLUME_CREATING,
                   .size_gib = 1,
                   .type = (char *)"gp2",
                   .zone = (char *)"us-east-1a",
                   .owner = (char *)"1"};
    g_autoptr(GPtrArray) of_instance = NULL;
    g_autoptr(GPtrArray) found = NULL;
    const usage *last;

    g_autoptr(instance) vm = insert_instance();
    ck_assert_ptr_nonnull(vm);
    ck_assert(volume_insert(db, &what, NULL));
    expect(0, 0);
    what.state = VOLUME_AVAILABLE;
    ck_assert(volume_update(db, &what, NULL));
    what.delete_on_termination = 1;
    ck_assert(volume_update(db, &what, NULL));
    expect(1, 1);
    what.state = VOLUME_IN_USE;
    what.instance = (char *)"i-1";
    ck_assert(volume_update(db, &what, NULL));
    expect(2, 1);
    what.size_gib = 5;
    ck_assert(volume_update(db, &what, NULL));
    expect(3, 1);
    of_instance = usage_list_of_instance(db, "i-1", NULL);
    ck_assert_uint_eq(of_instance->len, 2);
    found = usage_list(db, "1", NULL);
    last = g_ptr_array_index(found, 2);
    ck_assert_int_eq(last->amount, 5);
    ck_assert_str_eq(last->region, "us-east-1");
    ck_assert_str_eq(last->instance, "i-1");
    ck_assert(volume_delete(db, "vol-1", NULL));
    expect(3, 0);
}
END_TEST

START_TEST(a_snapshot_is_measured)
{
    snapshot disk = {.id = (char *)"snap-1",
                     .state = SNAPSHOT_PENDING,
                     .owner = (char *)"1",
                     .region = (char *)"r"};
    g_autoptr(GPtrArray) fresh = NULL;
    g_autoptr(GPtrArray) measured = NULL;

    ck_assert(snapshot_insert(db, &disk, NULL));
    expect(0, 0);
    disk.state = SNAPSHOT_COMPLETED;
    ck_assert(snapshot_update(db, &disk, NULL));
    expect(1, 1);
    fresh = usage_list_unmeasured(db, NULL);
    ck_assert_uint_eq(fresh->len, 1);
    ck_assert(usage_measure(db, "snap-1", 100, NULL));
    expect(1, 1);
    ck_assert(usage_measure(db, "snap-1", 100, NULL));
    expect(1, 1);
    ck_assert(usage_measure(db, "snap-1", 70, NULL));
    expect(2, 1);
    measured = usage_list(db, "1", NULL);
    ck_assert_int_eq(((usage *)g_ptr_array_index(measured, 0))->amount, 100);
    ck_assert_int_eq(((usage *)g_ptr_array_index(measured, 1))->amount, 70);
    disk.state = SNAPSHOT_RECOVERABLE;
    ck_assert(snapshot_update(db, &disk, NULL));
    expect(2, 1);
    disk.state = SNAPSHOT_DELETED;
    ck_assert(snapshot_update(db, &disk, NULL));
    expect(2, 0);
    ck_assert(usage_measure(db, "snap-1", 10, NULL));
    expect(2, 0);
}
END_TEST

static void
sql(const char *text)
{
    g_autofree char *path = g_build_filename(folder, "amilaunch.db", NULL);
    sqlite3 *other;
    char *problem = NULL;

    ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(other, text, NULL, NULL, &problem) == SQLITE_OK, "%s", problem);
    sqlite3_close(other);
}

START_TEST(old_usage_is_forgotten)
{
    g_autoptr(instance) vm = insert_instance();

    sql("INSERT INTO usage (resource, kind, owner, region, amount, begun, ended)"
        " VALUES ('i-0', 'instance', '1', 'r', 0, 1, 2),"
        " ('i-0', 'instance', '1', 'r', 0, 1, strftime('%s','now') - 399 * 86400)");
    expect(1, 0);
    goes(vm, INSTANCE_RUNNING, NULL);
    expect(2, 1);
}
END_TEST

START_TEST(what_was_there_before_is_taken_over)
{
    g_autoptr(instance) vm = insert_instance();
    const volume what = {.id = (char *)"vol-1",
                         .state = VOLUME_IN_USE,
                         .size_gib = 3,
                         .type = (char *)"gp2",
                         .zone = (char *)"ra",
                         .owner = (char *)"1",
                         .created = 7,
                         .instance = (char *)"i-1"};
    g_autoptr(GPtrArray) found = NULL;

    vm->launched = 5;
    goes(vm, INSTANCE_RUNNING, NULL);
    ck_assert(volume_insert(db, &what, NULL));
    sql("DROP TABLE usage;"
        "DROP TRIGGER usage_instance_made; DROP TRIGGER usage_instance_changed;"
        "DROP TRIGGER usage_instance_gone; DROP TRIGGER usage_volume_made;"
        "DROP TRIGGER usage_volume_changed; DROP TRIGGER usage_volume_gone;"
        "DROP TRIGGER usage_snapshot_made; DROP TRIGGER usage_snapshot_changed;"
        "DROP TRIGGER usage_snapshot_gone; DROP TRIGGER usage_image_made;"
        "DROP TRIGGER usage_image_changed; DROP TRIGGER usage_image_gone;" USAGE_STEP);
    found = usage_list(db, "1", NULL);
    ck_assert_uint_eq(found->len, 2);
    ck_assert_int_eq(((usage *)g_ptr_array_index(found, 0))->begun, 5);
    ck_assert_int_eq(((usage *)g_ptr_array_index(found, 1))->begun, 7);
    ck_assert_int_eq(((usage *)g_ptr_array_index(found, 1))->amount, 3);
}
END_TEST

Suite *
suite_cost(void)
{
    Suite *suite = suite_create("cost");
    TCase *from_file = tcase_create("prices");
    TCase *computing = tcase_create("computing");
    TCase *noting = tcase_create("noting");

    tcase_add_checked_fixture(from_file, set_up, tear_down);
    tcase_add_test(from_file, prices_are_those_of_the_file);
    tcase_add_loop_test(from_file, wrong_prices_are_named, 0, G_N_ELEMENTS(wrong));
    tcase_add_test(from_file, whole_numbers_and_free_things_are_prices);
    suite_add_tcase(suite, from_file);
    tcase_add_checked_fixture(computing, set_up_usage, tear_down_usage);
    tcase_add_test(computing, an_instance_costs_what_it_ran);
    tcase_add_test(computing, each_start_costs_a_minute);
    tcase_add_test(computing, a_month_has_what_is_of_it);
    tcase_add_test(computing, a_gb_month_is_as_long_as_the_month);
    tcase_add_test(computing, a_volume_may_grow_and_change);
    tcase_add_test(computing, snapshots_and_bundles_cost_their_bytes);
    tcase_add_test(computing, what_is_not_known_is_not_guessed);
    tcase_add_test(computing, times_are_read);
    suite_add_tcase(suite, computing);
    tcase_add_checked_fixture(noting, set_up_store, tear_down_store);
    tcase_add_test(noting, an_instances_states_are_noted);
    tcase_add_test(noting, what_is_rolled_back_was_not_used);
    tcase_add_test(noting, a_volumes_life_is_noted);
    tcase_add_test(noting, a_snapshot_is_measured);
    tcase_add_test(noting, old_usage_is_forgotten);
    tcase_add_test(noting, what_was_there_before_is_taken_over);
    suite_add_tcase(suite, noting);
    return suite;
}
