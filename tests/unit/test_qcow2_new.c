/* What QEMU makes of new disks that we made. */
#include "common/files.h"
#include "common/process.h"
#include "images/qcow2_new.h"
#include "tests/unit/suites.h"

#include <string.h>
#include <sys/stat.h>

#define GIB (G_GUINT64_CONSTANT(1) << 30)

static char *folder;
static char *path;

static void
set_up(void)
{
    folder = g_dir_make_tmp("amilaunch-qcow2-XXXXXX", NULL);
    path = g_build_filename(folder, "disk", NULL);
}

static void
tear_down(void)
{
    folder_remove(folder, NULL);
    g_free(folder);
    g_free(path);
}

static gboolean
does(const char *program, const char *what, const char *option, const char *name)
{
    g_autofree char *file = g_build_filename(folder, name, NULL);
    const char *const argv[] = {program, what, option, "-f", "qcow2", file, NULL};

    return process_run(argv, ERROR_HOST_QEMU, NULL, NULL);
}

START_TEST(qemu_takes_them)
{
    static const guint64 sizes[] = {512, GIB, 100 * GIB, 65536 * GIB};

    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *last =
            g_strdup_printf("write -P 0x55 %" G_GUINT64_FORMAT " 512", sizes[i] - 512);
        ck_assert(qcow2_make(path, sizes[i], NULL, NULL, NULL));
        ck_assert(does("qemu-img", "check", "-q", "disk"));
        ck_assert(does("qemu-io", "-c", last, "disk"));
        memcpy(last, "read ", 5);
        ck_assert(does("qemu-io", "-c", last, "disk"));
        ck_assert(does("qemu-img", "check", "-q", "disk"));
    }
}
END_TEST

START_TEST(they_have_the_size_that_was_asked_for)
{
    const char *const argv[] = {"qemu-img", "info", "--output=json", path, NULL};
    g_autofree char *said = NULL;

    ck_assert(qcow2_make(path, 7 * GIB, NULL, NULL, NULL));
    ck_assert(process_run(argv, ERROR_HOST_QEMU, &said, NULL));
    ck_assert_ptr_nonnull(strstr(said, "\"virtual-size\": 7516192768,"));
    ck_assert_ptr_null(strstr(said, "backing"));
}
END_TEST

START_TEST(they_stand_on_others)
{
    const char *const argv[] = {"qemu-img", "info", "--output=json", path, NULL};
    g_autofree char *base = g_build_filename(folder, "base", NULL);
    g_autofree char *said = NULL;

    ck_assert(qcow2_make(path, 2 * GIB, "base", NULL, NULL)); /* which isn't there yet */
    ck_assert(qcow2_make(base, GIB, NULL, NULL, NULL));
    ck_assert(does("qemu-io", "-c", "write -P 0x41 1M 64k", "base"));
    ck_assert(does("qemu-img", "check", "-q", "disk"));
    ck_assert(does("qemu-io", "-c", "read -P 0x41 1M 64k", "disk"));
    ck_assert(does("qemu-io", "-c", "read -P 0 1999M 64k", "disk"));
    ck_assert(process_run(argv, ERROR_HOST_QEMU, &said, NULL));
    ck_assert_ptr_nonnull(strstr(said, "\"backing-filename-format\": \"qcow2\","));
}
END_TEST

START_TEST(names_as_long_as_qcow2_allows)
{
    char name[1025];

    memset(name, 'x', sizeof name - 1);
    name[1023] = '\0';
    ck_assert(qcow2_make(path, GIB, name, NULL, NULL));
    name[1023] = 'x';
    name[1024] = '\0';
    ck_assert(!qcow2_make(path, GIB, name, NULL, NULL));
}
END_TEST

START_TEST(they_take_little_room)
{
    struct stat info;

    ck_assert(qcow2_make(path, 100 * GIB, "base", NULL, NULL));
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_le(info.st_blocks * 512, 65536);
    ck_assert_uint_eq(info.st_mode & 0777, 0600);
}
END_TEST

Suite *
suite_qcow2_new(void)
{
    Suite *suite = suite_create("qcow2_new");
    TCase *tests = tcase_create("qemu");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, qemu_takes_them);
    tcase_add_test(tests, they_have_the_size_that_was_asked_for);
    tcase_add_test(tests, they_stand_on_others);
    tcase_add_test(tests, names_as_long_as_qcow2_allows);
    tcase_add_test(tests, they_take_little_room);
    suite_add_tcase(suite, tests);
    return suite;
}
