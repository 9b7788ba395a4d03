#include "drivers/xen_appliance.h"
#include "common/files.h"
#include "tests/unit/suites.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#define MANIFEST                                                                                   \
    "{\"Format\": 1, \"XenCommandLine\": \"console=com2\", \"Dom0CommandLine\": \"quiet\", "       \
    "\"OverheadMiB\": 256, \"Inputs\": \"abc\", \"Built\": \"2026-11-21T19:00:00Z\", "             \
    "\"Packages\": [{\"Name\": \"xen\", \"Version\": \"4.17\"}], \"Files\": ["                     \
    "{\"Name\": \"xen\", \"Bytes\": 3}, {\"Name\": \"dom0-kernel\", \"Bytes\": 3}, "               \
    "{\"Name\": \"dom0-initrd\", \"Bytes\": 3}, {\"Name\": \"grub-hd0\", \"Bytes\": 3}, "          \
    "{\"Name\": \"grub-hd00\", \"Bytes\": 3}]}"

static const char *const names[] = {"xen", "dom0-kernel", "dom0-initrd", "grub-hd0", "grub-hd00"};

/* A HOME with an appliance of three bytes a file; the test removes it. */
static char *
make_home(void)
{
    char *home = g_dir_make_tmp("amilaunch-xen-XXXXXX", NULL);
    g_autofree char *folder = xen_appliance_own(home);
    g_autofree char *manifest = g_build_filename(folder, "manifest.json", NULL);

    ck_assert(folder_make(folder, 0755, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        ck_assert(g_file_set_contents(path, "abc", 3, NULL));
    }
    ck_assert(g_file_set_contents(manifest, MANIFEST, -1, NULL));
    return home;
}

static void
put(const char *home, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(home, "appliance", name, NULL);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

START_TEST(a_manifest_is_read)
{
    g_autofree char *home = make_home();
    g_autofree char *folder = xen_appliance_own(home);
    g_autoptr(GError) error = NULL;
    g_autoptr(xen_appliance) self = xen_appliance_read(folder, &error);

    ck_assert_ptr_nonnull(self);
    ck_assert_str_eq(self->xen_cmdline, "console=com2");
    ck_assert_str_eq(self->dom0_cmdline, "quiet");
    ck_assert_uint_eq(self->overhead_mib, 256);
    ck_assert_uint_eq(self->bytes, 15);
    ck_assert_uint_eq(self->packages->len, 1);
    ck_assert(g_str_has_suffix(self->grub_hd00, "/appliance/grub-hd00"));
    folder_remove(home, NULL);
}
END_TEST

START_TEST(what_is_wrong_is_named)
{
    g_autofree char *home = make_home();
    g_autofree char *folder = xen_appliance_own(home);
    g_autofree char *nowhere = g_build_filename(home, "nowhere", NULL);
    static const char *const bad[] = {"", "[]", "{\"Format\": 2}", "{\"Format\": 1}",
                                      "{\"Format\": 1, \"Format\": 1}"};
    GError *error = NULL;

    ck_assert_ptr_null(xen_appliance_read(nowhere, &error));
    ck_assert_msg(strstr(error->message, "appliance build") != NULL, "%s", error->message);
    g_clear_error(&error);
    put(home, "xen", "abcd");
    ck_assert_ptr_null(xen_appliance_read(folder, &error));
    ck_assert_msg(strstr(error->message, "file xen in") != NULL, "%s", error->message);
    g_clear_error(&error);
    put(home, "xen", "abc");
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        put(home, "manifest.json", bad[i]);
        ck_assert_ptr_null(xen_appliance_read(folder, &error));
        ck_assert(error_is(error, ERROR_HOST_INCOMPLETE));
        g_clear_error(&error);
    }
    folder_remove(home, NULL);
}
END_TEST

START_TEST(the_own_one_comes_first_and_must_be_trusted)
{
    g_autofree char *home = make_home();
    g_autofree char *other = make_home();
    g_autofree char *own = xen_appliance_own(home);
    g_autofree char *shared = xen_appliance_own(other);
    char *found;

    g_setenv("AMILAUNCH_APPLIANCE", shared, TRUE);
    found = xen_appliance_find(home);
    ck_assert_str_eq(found, own);
    g_free(found);
    ck_assert_int_eq(g_chmod(own, 0777), 0);
    found = xen_appliance_find(home);
    ck_assert_str_eq(found, shared);
    g_free(found);
    put(other, "grub-hd0", "");
    ck_assert_ptr_null(xen_appliance_find(home));
    g_unsetenv("AMILAUNCH_APPLIANCE");
    folder_remove(home, NULL);
    folder_remove(other, NULL);
}
END_TEST

Suite *
suite_xen_appliance(void)
{
    Suite *suite = suite_create("xen_appliance");
    TCase *tests = tcase_create("xen_appliance");

    tcase_add_test(tests, a_manifest_is_read);
    tcase_add_test(tests, what_is_wrong_is_named);
    tcase_add_test(tests, the_own_one_comes_first_and_must_be_trusted);
    suite_add_tcase(suite, tests);
    return suite;
}
