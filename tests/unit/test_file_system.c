#include "common/error.h"
#include "common/files.h"
#include "images/file_system.h"
#include "tests/unit/suites.h"

#include <sys/stat.h>

#define SUPERBLOCK 1024
#define MAGIC 56        /* s_magic */
#define COMPATIBLE 92   /* s_feature_compat */
#define INCOMPATIBLE 96 /* s_feature_incompat */
#define HAS_JOURNAL 4
#define EXTENTS 0x40 /* what ext4 would have */

static char *folder;
static char *path;

static void
set_up(void)
{
    folder = g_dir_make_tmp("amilaunch-disk-XXXXXX", NULL);
    path = g_build_filename(folder, "disk.raw", NULL);
}

static void
tear_down(void)
{
    folder_remove(folder, NULL);
    g_free(folder);
    g_free(path);
}

START_TEST(a_disk_gets_ext3)
{
    g_autoptr(GMappedFile) file = NULL;
    g_autoptr(GError) error = NULL;
    const guint8 *super;
    struct stat info;

    /* Not a whole number of blocks: EC2's sizes are powers of ten. */
    ck_assert(file_make_sparse(path, G_GUINT64_CONSTANT(160000000000), NULL));
    ck_assert_msg(file_system_make(path, &error), "%s", error != NULL ? error->message : "");
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_size, G_GINT64_CONSTANT(160000000000));
    ck_assert_int_lt(info.st_blocks, (64 << 20) / 512);
    file = g_mapped_file_new(path, FALSE, NULL);
    super = (const guint8 *)g_mapped_file_get_contents(file) + SUPERBLOCK;
    ck_assert_uint_eq(super[MAGIC] | super[MAGIC + 1] << 8, 0xef53);
    ck_assert(super[COMPATIBLE] & HAS_JOURNAL);
    ck_assert(!(super[INCOMPATIBLE] & EXTENTS));
}
END_TEST

/* As for ordinary users. */
START_TEST(mke2fs_is_found_outside_of_the_path)
{
    g_autofree char *before = g_strdup(g_getenv("PATH"));
    g_autoptr(GError) error = NULL;
    gboolean made;

    ck_assert(file_make_sparse(path, 16 << 20, NULL));
    g_setenv("PATH", folder, TRUE);
    made = file_system_make(path, &error);
    g_setenv("PATH", before, TRUE);
    ck_assert_msg(made, "%s", error != NULL ? error->message : "");
}
END_TEST

START_TEST(a_disk_that_is_not_there_is_an_error)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!file_system_make("/nowhere/disk.raw", &error));
    ck_assert(error_is(error, ERROR_HOST_DISK));
}
END_TEST

Suite *
suite_file_system(void)
{
    Suite *suite = suite_create("file_system");
    TCase *tests = tcase_create("file_system");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    /* mke2fs writes more than its 4 s are enough for on a busy disk. */
    tcase_add_test(tests, a_disk_gets_ext3);
    tcase_add_test(tests, mke2fs_is_found_outside_of_the_path);
    tcase_add_test(tests, a_disk_that_is_not_there_is_an_error);
    suite_add_tcase(suite, tests);
    return suite;
}
