#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "images/backing.h"
#include "tests/unit/suites.h"

static char *folder;
static char *path;

static void
set_up(void)
{
    folder = g_dir_make_tmp("amilaunch-backing-XXXXXX", NULL);
    path = g_build_filename(folder, "disk.qcow2", NULL);
}

static void
tear_down(void)
{
    folder_remove(folder, NULL);
    g_free(folder);
    g_free(path);
}

static void
make(const char *below)
{
    const char *const overlay[] = {"qemu-img", "create", "-q",  "-u", "-f", "qcow2", "-F",
                                   "qcow2",    "-b",     below, path, "1G", NULL};
    const char *const alone[] = {"qemu-img", "create", "-q", "-f", "qcow2", path, "1G", NULL};

    ck_assert(process_run(below != NULL ? overlay : alone, ERROR_HOST_DISK, NULL, NULL));
}

START_TEST(overlays_name_what_they_stand_on)
{
    g_autoptr(GError) error = NULL;

    make("../snapshots/snap-1.qcow2");
    ck_assert(backing_matches(path, "/elsewhere/snap-1.qcow2", NULL));
    ck_assert(!backing_matches(path, "/elsewhere/snap-12.qcow2", &error));
    ck_assert(error_is(error, ERROR_HOST_INCOMPLETE));
    ck_assert_ptr_nonnull(g_strstr_len(error->message, -1, "stands on snap-1.qcow2"));
    ck_assert(!backing_matches(path, NULL, NULL));
}
END_TEST

START_TEST(empty_ones_name_nothing)
{
    make(NULL);
    ck_assert(backing_matches(path, NULL, NULL));
    ck_assert(!backing_matches(path, "snap-1.qcow2", NULL));
}
END_TEST

START_TEST(headers_that_lie)
{
    /* A name of 4 GiB; one beyond the file's end; no header at all. */
    static const guint8 lies[][20] = {
        {'Q', 'F', 'I', 0xfb, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 20, 0xff, 0xff, 0xff, 0xff},
        {'Q', 'F', 'I', 0xfb, 0, 0, 0, 3, 0x7f, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8},
        {'t', 'e', 'x', 't'},
    };

    for (guint i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert(g_file_set_contents(path, (const char *)lies[i], sizeof lies[i], NULL));
        ck_assert(!backing_matches(path, "snap-1.qcow2", &error));
        ck_assert_msg(error_is(error, ERROR_HOST_DISK), "case %u: %s", i, error->message);
    }
    ck_assert(!backing_matches("/nowhere/disk.qcow2", NULL, NULL));
}
END_TEST

Suite *
suite_backing(void)
{
    Suite *suite = suite_create("backing");
    TCase *tests = tcase_create("backing");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, overlays_name_what_they_stand_on);
    tcase_add_test(tests, empty_ones_name_nothing);
    tcase_add_test(tests, headers_that_lie);
    suite_add_tcase(suite, tests);
    return suite;
}
