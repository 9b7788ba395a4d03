#include "common/files.h"
#include "drivers/accel.h"
#include "tests/unit/suites.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static guint
count_descriptors(void)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    guint count = 0;

    while (g_dir_read_name(dir) != NULL)
        count++;
    return count;
}

static void
assert_no_child(void)
{
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

/* Whatever this host has: an answer, and nothing left behind. */
START_TEST(the_probe_ends_and_is_clean)
{
    guint descriptors = count_descriptors();
    g_autofree char *detail = NULL;
    kvm_verdict verdict = accel_probe_kvm(ACCEL_DEADLINE_MS, &detail);

    ck_assert_int_ge(verdict, KVM_ABSENT);
    ck_assert_int_le(verdict, KVM_WORKS);
    ck_assert_str_ne(detail, "");
    assert_no_child();
    ck_assert_uint_eq(count_descriptors(), descriptors);
}
END_TEST

START_TEST(a_device_that_is_not_there_is_absent)
{
    g_autofree char *detail = NULL;

    ck_assert_int_eq(accel_probe_device("/nowhere/kvm", 5000, &detail), KVM_ABSENT);
    ck_assert_str_eq(detail, "there is no /nowhere/kvm");
    assert_no_child();
}
END_TEST

START_TEST(a_device_of_another_kind_pretends)
{
    g_autofree char *detail = NULL;

    ck_assert_int_eq(accel_probe_device("/dev/null", 5000, &detail), KVM_PRETENDS);
    ck_assert_msg(g_str_has_prefix(detail, "/dev/null opens, but does not speak KVM's language: "),
                  "%s", detail);
    ck_assert_int_eq(accel_probe_device("/dev/null", 5000, NULL), KVM_PRETENDS);
    assert_no_child();
}
END_TEST

/* A symbolic link to itself is neither absent nor forbidden. */
START_TEST(a_device_that_fails_oddly_is_absent)
{
    g_autofree char *folder = g_dir_make_tmp("amilaunch-accel-XXXXXX", NULL);
    g_autofree char *device = g_build_filename(folder, "kvm", NULL);
    g_autofree char *detail = NULL;

    ck_assert_int_eq(symlink(device, device), 0);
    ck_assert_int_eq(accel_probe_device(device, 5000, &detail), KVM_ABSENT);
    ck_assert_ptr_nonnull(strstr(detail, "does not open"));
    ck_assert(folder_remove(folder, NULL));
}
END_TEST

START_TEST(a_device_of_others_is_denied)
{
    g_autofree char *folder = g_dir_make_tmp("amilaunch-accel-XXXXXX", NULL);
    g_autofree char *device = g_build_filename(folder, "kvm", NULL);
    g_autofree char *detail = NULL;

    ck_assert(g_file_set_contents(device, "", 0, NULL));
    ck_assert_int_eq(chmod(device, 0), 0);
    ck_assert_int_eq(chmod(folder, 0755), 0);
    /* Root may open anything. */
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    ck_assert_int_eq(accel_probe_device(device, 5000, &detail), KVM_DENIED);
    ck_assert_ptr_nonnull(strstr(detail, "may not open it"));
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(0), 0);
    ck_assert(folder_remove(folder, NULL));
    assert_no_child();
}
END_TEST

START_TEST(verdicts_survive_being_written)
{
    kvm_verdict verdict = KVM_WORKS;

    for (int i = KVM_ABSENT; i <= KVM_WORKS; i++) {
        ck_assert(accel_verdict_parse(accel_verdict_text(i), &verdict));
        ck_assert_int_eq(verdict, i);
    }
    verdict = KVM_DENIED;
    ck_assert(!accel_verdict_parse("perhaps", &verdict));
    ck_assert(!accel_verdict_parse(NULL, &verdict));
    ck_assert_int_eq(verdict, KVM_DENIED);
}
END_TEST

Suite *
suite_accel(void)
{
    Suite *suite = suite_create("accel");
    TCase *tests = tcase_create("accel");

    tcase_add_test(tests, the_probe_ends_and_is_clean);
    tcase_add_test(tests, a_device_that_is_not_there_is_absent);
    tcase_add_test(tests, a_device_of_another_kind_pretends);
    tcase_add_test(tests, a_device_that_fails_oddly_is_absent);
    tcase_add_test(tests, a_device_of_others_is_denied);
    tcase_add_test(tests, verdicts_survive_being_written);
    suite_add_tcase(suite, tests);
    return suite;
}
