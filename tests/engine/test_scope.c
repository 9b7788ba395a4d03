/* Who sees and may use what: accounts, regions, zones. */
#include "common/error.h"
#include "launcher/image_find.h"
#include "launcher/gc.h"
#include "launcher/scope.h"
#include "store/permission.h"
#include "tests/engine/fixture.h"

#include <string.h>

#define OWNER "123456789012"
#define FRIEND "222222222222"
#define STRANGER "333333333333"
#define AMI "ami-12345678"
#define SNAPSHOT "snap-12345678"

static void
act_as_owner(void)
{
    act_as(OWNER, "us-east-1");
}

static void
set_up_shared(void)
{
    set_up();
    ck_assert(permission_add(engine->db, AMI, FRIEND, NULL));
    ck_assert(permission_add(engine->db, SNAPSHOT, FRIEND, NULL));
}

static void
expect_code(GError **error, error_code code)
{
    ck_assert_ptr_nonnull(*error);
    ck_assert_msg(error_is(*error, code), "%s: %s", error_code_text(*error), (*error)->message);
    g_clear_error(error);
}

/* ---- the rule ---- */

static void
change_image(int state, gboolean public, gboolean binned)
{
    g_autoptr(image) ami = image_get(engine->db, AMI, "us-east-1", NULL);

    ami->state = state;
    ami->public = public;
    ami->binned = binned;
    ck_assert(image_update(engine->db, ami, NULL));
}

/* Whether the owner, one with whom it was shared, and anybody else see it. */
static const struct {
    int state;
    gboolean public, binned;
    gboolean owner, friend, stranger;
} images[] = {
    {IMAGE_AVAILABLE, FALSE, FALSE, TRUE, TRUE, FALSE},
    {IMAGE_AVAILABLE, TRUE, FALSE, TRUE, TRUE, TRUE},
    {IMAGE_PENDING, FALSE, FALSE, TRUE, FALSE, FALSE},
    {IMAGE_PENDING, TRUE, FALSE, TRUE, FALSE, FALSE},
    {IMAGE_FAILED, TRUE, FALSE, TRUE, FALSE, FALSE},
    {IMAGE_DISABLED, FALSE, FALSE, TRUE, FALSE, FALSE},
    {IMAGE_DISABLED, TRUE, FALSE, TRUE, FALSE, FALSE},
    {IMAGE_DEREGISTERED, FALSE, TRUE, FALSE, FALSE, FALSE},
    {IMAGE_DEREGISTERED, TRUE, TRUE, FALSE, FALSE, FALSE},
    {IMAGE_AVAILABLE, TRUE, TRUE, FALSE, FALSE, FALSE},
};

/* The rule for one image and the one for lists are the same. */
static gboolean
is_listed(void)
{
    const image_find_request all = {.include_deprecated = TRUE, .include_disabled = TRUE};
    g_autoptr(GPtrArray) found = launcher_image_find(engine, &all, NULL);

    ck_assert_ptr_nonnull(found);
    return found->len == 1;
}

static void
expect_image(const char *account, const char *region, gboolean visible)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(image) seen = NULL;
    gboolean own = g_str_equal(account, OWNER);

    act_as(account, region);
    seen = scope_image(engine, AMI, &error);
    ck_assert_msg((seen != NULL) == visible, "%s in %s", account, region);
    ck_assert_msg(is_listed() == visible, "%s in %s", account, region);
    if (visible)
        return;
    if (own && g_str_equal(region, "us-east-1")) {
        /* Only its owner knows what is in the recycle bin. */
        expect_code(&error, ERROR_AMI_UNAVAILABLE);
        return;
    }
    ck_assert_str_eq(error->message, "The image id '[" AMI "]' does not exist");
    expect_code(&error, ERROR_AMI_NOT_FOUND);
}

START_TEST(images_are_seen_by_whom_they_are_for)
{
    change_image(images[_i].state, images[_i].public, images[_i].binned);
    expect_image(OWNER, "us-east-1", images[_i].owner);
    expect_image(FRIEND, "us-east-1", images[_i].friend);
    expect_image(STRANGER, "us-east-1", images[_i].stranger);
    expect_image(OWNER, "us-east-2", FALSE);
    expect_image(FRIEND, "us-east-2", FALSE);
    expect_image(STRANGER, "us-east-1a", FALSE);
}
END_TEST

static const struct {
    int state;
    gboolean public;
    gboolean owner, friend, stranger;
} snapshots[] = {
    {SNAPSHOT_COMPLETED, FALSE, TRUE, TRUE, FALSE},
    {SNAPSHOT_COMPLETED, TRUE, TRUE, TRUE, TRUE},
    {SNAPSHOT_PENDING, FALSE, TRUE, FALSE, FALSE},
    {SNAPSHOT_PENDING, TRUE, TRUE, FALSE, FALSE},
    {SNAPSHOT_ERROR, TRUE, TRUE, FALSE, FALSE},
    {SNAPSHOT_RECOVERABLE, TRUE, FALSE, FALSE, FALSE},
    {SNAPSHOT_DELETED, TRUE, FALSE, FALSE, FALSE},
};

static void
expect_snapshot(const char *account, const char *region, gboolean visible)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(snapshot) seen = NULL;

    act_as(account, region);
    seen = scope_snapshot(engine, SNAPSHOT, &error);
    ck_assert_msg((seen != NULL) == visible, "%s in %s", account, region);
    if (!visible)
        expect_code(&error, ERROR_SNAPSHOT_NOT_FOUND);
}

static guint
listed_snapshots(const char *account)
{
    g_autoptr(GPtrArray) all = NULL;

    act_as(account, "us-east-1");
    all = launcher_snapshots(engine, NULL, NULL);
    ck_assert_ptr_nonnull(all);
    return all->len;
}

START_TEST(snapshots_are_seen_by_whom_they_are_for)
{
    g_autoptr(snapshot) what = snapshot_get(engine->db, SNAPSHOT, NULL);

    what->state = snapshots[_i].state;
    what->public = snapshots[_i].public;
    ck_assert(snapshot_update(engine->db, what, NULL));
    expect_snapshot(OWNER, "us-east-1", snapshots[_i].owner);
    expect_snapshot(FRIEND, "us-east-1", snapshots[_i].friend);
    expect_snapshot(STRANGER, "us-east-1", snapshots[_i].stranger);
    expect_snapshot(OWNER, "us-east-2", FALSE);
    ck_assert_uint_eq(listed_snapshots(OWNER), snapshots[_i].owner);
    ck_assert_uint_eq(listed_snapshots(FRIEND), snapshots[_i].friend);
    /* What everybody may use is not in everybody's list. */
    ck_assert_uint_eq(listed_snapshots(STRANGER), 0);
}
END_TEST

/* ---- instances and volumes ---- */

static char *
root_of(const char *id)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, id, NULL);

    ck_assert_uint_gt(volumes->len, 0);
    return g_strdup(((volume *)g_ptr_array_index(volumes, 0))->id);
}

static void
refuse_verbs(const char *id)
{
    static const verb verbs[] = {launcher_stop, launcher_reboot, launcher_terminate, launcher_start,
                                 launcher_hibernate};
    const char *const ids[] = {id, NULL};
    const modify_request protect = {.ebs_optimized = UNCHANGED,
                                    .imds_tags = UNCHANGED,
                                    .termination_protection = ON,
                                    .stop_protection = UNCHANGED};
    const image_create_request creation = {.instance = id};
    g_autoptr(GError) error = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++) {
        ck_assert(!told(verbs[i], id, &error));
        ck_assert_ptr_nonnull(strstr(error->message, "does not exist"));
        expect_code(&error, ERROR_INSTANCE_NOT_FOUND);
    }
    ck_assert_ptr_null(launcher_instances(engine, ids, FALSE, &error));
    expect_code(&error, ERROR_INSTANCE_NOT_FOUND);
    ck_assert_ptr_null(launcher_modify(engine, id, &protect, &error));
    expect_code(&error, ERROR_INSTANCE_NOT_FOUND);
    ck_assert_ptr_null(launcher_image_create(engine, &creation, &error));
    expect_code(&error, ERROR_INSTANCE_NOT_FOUND);
    ck_assert_ptr_null(launcher_console_output(engine, id, &error));
    expect_code(&error, ERROR_INSTANCE_NOT_FOUND);
    ck_assert(!launcher_console(engine, id, &error));
    expect_code(&error, ERROR_INSTANCE_NOT_FOUND);
    ck_assert(!launcher_wait(engine, ids, INSTANCE_RUNNING, 0, &error));
    expect_code(&error, ERROR_INSTANCE_NOT_FOUND);
}

static void
refuse_volume(const char *id)
{
    const char *const ids[] = {id, NULL};
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_volumes(engine, ids, &error));
    expect_code(&error, ERROR_VOLUME_NOT_FOUND);
    ck_assert_ptr_null(launcher_volume_detach(engine, id, FALSE, &error));
    expect_code(&error, ERROR_VOLUME_NOT_FOUND);
    ck_assert_ptr_null(launcher_volume_modify(engine, id, 9, NULL, &error));
    expect_code(&error, ERROR_VOLUME_NOT_FOUND);
    ck_assert(!launcher_volume_delete(engine, ids, &error));
    expect_code(&error, ERROR_VOLUME_NOT_FOUND);
    ck_assert_ptr_null(launcher_volume_attach(engine, id, "i-12345678", NULL, &error));
    expect_code(&error, ERROR_VOLUME_NOT_FOUND);
    ck_assert_ptr_null(launcher_snapshot_create(engine, id, NULL, NULL, &error));
    expect_code(&error, ERROR_VOLUME_NOT_FOUND);
}

static void
expect_empty_lists(void)
{
    g_autoptr(GPtrArray) instances = launcher_instances(engine, NULL, FALSE, NULL);
    g_autoptr(GPtrArray) volumes = launcher_volumes(engine, NULL, NULL);

    ck_assert_uint_eq(instances->len, 0);
    ck_assert_uint_eq(volumes->len, 0);
}

START_TEST(what_others_have_is_not_there)
{
    static const char *const others[][2] = {
        {FRIEND, "us-east-1"}, {STRANGER, "us-east-1"}, {OWNER, "us-east-2"}, {OWNER, "us-east"}};
    g_autofree char *vm = run_one();
    g_autofree char *root = root_of(vm);
    g_autoptr(volume) after = NULL;

    act_as(others[_i][0], others[_i][1]);
    refuse_verbs(vm);
    refuse_volume(root);
    expect_empty_lists();
    ck_assert_int_eq(state_of(vm), INSTANCE_RUNNING);
    after = volume_get(engine->db, root, NULL);
    ck_assert_int_eq(after->size_gib, 1);
    act_as_owner();
    ck_assert(told(launcher_stop, vm, NULL));
}
END_TEST

START_TEST(what_others_have_is_still_put_right)
{
    g_autofree char *vm = run_one();

    fake_guest_off(driver, vm, OFF_SHUTDOWN);
    act_as(STRANGER, "eu-west-1");
    look();
    ck_assert_int_eq(state_of(vm), INSTANCE_STOPPED);
}
END_TEST

START_TEST(gc_is_for_all)
{
    const volume_request request = {.snapshot = SNAPSHOT};
    const gc_request flat = {.depth = 1};
    g_autoptr(volume) what = launcher_volume_create(engine, &request, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(gc_report) report = NULL;

    snapshot_free(launcher_snapshot_create(engine, what->id, NULL, NULL, NULL));
    act_as(STRANGER, "eu-west-1");
    report = launcher_gc(engine, &flat, &error);
    ck_assert_ptr_nonnull(report);
    ck_assert_msg(report->problem == NULL, "%s",
                  report->problem != NULL ? report->problem->message : "");
    ck_assert_uint_eq(report->left->len, 0);
    ck_assert_uint_eq(report->deepest_before, 2);
    ck_assert_uint_eq(report->deepest_after, 1);
}
END_TEST

/* ---- launching others' images ---- */

static GError *
run_refused(const run_request *request)
{
    GError *error = NULL;

    ck_assert_ptr_null(launcher_run(engine, request, &error));
    return error;
}

START_TEST(a_shared_image_gives_instances_of_ones_own)
{
    g_autofree char *id = NULL;
    g_autofree char *root = NULL;
    g_autoptr(instance) vm = NULL;
    g_autoptr(volume) what = NULL;

    permission_remove(engine->db, SNAPSHOT, FRIEND, NULL);
    act_as(FRIEND, "us-east-1");
    id = run_one();
    root = root_of(id);
    vm = instance_get(engine->db, id, NULL);
    what = volume_get(engine->db, root, NULL);
    ck_assert_str_eq(vm->owner, FRIEND);
    ck_assert_str_eq(what->owner, FRIEND);
    act_as_owner();
    refuse_verbs(id);
    /* Nothing happens to it when the image isn't shared any more. */
    permission_clear(engine->db, AMI, NULL);
    act_as(FRIEND, "us-east-1");
    ck_assert(told(launcher_stop, id, NULL));
    ck_assert(told(start, id, NULL));
    ck_assert(told(launcher_reboot, id, NULL));
    {
        const run_request again = {.image = AMI, .type = "m3"};
        g_autoptr(GError) error = run_refused(&again);
        expect_code(&error, ERROR_AMI_NOT_FOUND);
    }
    ck_assert(told(launcher_terminate, id, NULL));
}
END_TEST

START_TEST(an_image_does_not_open_its_snapshots)
{
    const char *const elsewhere[] = {"/dev/sdf=" SNAPSHOT, NULL};
    const char *const larger_root[] = {"/dev/sda1=" SNAPSHOT ":2", NULL};
    const run_request other_disk = {.image = AMI, .type = "m3", .map = elsewhere};
    const run_request same_disk = {.image = AMI, .type = "m3", .map = larger_root};
    const volume_request of_snapshot = {.snapshot = SNAPSHOT};
    g_autoptr(GError) error = NULL;
    g_autofree char *id = NULL;

    permission_remove(engine->db, SNAPSHOT, FRIEND, NULL);
    act_as(FRIEND, "us-east-1");
    error = run_refused(&other_disk);
    expect_code(&error, ERROR_SNAPSHOT_NOT_FOUND);
    ck_assert_ptr_null(launcher_volume_create(engine, &of_snapshot, &error));
    expect_code(&error, ERROR_SNAPSHOT_NOT_FOUND);
    id = run_asked(&same_disk);
    act_as_owner();
    permission_add(engine->db, SNAPSHOT, FRIEND, NULL);
    act_as(FRIEND, "us-east-1");
    g_free(run_asked(&other_disk));
    volume_free(launcher_volume_create(engine, &of_snapshot, NULL));
    ck_assert_uint_eq(files_in("volumes"), 4);
}
END_TEST

START_TEST(who_may_use_a_snapshot_may_not_delete_it)
{
    const char *const ids[] = {SNAPSHOT, NULL};
    g_autoptr(GError) error = NULL;

    act_as(FRIEND, "us-east-1");
    ck_assert(!launcher_snapshot_delete(engine, ids, &error));
    expect_code(&error, ERROR_AUTH_FAILURE);
    act_as(STRANGER, "us-east-1");
    ck_assert(!launcher_snapshot_delete(engine, ids, &error));
    expect_code(&error, ERROR_SNAPSHOT_NOT_FOUND);
}
END_TEST

START_TEST(elsewhere_there_is_nothing_to_launch)
{
    const run_request request = {.image = AMI, .type = "m3"};
    g_autoptr(GError) error = NULL;

    act_as(OWNER, "eu-west-1");
    error = run_refused(&request);
    expect_code(&error, ERROR_AMI_NOT_FOUND);
    ck_assert_ptr_null(launcher_plan(engine, &request, &error));
    expect_code(&error, ERROR_AMI_NOT_FOUND);
    ck_assert_ptr_null(launcher_image_show(engine, AMI, &error));
    expect_code(&error, ERROR_AMI_NOT_FOUND);
}
END_TEST

/* ---- zones ---- */

START_TEST(volumes_and_instances_are_in_zones)
{
    const run_request in_b = {.image = AMI, .type = "m3", .zone = "us-east-1b"};
    const volume_request there = {.size_gib = 1, .zone = "us-east-1b"};
    const volume_request here = {.size_gib = 1};
    g_autofree char *vm = run_asked(&in_b);
    g_autofree char *root = root_of(vm);
    g_autoptr(volume) boot = volume_get(engine->db, root, NULL);
    g_autoptr(volume) far = launcher_volume_create(engine, &here, NULL);
    g_autoptr(volume) near = launcher_volume_create(engine, &there, NULL);
    g_autoptr(volume) attached = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_str_eq(boot->zone, "us-east-1b");
    ck_assert_str_eq(far->zone, "us-east-1a");
    ck_assert_ptr_null(launcher_volume_attach(engine, far->id, vm, NULL, &error));
    expect_code(&error, ERROR_VOLUME_ZONE);
    attached = launcher_volume_attach(engine, near->id, vm, NULL, &error);
    ck_assert_ptr_nonnull(attached);
}
END_TEST

START_TEST(zones_that_a_region_does_not_have)
{
    static const char *const wrong[] = {
        "us-east-1", "us-east-1g", "us-east-1A", "us-east-2a", "us-east-1aa", "a", ""};
    const run_request run = {.image = AMI, .type = "m3", .zone = wrong[_i], .dry_run = TRUE};
    const volume_request create = {.size_gib = 1, .zone = wrong[_i]};
    g_autoptr(GError) error = run_refused(&run);

    expect_code(&error, ERROR_PARAMETER_VALUE);
    ck_assert_ptr_null(launcher_volume_create(engine, &create, &error));
    expect_code(&error, ERROR_PARAMETER_VALUE);
    ck_assert_uint_eq(files_in("volumes"), 0);
}
END_TEST

TCase *
scope_tests(void)
{
    TCase *tests = tcase_create("scope");

    tcase_add_checked_fixture(tests, set_up_shared, tear_down);
    tcase_add_loop_test(tests, images_are_seen_by_whom_they_are_for, 0, G_N_ELEMENTS(images));
    tcase_add_loop_test(tests, snapshots_are_seen_by_whom_they_are_for, 0, G_N_ELEMENTS(snapshots));
    tcase_add_loop_test(tests, what_others_have_is_not_there, 0, 4);
    tcase_add_test(tests, what_others_have_is_still_put_right);
    tcase_add_test(tests, gc_is_for_all);
    tcase_add_test(tests, a_shared_image_gives_instances_of_ones_own);
    tcase_add_test(tests, an_image_does_not_open_its_snapshots);
    tcase_add_test(tests, who_may_use_a_snapshot_may_not_delete_it);
    tcase_add_test(tests, elsewhere_there_is_nothing_to_launch);
    tcase_add_test(tests, volumes_and_instances_are_in_zones);
    tcase_add_loop_test(tests, zones_that_a_region_does_not_have, 0, 7);
    return tests;
}
