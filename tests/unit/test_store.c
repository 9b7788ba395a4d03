#include "common/error.h"
#include "common/files.h"
#include "store/database.h"
#include "store/image.h"
#include "store/instance.h"
#include "store/operation.h"
#include "store/snapshot.h"
#include "store/volume.h"
#include "tests/unit/suites.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *home;
static store *db;

static void
set_up(void)
{
    home = g_dir_make_tmp("amilaunch-store-XXXXXX", NULL);
    db = store_open(home, NULL);
    ck_assert_ptr_nonnull(db);
}

static void
tear_down(void)
{
    store_free(db);
    folder_remove(home, NULL);
    g_free(home);
}

static void
insert_instance(const char *id)
{
    const instance vm = {.id = (char *)id,
                         .reservation = (char *)"r-1",
                         .uuid = (char *)id,
                         .image = (char *)"ami-1",
                         .type = (char *)"m3.medium",
                         .state = INSTANCE_STOPPING,
                         .owner = (char *)"1",
                         .region = (char *)"r",
                         .zone = (char *)"ra",
                         .architecture = (char *)"x86_64",
                         .root_device = (char *)"/dev/sda1",
                         .content = (char *)"c",
                         .launched = 7};
    g_autoptr(GError) error = NULL;

    ck_assert_msg(instance_insert(db, &vm, &error), "%s", error != NULL ? error->message : "");
}

START_TEST(statements_are_used_again_without_their_values)
{
    static const char sql[] = "SELECT ?1";
    sqlite3_stmt *one = database_prepare(db, sql, NULL);
    sqlite3_stmt *other = database_prepare(db, sql, NULL);
    g_autoptr(sqlite3_stmt) again = NULL;

    ck_assert_ptr_ne(one, other);
    ck_assert_int_eq(sqlite3_bind_int(one, 1, 7), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(one), SQLITE_ROW);
    ck_assert_int_eq(sqlite3_column_int(one, 0), 7);
    database_release(one);
    database_release(other);
    again = database_prepare(db, sql, NULL);
    ck_assert_ptr_eq(again, one);
    ck_assert_int_eq(sqlite3_step(again), SQLITE_ROW);
    ck_assert_int_eq(sqlite3_column_type(again, 0), SQLITE_NULL);
}
END_TEST

START_TEST(a_moment_sees_nothing_newer)
{
    g_autoptr(store) reader = store_open(home, NULL);
    g_autoptr(instance) before = NULL;
    g_autoptr(instance) within = NULL;
    g_autoptr(instance) after = NULL;
    moment *now;

    now = moment_begin(reader, NULL);
    ck_assert_ptr_nonnull(now);
    before = instance_get(reader, "i-1", NULL);
    insert_instance("i-1");
    within = instance_get(reader, "i-1", NULL);
    moment_end(now);
    after = instance_get(reader, "i-1", NULL);
    ck_assert(before == NULL && within == NULL && after != NULL);
}
END_TEST

/* As the network process does it, which guests may take over. */
START_TEST(who_only_reads_can_not_write)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(store) reader = store_open(home, NULL);
    g_autoptr(instance) before = NULL;
    g_autoptr(instance) after = NULL;
    gint64 version;

    insert_instance("i-1");
    ck_assert_msg(store_only_read(reader, &error), "%s", error != NULL ? error->message : "");
    before = instance_get(reader, "i-1", NULL);
    ck_assert_ptr_nonnull(before);
    version = store_version(reader);
    ck_assert_int_eq(store_version(reader), version);
    insert_instance("i-2");
    ck_assert_int_ne(store_version(reader), version);
    after = instance_get(reader, "i-2", NULL);
    ck_assert_ptr_nonnull(after);
    ck_assert(!host_fact_set(reader, "a", "b", &error));
    ck_assert_msg(error_is(error, ERROR_HOST_PERMISSION), "%s", error->message);
    ck_assert(host_fact_set(db, "a", "b", NULL));
}
END_TEST

START_TEST(rows_come_back_as_they_went)
{
    g_autoptr(instance) vm = NULL;
    g_autoptr(instance) again = NULL;

    insert_instance("i-1");
    vm = instance_get(db, "i-1", NULL);
    ck_assert_str_eq(vm->type, "m3.medium");
    ck_assert_int_eq(vm->state, INSTANCE_STOPPING);
    ck_assert_int_eq(vm->launched, 7);
    ck_assert_ptr_null(vm->reason_code);
    ck_assert_int_eq(vm->operation, 0);
    vm->state = INSTANCE_STOPPED;
    vm->reason_code = g_strdup("Client.UserInitiatedShutdown");
    ck_assert(instance_update(db, vm, NULL));
    again = instance_get(db, "i-1", NULL);
    ck_assert_int_eq(again->state, INSTANCE_STOPPED);
    ck_assert_str_eq(again->reason_code, "Client.UserInitiatedShutdown");
}
END_TEST

START_TEST(what_is_not_there_has_its_code)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(instance_get(db, "i-1", &error));
    ck_assert(error_is(error, ERROR_INSTANCE_NOT_FOUND));
    g_clear_error(&error);
    ck_assert_ptr_null(image_get(db, "ami-1", "r", &error));
    ck_assert(error_is(error, ERROR_AMI_NOT_FOUND));
    g_clear_error(&error);
    ck_assert_ptr_null(snapshot_get(db, "snap-1", &error));
    ck_assert(error_is(error, ERROR_SNAPSHOT_NOT_FOUND));
}
END_TEST

START_TEST(transactions_that_are_not_committed_leave_nothing)
{
    {
        g_autoptr(transaction) change = transaction_begin(db, NULL);
        ck_assert_ptr_nonnull(change);
        insert_instance("i-1");
    }
    ck_assert_ptr_null(instance_get(db, "i-1", NULL));
}
END_TEST

START_TEST(snapshots_that_something_stands_on_stay)
{
    const snapshot disk = {.id = (char *)"snap-1", .owner = (char *)"1", .region = (char *)"r"};
    const volume overlay = {.id = (char *)"vol-1",
                            .type = (char *)"gp2",
                            .snapshot = (char *)"snap-1",
                            .zone = (char *)"ra",
                            .owner = (char *)"123456789012"};
    g_autoptr(GError) error = NULL;

    ck_assert(snapshot_insert(db, &disk, NULL));
    ck_assert(volume_insert(db, &overlay, NULL));
    ck_assert(!snapshot_delete(db, "snap-1", &error));
    ck_assert(error_is(error, ERROR_HOST_DATABASE));
    ck_assert(volume_delete(db, "vol-1", NULL));
    ck_assert(snapshot_delete(db, "snap-1", NULL));
}
END_TEST

START_TEST(image_names_are_unique_in_their_region)
{
    image ami = {.id = (char *)"ami-1",
                 .name = (char *)"one",
                 .architecture = (char *)"x86_64",
                 .root_device = (char *)"/dev/sda1",
                 .content = (char *)"c",
                 .owner = (char *)"1",
                 .region = (char *)"r"};
    g_autoptr(GError) error = NULL;

    ck_assert(image_insert(db, &ami, NULL));
    ami.id = (char *)"ami-2";
    ck_assert(!image_insert(db, &ami, &error));
    ck_assert(error_is(error, ERROR_AMI_NAME_DUPLICATE));
    ami.region = (char *)"elsewhere";
    ck_assert(image_insert(db, &ami, NULL));
    ck_assert_ptr_null(image_get(db, "ami-2", "r", NULL));
}
END_TEST

START_TEST(terminated_instances_are_forgotten_in_time)
{
    g_autoptr(instance) vm = NULL;

    insert_instance("i-1");
    vm = instance_get(db, "i-1", NULL);
    vm->state = INSTANCE_TERMINATED;
    vm->ended = 100;
    ck_assert(instance_update(db, vm, NULL));
    ck_assert(instance_forget_ended(db, 100, NULL));
    g_clear_pointer(&vm, instance_free);
    vm = instance_get(db, "i-1", NULL);
    ck_assert_ptr_nonnull(vm);
    ck_assert(instance_forget_ended(db, 101, NULL));
    ck_assert_ptr_null(instance_get(db, "i-1", NULL));
}
END_TEST

/* A child begins an operation and goes on as WHAT says. */
static pid_t
begin_elsewhere(int *ready, gboolean stays)
{
    int ends[2];
    pid_t child;

    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        store *own = store_open(home, NULL);
        gint64 id = operation_begin(own, "run", NULL);
        if (write(ends[1], &id, sizeof id) != sizeof id)
            _exit(1);
        if (stays)
            pause();
        _exit(0);
    }
    close(ends[1]);
    *ready = ends[0];
    return child;
}

START_TEST(operations_of_the_living_are_theirs)
{
    int ready;
    pid_t child = begin_elsewhere(&ready, TRUE);
    gint64 id = 0;

    ck_assert_int_eq(read(ready, &id, sizeof id), sizeof id);
    ck_assert_int_gt(id, 0);
    ck_assert(!operation_adopt(db, id));
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert(operation_adopt(db, id));
    ck_assert(!operation_adopt(db, id));
    ck_assert(operation_end(db, id, NULL));
    close(ready);
}
END_TEST

START_TEST(ended_operations_are_not_adopted)
{
    int ready;
    pid_t child = begin_elsewhere(&ready, FALSE);
    gint64 id = 0;
    gint64 next;

    ck_assert_int_eq(read(ready, &id, sizeof id), sizeof id);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert(operation_end(db, id, NULL));
    ck_assert(!operation_adopt(db, id));
    next = operation_begin(db, "run", NULL);
    ck_assert_int_gt(next, id);
    close(ready);
}
END_TEST

START_TEST(operations_that_are_rolled_back_free_their_place)
{
    gint64 first, again;

    {
        g_autoptr(transaction) change = transaction_begin(db, NULL);
        first = operation_begin(db, "run", NULL);
        ck_assert_int_gt(first, 0);
    }
    {
        g_autoptr(transaction) change = transaction_begin(db, NULL);
        again = operation_begin(db, "run", NULL);
        ck_assert_int_gt(again, 0);
        ck_assert(transaction_commit(change, NULL));
    }
    ck_assert(!operation_adopt(db, again));
    operation_abandon(db, again);
    ck_assert(operation_adopt(db, again));
}
END_TEST

/* Each of these makes the database, or finds it half made by another. */
START_TEST(first_commands_at_once_all_work)
{
    g_autofree char *fresh = g_dir_make_tmp("amilaunch-store-XXXXXX", NULL);
    pid_t children[8];
    int status;

    for (int i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            store *own = store_open(fresh, NULL);
            _exit(own != NULL ? 0 : 1);
        }
    }
    for (int i = 0; i < 8; i++) {
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    folder_remove(fresh, NULL);
}
END_TEST

START_TEST(newer_databases_are_refused)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(home, "amilaunch.db", NULL);
    sqlite3 *raw = NULL;

    ck_assert_int_eq(sqlite3_open(path, &raw), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(raw, "PRAGMA user_version = 999", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
    ck_assert_ptr_null(store_open(home, &error));
    ck_assert(error_is(error, ERROR_HOST_DATABASE));
    ck_assert_ptr_nonnull(strstr(error->message, "newer"));
}
END_TEST

START_TEST(files_that_are_no_database_are_refused)
{
    g_autofree char *other = g_dir_make_tmp("amilaunch-store-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(other, "amilaunch.db", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(g_file_set_contents(
        path, "certainly not a database, but long enough to be read as one", -1, NULL));
    ck_assert_ptr_null(store_open(other, &error));
    ck_assert(error_is(error, ERROR_HOST_DATABASE));
    folder_remove(other, NULL);
}
END_TEST

Suite *
suite_store(void)
{
    Suite *suite = suite_create("store");
    TCase *tests = tcase_create("store");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, statements_are_used_again_without_their_values);
    tcase_add_test(tests, a_moment_sees_nothing_newer);
    tcase_add_test(tests, who_only_reads_can_not_write);
    tcase_add_test(tests, rows_come_back_as_they_went);
    tcase_add_test(tests, what_is_not_there_has_its_code);
    tcase_add_test(tests, transactions_that_are_not_committed_leave_nothing);
    tcase_add_test(tests, snapshots_that_something_stands_on_stay);
    tcase_add_test(tests, image_names_are_unique_in_their_region);
    tcase_add_test(tests, terminated_instances_are_forgotten_in_time);
    tcase_add_test(tests, operations_of_the_living_are_theirs);
    tcase_add_test(tests, ended_operations_are_not_adopted);
    tcase_add_test(tests, operations_that_are_rolled_back_free_their_place);
    tcase_add_test(tests, first_commands_at_once_all_work);
    tcase_add_test(tests, newer_databases_are_refused);
    tcase_add_test(tests, files_that_are_no_database_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
