#include "common/error.h"
#include "images/customize.h"
#include "tests/unit/suites.h"

#include <glib/gstdio.h>

static gboolean
allowed(customize_verb verb, const char *argument)
{
    g_autoptr(GPtrArray) steps =
        g_ptr_array_new_with_free_func((GDestroyNotify)customize_step_free);
    g_autoptr(GError) error = NULL;
    gboolean good;

    g_ptr_array_add(steps, customize_step_new(verb, argument));
    good = customize_check(steps, &error);
    ck_assert(good || error_is(error, ERROR_PARAMETER_VALUE));
    return good;
}

START_TEST(arguments_have_their_form)
{
    ck_assert(allowed(CUSTOMIZE_UPDATE, NULL));
    ck_assert(allowed(CUSTOMIZE_COMMAND, "rm -rf /tmp/x; true"));
    ck_assert(allowed(CUSTOMIZE_INSTALL, "nginx,libstdc++6"));
    ck_assert(!allowed(CUSTOMIZE_INSTALL, "nginx,"));
    ck_assert(!allowed(CUSTOMIZE_INSTALL, "-y"));
    ck_assert(!allowed(CUSTOMIZE_INSTALL, "a b"));
    ck_assert(!allowed(CUSTOMIZE_INSTALL, "$(reboot)"));
    ck_assert(allowed(CUSTOMIZE_DELETE, "/var/lib/cloud/instances/*"));
    ck_assert(!allowed(CUSTOMIZE_DELETE, "relative"));
    ck_assert(!allowed(CUSTOMIZE_DELETE, "/"));
    ck_assert(!allowed(CUSTOMIZE_DELETE, "/*"));
    ck_assert(!allowed(CUSTOMIZE_DELETE, "/./.."));
    ck_assert(allowed(CUSTOMIZE_WRITE, "/etc/motd:hello: you"));
    ck_assert(!allowed(CUSTOMIZE_WRITE, "/etc/motd"));
    ck_assert(allowed(CUSTOMIZE_CHMOD, "04755:/bin/x"));
    ck_assert(!allowed(CUSTOMIZE_CHMOD, "x:/bin/x"));
    ck_assert(!allowed(CUSTOMIZE_CHMOD, "755:bin/x"));
    ck_assert(!allowed(CUSTOMIZE_CHMOD, "755"));
    ck_assert(allowed(CUSTOMIZE_LOCK, "www-data"));
    ck_assert(!allowed(CUSTOMIZE_LOCK, "root:password:x"));
    ck_assert(!allowed(CUSTOMIZE_LOCK, ""));
    ck_assert(allowed(CUSTOMIZE_HOSTNAME, "a.example"));
    ck_assert(!allowed(CUSTOMIZE_HOSTNAME, "a b"));
}
END_TEST

START_TEST(files_have_to_be_there)
{
    g_autofree char *folder = g_dir_make_tmp("amicustom-XXXXXX", NULL);
    g_autofree char *script = g_build_filename(folder, "script", NULL);
    g_autofree char *copy = g_strconcat(script, ":/etc", NULL);
    g_autofree char *to_nowhere = g_strconcat(script, ":etc", NULL);

    ck_assert(!allowed(CUSTOMIZE_RUN, script));
    ck_assert(!allowed(CUSTOMIZE_RUN, folder));
    ck_assert(!allowed(CUSTOMIZE_COPY_IN, copy));
    ck_assert(g_file_set_contents(script, "", 0, NULL));
    ck_assert(allowed(CUSTOMIZE_RUN, script));
    ck_assert(allowed(CUSTOMIZE_COPY_IN, copy));
    ck_assert(!allowed(CUSTOMIZE_COPY_IN, to_nowhere));
    ck_assert(!allowed(CUSTOMIZE_COPY_IN, script));
    ck_assert(!allowed(CUSTOMIZE_COPY_IN, "a:b:/etc"));
    g_unlink(script);
    g_rmdir(folder);
}
END_TEST

START_TEST(nothing_is_no_change)
{
    g_autoptr(GPtrArray) steps = g_ptr_array_new();
    g_autoptr(GError) error = NULL;

    ck_assert(!customize_check(steps, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_MISSING));
    ck_assert(!customize_needs_packages(steps));
}
END_TEST

Suite *
suite_customize(void)
{
    Suite *suite = suite_create("customize");
    TCase *tests = tcase_create("customize");

    tcase_add_test(tests, arguments_have_their_form);
    tcase_add_test(tests, files_have_to_be_there);
    tcase_add_test(tests, nothing_is_no_change);
    suite_add_tcase(suite, tests);
    return suite;
}
