/* An image's later life: deprecated, disabled, protected, deregistered, in the bin and back. */
#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "common/times.h"
#include "images/home.h"
#include "launcher/deregister.h"
#include "launcher/image_life.h"
#include "launcher/recycle_bin.h"
#include "launcher/retention.h"
#include "store/operation.h"
#include "store/permission.h"
#include "store/tag.h"
#include "tests/engine/fixture.h"

#include <string.h>

#define AMI "ami-12345678"
#define OTHER "ami-87654321"
#define SNAPSHOT "snap-12345678"
#define ACCOUNT "123456789012"
#define DAY_S (24 * 60 * 60)

/* ---- what is there ---- */

static void
expect_code(GError **error, error_code code)
{
    ck_assert_ptr_nonnull(*error);
    ck_assert_msg(error_is(*error, code), "%s: %s", error_code_text(*error), (*error)->message);
    g_clear_error(error);
}

static image *
get(const char *id)
{
    return image_get(engine->db, id, "us-east-1", NULL);
}

/* Another image of the same snapshot. */
static void
register_other(const char *name)
{
    const image ami = {.id = (char *)OTHER,
                       .name = (char *)name,
                       .state = IMAGE_AVAILABLE,
                       .architecture = (char *)"x86_64",
                       .root_device = (char *)"/dev/sda1",
                       .content = (char *)"none",
                       .owner = (char *)ACCOUNT,
                       .region = (char *)"us-east-1"};
    const image_mapping mapping = {.image = (char *)OTHER,
                                   .device = (char *)"/dev/sda1",
                                   .snapshot = (char *)SNAPSHOT,
                                   .size_gib = 1,
                                   .volume_type = (char *)"gp2"};

    ck_assert(image_insert(engine->db, &ami, NULL));
    ck_assert(image_mapping_insert(engine->db, &mapping, NULL));
}

static GPtrArray *
deregister(const char *id, gboolean with_snapshots, GError **error)
{
    const char *const ids[] = {id, NULL};

    return launcher_image_deregister(engine, ids, with_snapshots, error);
}

static void
expect_deregistered(const char *id, gboolean with_snapshots)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) fates = deregister(id, with_snapshots, &error);

    ck_assert_msg(fates != NULL, "%s", error != NULL ? error->message : "");
    ck_assert_uint_eq(fates->len, 1);
}

static gboolean
restore(const char *id, GError **error)
{
    const char *const ids[] = {id, NULL};

    return launcher_image_restore(engine, ids, error);
}

static gboolean
drop_snapshot(const char *id, GError **error)
{
    const char *const ids[] = {id, NULL};

    return launcher_snapshot_delete(engine, ids, error);
}

static void
expect_launch_refused(const char *id, error_code code)
{
    const run_request request = {.image = id, .type = "m3"};
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_run(engine, &request, &error));
    expect_code(&error, code);
}

static char *
set_rule(const char *type, gint64 days, const char *tag_text)
{
    const retention_request request = {.resource_type = type, .days = days, .tag = tag_text};
    g_autoptr(retention_rule) rule = launcher_retention_set(engine, &request, NULL);

    ck_assert_ptr_nonnull(rule);
    return g_strdup(rule->id);
}

static void
retain(const char *type, gint64 days, const char *tag_text)
{
    g_autofree char *id = set_rule(type, days, tag_text);

    ck_assert_uint_eq(strlen(id), 11);
}

static void
expect_days(gint64 until, gint64 days)
{
    ck_assert_int_le(ABS(until - time_now() - days * DAY_S), 5);
}

static void
expect_no_operation(void)
{
    g_autoptr(GPtrArray) open = operation_list(engine->db, NULL);

    ck_assert_uint_eq(open->len, 0);
}

static gboolean
snapshot_is(const char *id, int state)
{
    g_autoptr(snapshot) what = snapshot_get(engine->db, id, NULL);

    return what != NULL && what->state == state;
}

/* ---- deprecate ---- */

static gint64
deprecated_from(const char *text, GError **error)
{
    g_autoptr(image) ami = launcher_image_deprecate(engine, AMI, text, error);

    return ami != NULL ? ami->deprecated : -1;
}

START_TEST(deprecation_is_to_the_minute_and_in_bounds)
{
    gint64 now = time_now();
    gint64 soon = (now / 60 + 10) * 60;
    g_autofree char *down = time_iso8601(soon + 29);
    g_autofree char *up = time_iso8601(soon + 30);
    g_autofree char *past = time_iso8601(now - 60);
    g_autofree char *far = time_iso8601(now + 11 * 366 * (gint64)DAY_S);
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(deprecated_from(down, NULL), soon);
    ck_assert_int_eq(deprecated_from(up, NULL), soon + 60);
    ck_assert_int_eq(deprecated_from(past, &error), -1);
    expect_code(&error, ERROR_PARAMETER_VALUE);
    ck_assert_int_eq(deprecated_from(far, &error), -1);
    expect_code(&error, ERROR_PARAMETER_VALUE);
    ck_assert_int_eq(deprecated_from("tomorrow", &error), -1);
    expect_code(&error, ERROR_PARAMETER_VALUE);
    ck_assert_int_eq(deprecated_from(NULL, NULL), 0);
}
END_TEST

START_TEST(a_public_image_is_deprecated_two_years_after_it_was_made)
{
    g_autoptr(image) ami = get(AMI);
    g_autofree char *within = time_iso8601(time_now() + 700 * (gint64)DAY_S);
    g_autofree char *after = time_iso8601(time_now() + 800 * (gint64)DAY_S);
    g_autoptr(GError) error = NULL;

    ami->public = TRUE;
    ami->created = time_now();
    ck_assert(image_update(engine->db, ami, NULL));
    ck_assert_int_gt(deprecated_from(within, NULL), 0);
    ck_assert_int_eq(deprecated_from(after, &error), -1);
    expect_code(&error, ERROR_PARAMETER_VALUE);
}
END_TEST

/* ---- disable ---- */

START_TEST(a_disabled_image_is_its_owners_alone)
{
    g_autoptr(image) disabled = NULL;
    g_autoptr(image) again = NULL;
    g_autoptr(image) enabled = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *vm = run_one();
    gboolean shared;

    ck_assert(permission_add(engine->db, AMI, "222222222222", NULL));
    disabled = launcher_image_disable(engine, AMI, NULL);
    again = launcher_image_disable(engine, AMI, NULL);
    ck_assert_int_eq(disabled->state, IMAGE_DISABLED);
    ck_assert_ptr_nonnull(again);
    expect_launch_refused(AMI, ERROR_AMI_UNAVAILABLE);
    ck_assert(!drop_snapshot(SNAPSHOT, &error));
    expect_code(&error, ERROR_SNAPSHOT_IN_USE);
    enabled = launcher_image_enable(engine, AMI, NULL);
    ck_assert_int_eq(enabled->state, IMAGE_AVAILABLE);
    ck_assert(permission_find(engine->db, AMI, "222222222222", &shared, NULL));
    ck_assert(!shared);
    ck_assert_int_eq(state_of(vm), INSTANCE_RUNNING);
}
END_TEST

START_TEST(only_the_owner_changes_it)
{
    g_autoptr(image) ami = get(AMI);
    g_autoptr(GError) error = NULL;

    ami->public = TRUE;
    ck_assert(image_update(engine->db, ami, NULL));
    act_as("222222222222", "us-east-1");
    ck_assert_ptr_null(launcher_image_disable(engine, AMI, &error));
    expect_code(&error, ERROR_AUTH_FAILURE);
    ck_assert_ptr_null(deregister(AMI, TRUE, &error));
    expect_code(&error, ERROR_AUTH_FAILURE);
    ck_assert(!restore(AMI, &error));
    expect_code(&error, ERROR_AMI_NOT_FOUND);
    expect_no_operation();
}
END_TEST

/* ---- protect ---- */

static void
protect(image_protection wanted)
{
    g_autoptr(image) ami = launcher_image_protect(engine, AMI, wanted, NULL);

    ck_assert_ptr_nonnull(ami);
}

static void
expect_protected(void)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(deregister(AMI, FALSE, &error));
    expect_code(&error, ERROR_NOT_PERMITTED);
    expect_no_operation();
}

START_TEST(a_protected_image_stays)
{
    protect(PROTECTION_ON);
    expect_protected();
    protect(PROTECTION_OFF);
    expect_deregistered(AMI, FALSE);
}
END_TEST

START_TEST(nothing_but_time_ends_a_cooldown)
{
    g_autoptr(image) ami = NULL;

    protect(PROTECTION_COOLDOWN);
    protect(PROTECTION_ON);
    protect(PROTECTION_OFF);
    expect_protected();
    protect(PROTECTION_ON);
    protect(PROTECTION_OFF);
    expect_protected();
    ami = get(AMI);
    expect_days(ami->protected, 1);
    ami->protected = time_now() - 1;
    ck_assert(image_update(engine->db, ami, NULL));
    expect_deregistered(AMI, FALSE);
}
END_TEST

/* One of several that may not go keeps the others. */
START_TEST(all_or_none)
{
    const char *const ids[] = {OTHER, AMI, NULL};
    const char *const twice[] = {OTHER, OTHER, NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(image) other = NULL;

    register_other("other");
    protect(PROTECTION_ON);
    ck_assert_ptr_null(launcher_image_deregister(engine, ids, TRUE, &error));
    expect_code(&error, ERROR_NOT_PERMITTED);
    ck_assert_ptr_null(launcher_image_deregister(engine, twice, TRUE, &error));
    expect_code(&error, ERROR_PARAMETER_VALUE);
    other = get(OTHER);
    ck_assert_int_eq(other->state, IMAGE_AVAILABLE);
    expect_no_operation();
}
END_TEST

/* ---- deregister ---- */

START_TEST(an_instance_outlives_its_image)
{
    g_autofree char *vm = run_one();
    const image_create_request request = {.instance = vm, .name = "made of it", .no_reboot = TRUE};
    g_autofree char *made = NULL;

    expect_deregistered(AMI, TRUE);
    expect_launch_refused(AMI, ERROR_AMI_UNAVAILABLE);
    act_as("222222222222", "us-east-1");
    expect_launch_refused(AMI, ERROR_AMI_NOT_FOUND);
    act_as(ACCOUNT, "us-east-1");
    ck_assert(told(launcher_stop, vm, NULL));
    ck_assert(told(start, vm, NULL));
    ck_assert(told(launcher_reboot, vm, NULL));
    made = launcher_image_create(engine, &request, NULL);
    ck_assert_ptr_nonnull(made);
    ck_assert(snapshot_is(SNAPSHOT, SNAPSHOT_DELETED));
    ck_assert_uint_eq(files_in("snapshots"), 2);
    expect_deregistered(made, TRUE);
    ck_assert(told(launcher_terminate, vm, NULL));
    ck_assert_uint_eq(files_in("snapshots"), 0);
    expect_no_operation();
}
END_TEST

START_TEST(a_snapshot_that_another_image_uses_is_spared)
{
    g_autoptr(GPtrArray) first = NULL;
    g_autoptr(GPtrArray) last = NULL;
    const image_fate *fate;
    const snapshot_fate *disk;

    register_other("other");
    first = deregister(AMI, TRUE, NULL);
    fate = g_ptr_array_index(first, 0);
    disk = g_ptr_array_index(fate->snapshots, 0);
    ck_assert_str_eq(disk->id, SNAPSHOT);
    ck_assert(!disk->deleted);
    ck_assert_str_eq(disk->used_by, OTHER);
    ck_assert(snapshot_is(SNAPSHOT, SNAPSHOT_COMPLETED));
    last = deregister(OTHER, TRUE, NULL);
    fate = g_ptr_array_index(last, 0);
    disk = g_ptr_array_index(fate->snapshots, 0);
    ck_assert(disk->deleted);
    ck_assert_ptr_null(snapshot_get(engine->db, SNAPSHOT, NULL));
    ck_assert_uint_eq(files_in("snapshots"), 0);
}
END_TEST

START_TEST(snapshots_stay_unless_it_is_asked_for)
{
    g_autoptr(GPtrArray) fates = deregister(AMI, FALSE, NULL);
    const image_fate *fate = g_ptr_array_index(fates, 0);

    ck_assert_uint_eq(fate->snapshots->len, 0);
    ck_assert_int_eq(fate->bin_until, 0);
    ck_assert_ptr_null(get(AMI));
    ck_assert(snapshot_is(SNAPSHOT, SNAPSHOT_COMPLETED));
    ck_assert(drop_snapshot(SNAPSHOT, NULL));
    ck_assert_uint_eq(files_in("snapshots"), 0);
}
END_TEST

/* An image on instance store, whose template is there. */
static void
register_on_store(const char *id, const char *name)
{
    const image ami = {.id = (char *)id,
                       .name = (char *)name,
                       .state = IMAGE_AVAILABLE,
                       .architecture = (char *)"x86_64",
                       .root_device_type = ROOT_INSTANCE_STORE,
                       .root_device = (char *)"/dev/sda1",
                       .content = (char *)"raw:sha256:00",
                       .owner = (char *)ACCOUNT,
                       .region = (char *)"us-east-1"};
    const image_mapping root = {.image = (char *)id,
                                .device = (char *)"/dev/sda1",
                                .virtual_name = (char *)"ami",
                                .size_gib = 1};
    g_autofree char *path = home_template_path(home, ami.content);
    const char *const argv[] = {"qemu-img", "create", "-q", "-f", "qcow2", path, "1G", NULL};

    ck_assert(process_run(argv, ERROR_HOST_DISK, NULL, NULL));
    ck_assert(image_insert(engine->db, &ami, NULL));
    ck_assert(image_mapping_insert(engine->db, &root, NULL));
}

START_TEST(a_template_goes_with_its_last_user)
{
    const run_request request = {.image = OTHER, .type = "m3"};
    g_autofree char *vm = NULL;

    retain("image", 5, NULL);
    register_on_store(OTHER, "first");
    register_on_store("ami-11111111", "second");
    vm = run_asked(&request);
    expect_deregistered(OTHER, TRUE);
    /* EC2's bin is for images on EBS. */
    ck_assert_ptr_null(get(OTHER));
    ck_assert_uint_eq(files_in("templates"), 1);
    expect_deregistered("ami-11111111", FALSE);
    ck_assert_uint_eq(files_in("templates"), 1);
    ck_assert(told(launcher_reboot, vm, NULL));
    ck_assert(told(launcher_terminate, vm, NULL));
    ck_assert_uint_eq(files_in("templates"), 0);
}
END_TEST

/* What a command that died has left is done by the next one. */
static void
cut_off(const char *kind)
{
    g_autoptr(transaction) intent = transaction_begin(engine->db, NULL);
    g_autoptr(image) ami = get(AMI);
    gint64 number = operation_begin(engine->db, kind, NULL);

    ami->state = IMAGE_DEREGISTERED;
    ami->binned = ami->bin_until = time_now();
    ami->operation = number;
    ck_assert(image_update(engine->db, ami, NULL));
    ck_assert(transaction_commit(intent, NULL));
    operation_abandon(engine->db, number);
    g_autoptr(GPtrArray) binned = launcher_bin_images(engine, NULL);
    ck_assert_uint_eq(binned->len, 0);
    ck_assert_ptr_null(get(AMI));
    expect_no_operation();
}

START_TEST(what_was_cut_off_is_done)
{
    cut_off("deregister");
    ck_assert(snapshot_is(SNAPSHOT, SNAPSHOT_COMPLETED));
}
END_TEST

START_TEST(what_was_cut_off_is_done_with_snapshots)
{
    cut_off("deregister-snapshots");
    ck_assert_ptr_null(snapshot_get(engine->db, SNAPSHOT, NULL));
    ck_assert_uint_eq(files_in("snapshots"), 0);
}
END_TEST

/* ---- the recycle bin ---- */

START_TEST(into_the_bin_and_back)
{
    g_autoptr(GPtrArray) fates = NULL;
    g_autoptr(GPtrArray) binned = NULL;
    g_autoptr(GError) error = NULL;
    const image_fate *fate;
    const snapshot_fate *disk;
    g_autoptr(image) back = NULL;
    g_autofree char *vm = NULL;

    retain("image", 5, NULL);
    ck_assert(tag_set(engine->db, AMI, "colour", "blue", NULL));
    fates = deregister(AMI, TRUE, NULL);
    fate = g_ptr_array_index(fates, 0);
    expect_days(fate->bin_until, 5);
    /* It needs its snapshot when it comes back. */
    disk = g_ptr_array_index(fate->snapshots, 0);
    ck_assert(!disk->deleted);
    ck_assert_str_eq(disk->used_by, AMI);
    expect_launch_refused(AMI, ERROR_AMI_UNAVAILABLE);
    ck_assert(!drop_snapshot(SNAPSHOT, &error));
    expect_code(&error, ERROR_SNAPSHOT_IN_USE);
    ck_assert_ptr_null(deregister(AMI, FALSE, &error));
    expect_code(&error, ERROR_AMI_UNAVAILABLE);
    binned = launcher_bin_images(engine, NULL);
    ck_assert_uint_eq(binned->len, 1);
    ck_assert(restore(AMI, NULL));
    ck_assert(!restore(AMI, &error));
    expect_code(&error, ERROR_AMI_NOT_FOUND);
    back = get(AMI);
    ck_assert_int_eq(back->state, IMAGE_AVAILABLE);
    ck_assert_int_eq(back->binned, 0);
    vm = run_one();
    expect_no_operation();
}
END_TEST

START_TEST(others_see_nothing_of_the_bin)
{
    g_autoptr(GPtrArray) binned = NULL;
    g_autoptr(GError) error = NULL;

    retain("image", 5, NULL);
    expect_deregistered(AMI, FALSE);
    act_as("222222222222", "us-east-1");
    binned = launcher_bin_images(engine, NULL);
    ck_assert_uint_eq(binned->len, 0);
    ck_assert(!restore(AMI, &error));
    expect_code(&error, ERROR_AMI_NOT_FOUND);
    expect_launch_refused(AMI, ERROR_AMI_NOT_FOUND);
}
END_TEST

START_TEST(a_name_that_was_taken_meanwhile)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(image) still = NULL;

    retain("image", 5, NULL);
    expect_deregistered(AMI, FALSE);
    register_other("sample");
    ck_assert(!restore(AMI, &error));
    expect_code(&error, ERROR_AMI_NAME_DUPLICATE);
    still = get(AMI);
    ck_assert_int_ne(still->binned, 0);
    expect_deregistered(OTHER, FALSE);
    ck_assert(restore(AMI, NULL));
}
END_TEST

START_TEST(a_disabled_image_comes_back_disabled)
{
    g_autoptr(image) ami = NULL;
    g_autoptr(image) back = NULL;

    retain("image", 5, NULL);
    ami = launcher_image_disable(engine, AMI, NULL);
    expect_deregistered(AMI, FALSE);
    ck_assert(restore(AMI, NULL));
    back = get(AMI);
    ck_assert_int_eq(back->state, IMAGE_DISABLED);
}
END_TEST

static void
let_time_pass(void)
{
    g_autoptr(GPtrArray) images = image_list_binned(engine->db, "us-east-1", NULL);
    g_autoptr(GPtrArray) snapshots = snapshot_list_binned(engine->db, "us-east-1", NULL);

    for (guint i = 0; i < images->len; i++) {
        image *ami = g_ptr_array_index(images, i);
        ami->bin_until = time_now() - 1;
        ck_assert(image_update(engine->db, ami, NULL));
    }
    for (guint i = 0; i < snapshots->len; i++) {
        snapshot *what = g_ptr_array_index(snapshots, i);
        what->bin_until = time_now() - 1;
        ck_assert(snapshot_update(engine->db, what, NULL));
    }
}

START_TEST(what_is_past_its_time_goes)
{
    g_autoptr(GError) error = NULL;

    retain("image", 5, NULL);
    retain("snapshot", 2, NULL);
    expect_deregistered(AMI, FALSE);
    let_time_pass();
    ck_assert(!restore(AMI, &error));
    expect_code(&error, ERROR_AMI_NOT_FOUND);
    ck_assert_ptr_null(get(AMI));
    expect_launch_refused(AMI, ERROR_AMI_UNAVAILABLE);
    ck_assert(drop_snapshot(SNAPSHOT, NULL));
    ck_assert_uint_eq(files_in("snapshots"), 1);
    let_time_pass();
    look();
    ck_assert_uint_eq(files_in("snapshots"), 0);
    expect_no_operation();
}
END_TEST

/* What stands on a snapshot that leaves the bin keeps its file. */
START_TEST(a_snapshot_in_the_bin_and_back)
{
    const char *const ids[] = {SNAPSHOT, NULL};
    g_autofree char *vm = run_one();
    g_autoptr(GPtrArray) binned = NULL;
    g_autoptr(GPtrArray) listed = NULL;
    g_autoptr(GError) error = NULL;

    expect_deregistered(AMI, FALSE);
    retain("snapshot", 2, NULL);
    ck_assert(drop_snapshot(SNAPSHOT, NULL));
    ck_assert(snapshot_is(SNAPSHOT, SNAPSHOT_RECOVERABLE));
    listed = launcher_snapshots(engine, NULL, NULL);
    ck_assert_uint_eq(listed->len, 0);
    ck_assert_ptr_null(launcher_snapshots(engine, ids, &error));
    expect_code(&error, ERROR_SNAPSHOT_NOT_FOUND);
    binned = launcher_bin_snapshots(engine, NULL);
    ck_assert_uint_eq(binned->len, 1);
    expect_days(((snapshot *)g_ptr_array_index(binned, 0))->bin_until, 2);
    ck_assert(launcher_snapshot_restore(engine, ids, NULL));
    ck_assert(snapshot_is(SNAPSHOT, SNAPSHOT_COMPLETED));
    ck_assert(!launcher_snapshot_restore(engine, ids, &error));
    expect_code(&error, ERROR_SNAPSHOT_NOT_FOUND);
    ck_assert(drop_snapshot(SNAPSHOT, NULL));
    let_time_pass();
    look();
    ck_assert(snapshot_is(SNAPSHOT, SNAPSHOT_DELETED));
    ck_assert_uint_eq(files_in("snapshots"), 1);
    ck_assert(told(launcher_terminate, vm, NULL));
    ck_assert_uint_eq(files_in("snapshots"), 0);
}
END_TEST

/* ---- retention rules ---- */

static void
expect_time(gint64 days)
{
    gint64 until;

    ck_assert(bin_time(engine, RETAINS_IMAGES, AMI, ACCOUNT, "us-east-1", 1000, &until, NULL));
    ck_assert_int_eq(until, days > 0 ? 1000 + days * DAY_S : 0);
}

START_TEST(the_longest_rule_counts)
{
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    expect_time(0);
    retain("snapshot", 100, NULL);
    expect_time(0);
    first = set_rule("image", 3, NULL);
    expect_time(3);
    retain("image", 7, "colour=blue");
    retain("image", 1, "colour");
    expect_time(3);
    ck_assert(tag_set(engine->db, AMI, "colour", "red", NULL));
    expect_time(3);
    ck_assert(tag_set(engine->db, AMI, "colour", "blue", NULL));
    expect_time(7);
    second = set_rule("image", 9, NULL);
    ck_assert_str_eq(first, second);
    expect_time(9);
    act_as("222222222222", "us-east-1");
    retain("image", 300, NULL);
    act_as(ACCOUNT, "us-east-1");
    expect_time(9);
}
END_TEST

START_TEST(rules_that_cannot_be)
{
    static const retention_request wrong[] = {
        {.resource_type = "image", .days = 0},
        {.resource_type = "image", .days = 366},
        {.resource_type = "volume", .days = 1},
        {.resource_type = "image", .days = 1, .tag = "=blue"},
        {.resource_type = "image", .days = 1, .tag = ""},
    };
    const char *const unknown[] = {"abcdefghijk", NULL};
    g_autoptr(GPtrArray) rules = NULL;
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        ck_assert_ptr_null(launcher_retention_set(engine, &wrong[i], &error));
        expect_code(&error, ERROR_PARAMETER_VALUE);
    }
    ck_assert(!launcher_retention_remove(engine, unknown, &error));
    expect_code(&error, ERROR_RULE_NOT_FOUND);
    rules = launcher_retention_rules(engine, NULL);
    ck_assert_uint_eq(rules->len, 0);
}
END_TEST

START_TEST(a_rule_that_goes_changes_nothing_in_the_bin)
{
    g_autofree char *id = set_rule("image", 5, NULL);
    const char *const ids[] = {id, NULL};

    expect_deregistered(AMI, FALSE);
    ck_assert(launcher_retention_remove(engine, ids, NULL));
    look();
    ck_assert(restore(AMI, NULL));
    expect_deregistered(AMI, FALSE);
    ck_assert_ptr_null(get(AMI));
}
END_TEST

TCase *
image_life_tests(void)
{
    TCase *tests = tcase_create("image life");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, deprecation_is_to_the_minute_and_in_bounds);
    tcase_add_test(tests, a_public_image_is_deprecated_two_years_after_it_was_made);
    tcase_add_test(tests, a_disabled_image_is_its_owners_alone);
    tcase_add_test(tests, only_the_owner_changes_it);
    tcase_add_test(tests, a_protected_image_stays);
    tcase_add_test(tests, nothing_but_time_ends_a_cooldown);
    tcase_add_test(tests, all_or_none);
    tcase_add_test(tests, an_instance_outlives_its_image);
    tcase_add_test(tests, a_snapshot_that_another_image_uses_is_spared);
    tcase_add_test(tests, snapshots_stay_unless_it_is_asked_for);
    tcase_add_test(tests, a_template_goes_with_its_last_user);
    tcase_add_test(tests, what_was_cut_off_is_done);
    tcase_add_test(tests, what_was_cut_off_is_done_with_snapshots);
    tcase_add_test(tests, into_the_bin_and_back);
    tcase_add_test(tests, others_see_nothing_of_the_bin);
    tcase_add_test(tests, a_name_that_was_taken_meanwhile);
    tcase_add_test(tests, a_disabled_image_comes_back_disabled);
    tcase_add_test(tests, what_is_past_its_time_goes);
    tcase_add_test(tests, a_snapshot_in_the_bin_and_back);
    tcase_add_test(tests, the_longest_rule_counts);
    tcase_add_test(tests, rules_that_cannot_be);
    tcase_add_test(tests, a_rule_that_goes_changes_nothing_in_the_bin);
    return tests;
}
