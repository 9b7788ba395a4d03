/* gc: what it merges, what it leaves, and what is made of one that died in the middle. */
#include "launcher/gc.h"
#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "images/backing.h"
#include "images/home.h"
#include "launcher/reconcile.h"
#include "store/operation.h"
#include "tests/engine/fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A volume by itself, of the image's snapshot, and two snapshots of it. */
static char *vol;
static char *first;
static char *second;

static void
write_at(const char *id, guint mib, guint pattern)
{
    g_autofree char *path = home_volume_path(home, id);
    g_autofree char *command = g_strdup_printf("write -P %u %uM 1M", pattern, mib);
    const char *const argv[] = {"qemu-io", "-f", "qcow2", "-c", command, path, NULL};

    ck_assert(process_run(argv, ERROR_HOST_DISK, NULL, NULL));
}

static char *
take(void)
{
    g_autoptr(snapshot) made = launcher_snapshot_create(engine, vol, NULL, NULL, NULL);

    ck_assert_ptr_nonnull(made);
    return g_strdup(made->id);
}

static void
drop(const char *id)
{
    const char *const ids[] = {id, NULL};

    ck_assert(launcher_snapshot_delete(engine, ids, NULL));
}

static void
set_up_chain(void)
{
    const volume_request request = {.snapshot = "snap-12345678"};
    g_autoptr(volume) made = NULL;

    set_up();
    made = launcher_volume_create(engine, &request, NULL);
    vol = g_strdup(made->id);
    write_at(vol, 1, 11);
    first = take();
    write_at(vol, 2, 22);
    second = take();
    write_at(vol, 3, 33);
}

static void
tear_down_chain(void)
{
    tear_down();
    g_free(vol);
    g_free(first);
    g_free(second);
}

/* ---- what is there ---- */

/* What QEMU finds in a file, by what the files themselves say of their chain. */
static void
expect_content(const char *path, guint upto)
{
    for (guint i = 1; i <= 3; i++) {
        g_autofree char *command = g_strdup_printf("read -P %u %uM 1M", i <= upto ? 11 * i : 0, i);
        const char *const argv[] = {"qemu-io", "-r", "-f", "qcow2", "-c", command, path, NULL};
        g_autofree char *output = NULL;
        ck_assert(process_run(argv, ERROR_HOST_DISK, &output, NULL));
        ck_assert_msg(strstr(output, "verification failed") == NULL, "%s: %s", path, output);
    }
}

static void
expect_volume(const char *backing)
{
    g_autofree char *path = home_volume_path(home, vol);
    g_autofree char *below = backing != NULL ? home_snapshot_path(home, backing) : NULL;
    g_autoptr(volume) what = volume_get(engine->db, vol, NULL);

    ck_assert(g_strcmp0(what->backing, backing) == 0);
    ck_assert_int_eq(what->operation, 0);
    ck_assert(backing_matches(path, below, NULL));
    expect_content(path, 3);
}

static void
expect_snapshot(const char *id, const char *parent, guint upto)
{
    g_autofree char *path = home_snapshot_path(home, id);
    g_autofree char *below = parent != NULL ? home_snapshot_path(home, parent) : NULL;
    g_autoptr(snapshot) what = snapshot_get(engine->db, id, NULL);
    struct stat info;

    ck_assert(g_strcmp0(what->parent, parent) == 0);
    ck_assert_int_eq(what->operation, 0);
    ck_assert(backing_matches(path, below, NULL));
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_mode & 0222, 0);
    expect_content(path, upto);
}

/* Nobody is at work, and there are no files but those of the records. */
static void
expect_files(guint volumes, guint snapshots)
{
    g_autoptr(GPtrArray) open = operation_list(engine->db, NULL);

    ck_assert_uint_eq(open->len, 0);
    ck_assert_uint_eq(files_in("volumes"), volumes);
    ck_assert_uint_eq(files_in("snapshots"), snapshots);
}

static gc_report *
collect(guint depth, gboolean dry_run)
{
    const gc_request request = {.depth = depth, .dry_run = dry_run};
    g_autoptr(GError) error = NULL;
    gc_report *report = launcher_gc(engine, &request, &error);

    ck_assert_msg(report != NULL, "%s", error != NULL ? error->message : "");
    return report;
}

static void
collect_well(guint depth, guint steps)
{
    g_autoptr(gc_report) report = collect(depth, FALSE);

    ck_assert_msg(report->problem == NULL, "%s",
                  report->problem != NULL ? report->problem->message : "");
    ck_assert_uint_eq(report->done->len, steps);
}

/* ---- tests ---- */

START_TEST(a_deleted_one_in_the_middle)
{
    drop(first);
    expect_files(1, 3);
    collect_well(0, 1);
    expect_snapshot(second, "snap-12345678", 2);
    expect_volume(second);
    expect_files(1, 2);
}
END_TEST

START_TEST(all_deleted_ones_at_once)
{
    drop(second);
    drop(first);
    collect_well(0, 1);
    expect_volume("snap-12345678");
    expect_files(1, 1);
    collect_well(0, 0);
}
END_TEST

START_TEST(a_dry_run_only_says_it)
{
    g_autoptr(gc_report) report = NULL;

    drop(first);
    report = collect(0, TRUE);
    ck_assert_uint_eq(report->done->len, 1);
    ck_assert_uint_eq(report->deepest_before, 3);
    ck_assert_uint_eq(report->deepest_after, 2);
    expect_snapshot(second, first, 2);
    expect_files(1, 3);
}
END_TEST

START_TEST(flattened)
{
    collect_well(1, 2);
    expect_volume("snap-12345678");
    expect_snapshot(second, "snap-12345678", 2);
    expect_snapshot(first, "snap-12345678", 1);
    expect_files(1, 3);
}
END_TEST

/* A copy is another name of the file. */
static void
copy(const char *id, const char *name)
{
    g_autoptr(snapshot) what = snapshot_get(engine->db, id, NULL);
    g_autofree char *from = home_snapshot_path(home, id);
    g_autofree char *to = home_snapshot_path(home, name);

    what->source = what->id;
    what->id = g_strdup(name);
    ck_assert(snapshot_insert(engine->db, what, NULL));
    ck_assert(file_link(from, to, NULL));
}

START_TEST(copies_go_on_sharing)
{
    g_autofree char *one = home_snapshot_path(home, second);
    g_autofree char *other = home_snapshot_path(home, "snap-87654321");

    copy(second, "snap-87654321");
    drop(first);
    collect_well(0, 1);
    expect_snapshot(second, "snap-12345678", 2);
    expect_snapshot("snap-87654321", "snap-12345678", 2);
    ck_assert(file_is_same(one, other));
    expect_files(1, 3);
}
END_TEST

/* A chain may go through what is left by the name of a copy. */
START_TEST(through_a_copy)
{
    g_autoptr(volume) what = volume_get(engine->db, vol, NULL);
    g_autofree char *path = home_volume_path(home, vol);
    g_autofree char *third = NULL;
    const char *const rebasing[] = {"qemu-img", "rebase", "-u",
                                    "-f",       "qcow2",  "-F",
                                    "qcow2",    "-b",     "../snapshots/snap-ffffffff.qcow2",
                                    path,       NULL};

    copy(second, "snap-ffffffff");
    ck_assert(process_run(rebasing, ERROR_HOST_DISK, NULL, NULL));
    g_free(what->backing);
    what->backing = g_strdup("snap-ffffffff");
    ck_assert(volume_update(engine->db, what, NULL));
    third = take();
    drop(third);
    collect_well(0, 1);
    expect_volume("snap-ffffffff");
}
END_TEST

START_TEST(a_copy_keeps_what_it_stands_on)
{
    copy(first, "snap-87654321");
    drop(first);
    collect_well(0, 0);
    expect_snapshot(second, first, 2);
    expect_volume(second);
    expect_snapshot("snap-87654321", "snap-12345678", 1);
}
END_TEST

START_TEST(what_is_at_work_is_left)
{
    g_autoptr(volume) what = volume_get(engine->db, vol, NULL);
    g_autoptr(gc_report) report = NULL;

    drop(second);
    what->operation = 1000;
    ck_assert(volume_update(engine->db, what, NULL));
    report = collect(0, FALSE);
    ck_assert_uint_eq(report->done->len, 0);
    ck_assert_uint_eq(report->left->len, 1);
    what->operation = 0;
    ck_assert(volume_update(engine->db, what, NULL));
    collect_well(0, 1);
    expect_volume(first);
}
END_TEST

START_TEST(a_guest_keeps_its_volume)
{
    g_autofree char *vm = run_one();
    g_autoptr(volume) attached = launcher_volume_attach(engine, vol, vm, NULL, NULL);

    ck_assert_ptr_nonnull(attached);
    drop(first);
    drop(second);
    collect_well(0, 1);
    expect_volume(second);
    ck_assert(told(launcher_stop, vm, NULL));
    collect_well(0, 1);
    expect_volume("snap-12345678");
    ck_assert(told(start, vm, NULL));
}
END_TEST

START_TEST(records_and_files_that_differ)
{
    g_autofree char *path = home_snapshot_path(home, first);
    g_autofree char *other = home_snapshot_path(home, "snap-12345678");
    const char *const argv[] = {"qemu-img", "rebase", "-u",    "-f", "qcow2", "-F",
                                "qcow2",    "-b",     "other", path, NULL};
    g_autoptr(gc_report) report = NULL;

    drop(first);
    ck_assert_int_eq(chmod(path, 0600), 0);
    ck_assert(process_run(argv, ERROR_HOST_DISK, NULL, NULL));
    report = collect(0, FALSE);
    ck_assert_uint_eq(report->done->len, 0);
    ck_assert(error_is(report->problem, ERROR_HOST_INCOMPLETE));
    ck_assert(g_file_test(path, G_FILE_TEST_EXISTS));
    expect_files(1, 3);
}
END_TEST

START_TEST(depths_that_cannot_be)
{
    const gc_request request = {.depth = 1000};
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_gc(engine, &request, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
}
END_TEST

/* ---- what died ---- */

/* As a process does that dies at gc of SECOND. */
static void
die_at_second(void)
{
    launcher *other = open_engine();
    g_autoptr(transaction) intent = transaction_begin(other->db, NULL);
    g_autoptr(snapshot) what = snapshot_get(other->db, second, NULL);
    gint64 number = operation_begin(other->db, "gc-snapshot", NULL);
    g_autofree char *made = home_merge_path(home, "snapshots", number);

    what->operation = number;
    ck_assert(snapshot_update(other->db, what, NULL));
    ck_assert(transaction_commit(intent, NULL));
    ck_assert(g_file_set_contents(made, "part", -1, NULL));
    g_clear_pointer(&intent, transaction_free);
    other->driver = NULL; /* the test's own */
    launcher_free(other);
}

START_TEST(dies_before_the_file_is_there)
{
    drop(first);
    die_at_second();
    look();
    expect_snapshot(second, first, 2);
    expect_files(1, 3);
    collect_well(0, 1);
    expect_snapshot(second, "snap-12345678", 2);
    expect_files(1, 2);
}
END_TEST

static void
run(const char *const *argv)
{
    ck_assert(process_run(argv, ERROR_HOST_DISK, NULL, NULL));
}

/* The file says what it stands on, whatever was recorded. */
START_TEST(dies_before_it_is_recorded)
{
    g_autofree char *path = home_snapshot_path(home, second);
    g_autofree char *made = g_strconcat(path, ".new", NULL);
    const char *const copying[] = {"cp", path, made, NULL};
    const char *const opening[] = {"chmod", "600", made, NULL};
    const char *const rebasing[] = {"qemu-img", "rebase", "-f", "qcow2",
                                    "-F",       "qcow2",  "-b", "../snapshots/snap-12345678.qcow2",
                                    made,       NULL};
    const char *const closing[] = {"chmod", "400", made, NULL};

    drop(first);
    die_at_second();
    run(copying);
    run(opening);
    run(rebasing);
    run(closing);
    ck_assert_int_eq(rename(made, path), 0);
    look();
    expect_snapshot(second, "snap-12345678", 2);
    expect_volume(second);
    expect_files(1, 2);
}
END_TEST

START_TEST(what_was_left_over_goes)
{
    g_autofree char *made = home_merge_path(home, "snapshots", 4711);
    g_autofree char *unknown = home_snapshot_path(home, "snap-87654321");
    g_autofree char *path = home_volume_path(home, vol);
    g_autofree char *name = home_volume_path_since(home, vol, second);
    g_autoptr(gc_report) report = NULL;

    ck_assert(g_file_set_contents(made, "part", -1, NULL));
    ck_assert(g_file_set_contents(unknown, "data", -1, NULL));
    if (!g_file_test(name, G_FILE_TEST_EXISTS))
        ck_assert(file_link(path, name, NULL));
    report = collect(0, FALSE);
    ck_assert_uint_eq(report->done->len, 2);
    ck_assert_uint_eq(report->left->len, 1);
    ck_assert(!g_file_test(made, G_FILE_TEST_EXISTS));
    ck_assert(!g_file_test(name, G_FILE_TEST_EXISTS));
    ck_assert(g_file_test(unknown, G_FILE_TEST_EXISTS));
    expect_volume(second);
}
END_TEST

TCase *
gc_tests(void)
{
    TCase *tests = tcase_create("gc");

    tcase_add_checked_fixture(tests, set_up_chain, tear_down_chain);
    tcase_add_test(tests, a_deleted_one_in_the_middle);
    tcase_add_test(tests, all_deleted_ones_at_once);
    tcase_add_test(tests, a_dry_run_only_says_it);
    tcase_add_test(tests, flattened);
    tcase_add_test(tests, copies_go_on_sharing);
    tcase_add_test(tests, through_a_copy);
    tcase_add_test(tests, a_copy_keeps_what_it_stands_on);
    tcase_add_test(tests, what_is_at_work_is_left);
    tcase_add_test(tests, a_guest_keeps_its_volume);
    tcase_add_test(tests, records_and_files_that_differ);
    tcase_add_test(tests, depths_that_cannot_be);
    tcase_add_test(tests, dies_before_the_file_is_there);
    tcase_add_test(tests, dies_before_it_is_recorded);
    tcase_add_test(tests, what_was_left_over_goes);
    return tests;
}
