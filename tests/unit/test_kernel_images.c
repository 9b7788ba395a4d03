#include "common/files.h"
#include "conf/kernel_images.h"
#include "tests/unit/suites.h"

#include <string.h>

static kernel_images *known;

static void
set_up(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("AMILAUNCH_DATADIR"), "kernel-images.conf", NULL);
    g_autoptr(GError) error = NULL;

    known = kernel_images_load(path, &error);
    ck_assert_msg(known != NULL, "%s", error != NULL ? error->message : "");
}

static void
tear_down(void)
{
    kernel_images_free(known);
}

START_TEST(names_say_what_they_are)
{
    const kernel_image *one = kernel_images_get(known, "aki-b4aa75dd");

    ck_assert_ptr_nonnull(one);
    ck_assert_str_eq(one->region, "us-east-1");
    ck_assert_str_eq(one->name, "pv-grub-hd00_1.03-x86_64.gz");
    ck_assert_str_eq(one->version, "1.03");
    ck_assert_str_eq(one->architecture, "x86_64");
    ck_assert(one->partitioned && one->one_place);
    one = kernel_images_get(known, "aki-5ee9573f");
    ck_assert_str_eq(one->region, "us-gov-west-1");
    ck_assert_str_eq(one->architecture, "i386");
    ck_assert(!one->partitioned && !one->one_place);
    ck_assert_ptr_null(kernel_images_get(known, "aki-12345678"));
}
END_TEST

START_TEST(the_newest_is_found)
{
    const kernel_image *one = kernel_images_newest(known, "us-east-1", "x86_64", FALSE);

    ck_assert_str_eq(one->id, "aki-5c21674b");
    one = kernel_images_newest(known, "us-east-1", "i386", TRUE);
    ck_assert_str_eq(one->id, "aki-659ccb0c");
    ck_assert_ptr_null(kernel_images_newest(known, "eu-west-1", "x86_64", TRUE));
    ck_assert_ptr_null(kernel_images_newest(known, "eu-west-1", "arm64", FALSE));
}
END_TEST

START_TEST(other_regions_have_their_own)
{
    const kernel_image *one = kernel_images_get(known, "aki-5c21674b");

    ck_assert_str_eq(kernel_images_like(known, "eu-west-1", one)->id, "aki-dc9ed9af");
    one = kernel_images_get(known, "aki-919dcaf8"); /* 1.04, which is nowhere else */
    ck_assert_str_eq(kernel_images_like(known, "eu-west-1", one)->id, "aki-dc9ed9af");
    one = kernel_images_get(known, "aki-499ccb20");
    ck_assert_ptr_null(kernel_images_like(known, "eu-west-1", one));
    ck_assert_ptr_null(kernel_images_like(known, "eu-west-9", one));
}
END_TEST

#define IMAGE(id, name) "{ id = \"" id "\"; region = \"us-east-1\"; name = \"" name "\"; }"
#define GOOD "pv-grub-hd0_1.05-i386.gz"

static const struct {
    const char *text, *complaint;
} wrong[] = {
    {"kernel_images = (\n" IMAGE("ami-12345678", GOOD) ");", ":2: id can't be \"ami-12345678\""},
    {"kernel_images = (" IMAGE("aki-1234567", GOOD) ");", ":1: id can't be"},
    {"kernel_images = (" IMAGE("aki-12345678", "pv-grub-hd1_1.05-i386.gz") ");",
     ":1: name can't be"},
    {"kernel_images = (" IMAGE("aki-12345678", "pv-grub-hd0_-i386.gz") ");", ":1: name can't be"},
    {"kernel_images = (" IMAGE("aki-12345678", "pv-grub-hd0_1.05-arm64.gz") ");",
     ":1: name can't be"},
    {"kernel_images = (" IMAGE("aki-12345678", "pv-grub-hd0_1.05-i386") ");", ":1: name can't be"},
    {"kernel_images = (" IMAGE("aki-12345678", "pv-grub-hd0_1.05-gz") ");", ":1: name can't be"},
    {"kernel_images = (" IMAGE("aki-12345678", GOOD) ",\n" IMAGE("aki-12345678", GOOD) ");",
     ":2: the kernel image aki-12345678 is here twice"},
    {"kernel_images = ({ id = \"aki-12345678\"; });", ":1: "},
    {"", "kernel_images"},
};

START_TEST(wrong_files_are_refused)
{
    g_autofree char *folder = g_dir_make_tmp("amilaunch-kernels-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "kernel-images.conf", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(g_file_set_contents(path, wrong[_i].text, -1, NULL));
    ck_assert_ptr_null(kernel_images_load(path, &error));
    ck_assert(error_is(error, ERROR_CONFIG));
    ck_assert_msg(strstr(error->message, wrong[_i].complaint) != NULL, "%s", error->message);
    ck_assert(folder_remove(folder, NULL));
}
END_TEST

Suite *
suite_kernel_images(void)
{
    Suite *suite = suite_create("kernel_images");
    TCase *tests = tcase_create("kernel_images");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, names_say_what_they_are);
    tcase_add_test(tests, the_newest_is_found);
    tcase_add_test(tests, other_regions_have_their_own);
    tcase_add_loop_test(tests, wrong_files_are_refused, 0, G_N_ELEMENTS(wrong));
    suite_add_tcase(suite, tests);
    return suite;
}
