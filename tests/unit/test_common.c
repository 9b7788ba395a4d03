#include "common/error.h"
#include "common/files.h"
#include "common/guard.h"
#include "common/ids.h"
#include "common/process.h"
#include "common/times.h"
#include "tests/unit/suites.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(ids_are_random_and_recognised)
{
    g_autofree char *one = id_new("vol");
    g_autofree char *two = id_new("vol");

    ck_assert_uint_eq(strlen(one), strlen("vol-") + 17);
    ck_assert(id_is("vol", one));
    ck_assert_str_ne(one, two);
    ck_assert(id_is("ami", "ami-12345678"));
    ck_assert(!id_is("ami", "ami-123456789"));
    ck_assert(!id_is("ami", "ami-1234567G"));
    ck_assert(!id_is("i", "ami-12345678"));
    ck_assert(!id_is("ami", "ami"));
    ck_assert(!id_is("ami", NULL));
}
END_TEST

START_TEST(errors_carry_code_and_exit_status)
{
    g_autoptr(GError) error = NULL;

    ck_assert(
        !error_set(&error, ERROR_AMI_NOT_FOUND, "The image id '[%s]' does not exist", "ami-1"));
    ck_assert(error_is(error, ERROR_AMI_NOT_FOUND));
    ck_assert_str_eq(error_code_text(error), "InvalidAMIID.NotFound");
    ck_assert_int_eq(error_exit_status(error), 1);
    error_prefix(&error, "run");
    ck_assert_str_eq(error->message, "run: The image id '[ami-1]' does not exist");
    g_clear_error(&error);

    error_set_errno(&error, EACCES, "can't open x");
    ck_assert(error_is(error, ERROR_HOST_PERMISSION));
    ck_assert_int_eq(error_exit_status(error), 3);
    g_clear_error(&error);
    error_set_errno(&error, ENOSPC, "can't write x");
    ck_assert(error_is(error, ERROR_HOST_DISK));
    g_clear_error(&error);

    g_set_error(&error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE, "foreign");
    ck_assert_str_eq(error_code_text(error), "InternalError");
    ck_assert_int_eq(error_exit_status(error), 3);
}
END_TEST

START_TEST(errors_about_files_are_the_disks)
{
    g_autoptr(GError) full = g_error_new(G_FILE_ERROR, G_FILE_ERROR_NOSPC, "x");
    g_autoptr(GError) forbidden = g_error_new(G_FILE_ERROR, G_FILE_ERROR_ROFS, "x");

    ck_assert_str_eq(error_code_text(full), "Host.Disk");
    ck_assert_int_eq(error_exit_status(full), 3);
    ck_assert_str_eq(error_code_text(forbidden), "Host.Permission");
}
END_TEST

START_TEST(times_are_utc)
{
    g_autofree char *iso = time_iso8601(1388534399);
    g_autofree char *spelled = time_spelled(1388534399);
    g_autofree char *last = time_iso8601(G_GINT64_CONSTANT(253402300799));
    g_autofree char *beyond = time_iso8601(G_GINT64_CONSTANT(253402300800));
    g_autofree char *never = time_iso8601(G_MAXINT64);
    g_autofree char *early = time_iso8601(G_GINT64_CONSTANT(-46388678400));

    ck_assert_str_eq(last, "9999-12-31T23:59:59.000Z");
    ck_assert_str_eq(early, "0500-01-01T00:00:00.000Z");
    ck_assert_str_eq(beyond, "?");
    ck_assert_str_eq(never, "?");
    ck_assert_str_eq(iso, "2013-12-31T23:59:59.000Z");
    ck_assert_str_eq(spelled, "2013-12-31 23:59:59 UTC");
}
END_TEST

static const struct {
    const char *text;
    gint64 when; /* -1: it can't be read */
} moments[] = {
    {"2013-12-31", 1388448000},
    {"2013-12-31T23:59", 1388534340},
    {"2013-12-31T23:59:59", 1388534399},
    {"2013-12-31T23:59:59Z", 1388534399},
    {"2013-12-31T23:59:59+01:00", 1388530799},
    {"0500-01-01", G_GINT64_CONSTANT(-46388678400)},
    {"9999-12-31T23:59:59-01:00", -1},
    {"0001-01-01T00:00:00+01:00", -1},
    {"2013-12-32", -1},
    {"2013-12-31T24:59", -1},
    {"tomorrow", -1},
    {"T", -1},
    {"", -1},
};

START_TEST(times_are_read)
{
    gint64 when = -1;

    ck_assert(time_parse(moments[_i].text, &when) == (moments[_i].when != -1));
    ck_assert_int_eq(when, moments[_i].when);
}
END_TEST

START_TEST(programs_run_and_fail_with_their_last_line)
{
    const char *const good[] = {"sh", "-c", "printf '%s' \"$LC_ALL\"", NULL};
    const char *const bad[] = {"sh", "-c", "echo first >&2; echo last >&2; exit 3", NULL};
    const char *const absent[] = {"no-such-program-anywhere", NULL};
    g_autofree char *output = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(process_run(good, ERROR_HOST_QEMU, &output, &error));
    ck_assert_str_eq(output, "C");
    ck_assert(!process_run(bad, ERROR_HOST_QEMU, NULL, &error));
    ck_assert(error_is(error, ERROR_HOST_QEMU));
    ck_assert_str_eq(error->message, "sh failed: last");
    g_clear_error(&error);
    ck_assert(!process_run(absent, ERROR_HOST_QEMU, NULL, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "no-such-program-anywhere"));
}
END_TEST

static gboolean
somebody_holds(int file)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

    ck_assert_int_eq(fcntl(file, F_OFD_GETLK, &lock), 0);
    return lock.l_type != F_UNLCK;
}

START_TEST(programs_keep_a_shared_lock)
{
    const char *const argv[] = {"sleep", "60", NULL};
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    g_autofree char *path = NULL;
    int mine = g_file_open_tmp("amilaunch-lock-XXXXXX", &path, NULL);
    int other = open(path, O_RDWR | O_CLOEXEC);
    process *child;

    ck_assert_int_eq(fcntl(mine, F_OFD_SETLK, &lock), 0);
    process_share(mine);
    child = process_start(argv, ERROR_HOST_QEMU, NULL);
    process_share(-1);
    ck_assert_ptr_nonnull(child);
    close(mine);
    ck_assert(somebody_holds(other));
    process_abort(child);
    ck_assert(!somebody_holds(other));
    close(other);
    g_unlink(path);
}
END_TEST

/* One that does nothing for ever. */
static pid_t
idler_new(void)
{
    pid_t child = fork();

    while (child == 0)
        pause();
    ck_assert_int_gt(child, 0);
    return child;
}

START_TEST(guards_end_what_falls_silent)
{
    pid_t child = idler_new();
    g_autoptr(guard) busy = guard_new(child, 20);
    int status;

    ck_assert_ptr_nonnull(busy);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ck_assert(guard_has_killed(busy));
}
END_TEST

START_TEST(guards_that_are_gone_end_nothing)
{
    pid_t child = idler_new();
    guard *busy = guard_new(child, 3600 * 1000);
    int status;

    guard_told(busy);
    ck_assert(!guard_has_killed(busy));
    guard_free(busy);
    ck_assert_int_eq(kill(child, SIGUSR1), 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
    /* Its number belongs to nobody now. */
    ck_assert_ptr_null(guard_new(child, 20));
}
END_TEST

START_TEST(folders_go_without_following_links)
{
    g_autofree char *top = g_dir_make_tmp("amilaunch-test-XXXXXX", NULL);
    g_autofree char *kept = g_build_filename(top, "kept", NULL);
    g_autofree char *doomed = g_build_filename(top, "doomed", "deep", NULL);
    g_autofree char *link = g_build_filename(doomed, "link", NULL);
    g_autofree char *root = g_build_filename(top, "doomed", NULL);
    g_autofree char *disk = g_build_filename(doomed, "disk", NULL);
    struct stat info;

    ck_assert(g_file_set_contents(kept, "x", 1, NULL));
    ck_assert(folder_make(doomed, 0700, NULL));
    ck_assert_int_eq(symlink(kept, link), 0);
    ck_assert(file_make_sparse(disk, 5 * 1024 * 1024, NULL));
    ck_assert_int_eq(stat(disk, &info), 0);
    ck_assert_int_eq(info.st_size, 5 * 1024 * 1024);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
    ck_assert(!file_make_sparse(disk, 1, NULL));
    ck_assert(folder_remove(root, NULL));
    ck_assert(!g_file_test(root, G_FILE_TEST_EXISTS));
    ck_assert(g_file_test(kept, G_FILE_TEST_EXISTS));
    ck_assert(folder_remove(root, NULL));
    ck_assert(folder_remove(top, NULL));
}
END_TEST

START_TEST(tails_begin_at_a_line)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "amilaunch-tail-XXXXXX", NULL);
    g_autofree char *all = NULL;
    g_autofree char *some = NULL;

    close(g_mkstemp(path));
    ck_assert(g_file_set_contents(path, "one\ntwo\nthree\n", -1, NULL));
    all = file_tail(path, 100);
    some = file_tail(path, 8);
    ck_assert_str_eq(all, "one\ntwo\nthree\n");
    ck_assert_str_eq(some, "three\n");
    g_unlink(path);
    ck_assert_ptr_null(file_tail(path, 8));
}
END_TEST

Suite *
suite_common(void)
{
    Suite *suite = suite_create("common");
    TCase *tests = tcase_create("common");

    tcase_add_test(tests, ids_are_random_and_recognised);
    tcase_add_test(tests, errors_carry_code_and_exit_status);
    tcase_add_test(tests, errors_about_files_are_the_disks);
    tcase_add_test(tests, times_are_utc);
    tcase_add_loop_test(tests, times_are_read, 0, G_N_ELEMENTS(moments));
    tcase_add_test(tests, programs_run_and_fail_with_their_last_line);
    tcase_add_test(tests, programs_keep_a_shared_lock);
    tcase_add_test(tests, guards_end_what_falls_silent);
    tcase_add_test(tests, guards_that_are_gone_end_nothing);
    tcase_add_test(tests, folders_go_without_following_links);
    tcase_add_test(tests, tails_begin_at_a_line);
    suite_add_tcase(suite, tests);
    return suite;
}
