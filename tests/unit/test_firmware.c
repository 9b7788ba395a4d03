#include "common/error.h"
#include "drivers/firmware.h"
#include "tests/unit/suites.h"

#include <glib/gstdio.h>

static char *root;

static void
set_up(void)
{
    g_autofree char *folder = NULL;

    root = g_dir_make_tmp("amilaunch-firmware.XXXXXX", NULL);
    folder = g_build_filename(root, "usr/share/OVMF", NULL);
    ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
}

static void
tear_down(void)
{
    static const char *const names[] = {"OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd", "OVMF_CODE.fd",
                                        "OVMF_VARS.fd", ""};
    static const char *const folders[] = {"usr/share", "usr", ""};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(root, "usr/share/OVMF", names[i], NULL);
        g_remove(path);
    }
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(root, folders[i], NULL);
        g_rmdir(path);
    }
    g_free(root);
}

static void
make(const char *name)
{
    g_autofree char *path = g_build_filename(root, "usr/share/OVMF", name, NULL);

    ck_assert(g_file_set_contents(path, "", 0, NULL));
}

START_TEST(both_files_have_to_be_there)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(firmware_find(root, NULL, NULL, &error));
    make("OVMF_CODE_4M.fd");
    ck_assert_ptr_null(firmware_find(root, NULL, NULL, &error));
    ck_assert_ptr_null(error);
}
END_TEST

START_TEST(large_files_come_first)
{
    g_autoptr(firmware) small = NULL;
    g_autoptr(firmware) large = NULL;

    make("OVMF_CODE.fd");
    make("OVMF_VARS.fd");
    small = firmware_find(root, NULL, NULL, NULL);
    ck_assert(g_str_has_suffix(small->code, "/OVMF_CODE.fd"));
    ck_assert(g_str_has_suffix(small->variables, "/OVMF_VARS.fd"));
    make("OVMF_CODE_4M.fd");
    make("OVMF_VARS_4M.fd");
    large = firmware_find(root, NULL, NULL, NULL);
    ck_assert(g_str_has_suffix(large->code, "/OVMF_CODE_4M.fd"));
    ck_assert(g_str_has_suffix(large->variables, "/OVMF_VARS_4M.fd"));
}
END_TEST

START_TEST(what_was_configured_is_used)
{
    g_autofree char *code = g_build_filename(root, "usr/share/OVMF/OVMF_CODE.fd", NULL);
    g_autofree char *variables = g_build_filename(root, "usr/share/OVMF/OVMF_VARS.fd", NULL);
    g_autoptr(firmware) found = NULL;
    g_autoptr(GError) error = NULL;

    make("OVMF_CODE.fd");
    ck_assert_ptr_null(firmware_find(root, code, variables, &error));
    ck_assert(error_is(error, ERROR_HOST_QEMU));
    ck_assert_ptr_nonnull(strstr(error->message, "ovmf_vars"));
    make("OVMF_VARS.fd");
    found = firmware_find("/nowhere", code, variables, NULL);
    ck_assert_str_eq(found->code, code);
    ck_assert_str_eq(found->variables, variables);
}
END_TEST

Suite *
suite_firmware(void)
{
    Suite *suite = suite_create("firmware");
    TCase *tests = tcase_create("firmware");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, both_files_have_to_be_there);
    tcase_add_test(tests, large_files_come_first);
    tcase_add_test(tests, what_was_configured_is_used);
    suite_add_tcase(suite, tests);
    return suite;
}
