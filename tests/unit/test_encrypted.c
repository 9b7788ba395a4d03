/* What QEMU makes of encrypted disks that we made. */
#include "common/files.h"
#include "common/process.h"
#include "images/encrypted.h"
#include "tests/unit/suites.h"

#include <string.h>

#define GIB (G_GUINT64_CONSTANT(1) << 30)
#define PASSPHRASE "q83vEjRWeJA="

static char *folder;

static void
set_up(void)
{
    g_autofree char *path = NULL;

    folder = g_dir_make_tmp("amilaunch-encrypted-XXXXXX", NULL);
    path = g_build_filename(folder, "passphrase", NULL);
    ck_assert(g_file_set_contents(path, PASSPHRASE, -1, NULL));
}

static void
tear_down(void)
{
    folder_remove(folder, NULL);
    g_free(folder);
}

/* Runs a program of QEMU with the passphrase in FILE; LAST (may be NULL) follows "-c". */
static gboolean
qemu(const char *program, const char *verb, const char *file, const char *name, const char *last)
{
    g_autofree char *secret = g_strdup_printf("secret,id=s,format=raw,file=%s/%s", folder, file);
    g_autofree char *node = g_strdup_printf("driver=qcow2,encrypt.format=luks,encrypt.key-secret=s,"
                                            "file.filename=%s/%s",
                                            folder, name);
    const char *const check[] = {program, verb, "--object", secret, "--image-opts", node, NULL};
    const char *const io[] = {program, "--object", secret, "--image-opts", node, "-c", last, NULL};

    return process_run(last != NULL ? io : check, ERROR_HOST_QEMU, NULL, NULL);
}

static char *
new_disk(const char *name, guint64 size, const char *backing)
{
    char *path = g_build_filename(folder, name, NULL);

    ck_assert(encrypted_file_make(path, size, backing, PASSPHRASE, NULL));
    return path;
}

START_TEST(qemu_takes_them)
{
    static const guint64 sizes[] = {GIB, 100 * GIB, 65536 * GIB};

    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *path = new_disk("disk", sizes[i], NULL);
        ck_assert(qemu("qemu-img", "check", "passphrase", "disk", NULL));
        ck_assert(qemu("qemu-io", NULL, "passphrase", "disk", "write -P 0x55 1M 64k"));
        ck_assert(qemu("qemu-io", NULL, "passphrase", "disk", "write -P 0x55 1000M 64k"));
        ck_assert(qemu("qemu-io", NULL, "passphrase", "disk", "read -P 0x55 1M 64k"));
        ck_assert(qemu("qemu-img", "check", "passphrase", "disk", NULL));
    }
}
END_TEST

START_TEST(nobody_else_reads_them)
{
    g_autofree char *path = new_disk("disk", GIB, NULL);
    g_autofree char *other = g_build_filename(folder, "other", NULL);
    g_autofree char *bytes = NULL;
    gsize length;

    ck_assert(g_file_set_contents(other, "cXdlcnR5dWk=", -1, NULL));
    ck_assert(qemu("qemu-io", NULL, "passphrase", "disk", "write -P 0x55 1M 64k"));
    ck_assert(!qemu("qemu-io", NULL, "other", "disk", "read 0 512"));
    ck_assert(g_file_get_contents(path, &bytes, &length, NULL));
    ck_assert_ptr_null(memmem(bytes, length, "UUUUUUUU", 8));
    ck_assert_ptr_null(memmem(bytes, length, PASSPHRASE, strlen(PASSPHRASE)));
}
END_TEST

START_TEST(no_two_have_the_same_key)
{
    g_autofree char *path = new_disk("one", GIB, NULL);
    g_autofree char *other_path = new_disk("other", GIB, NULL);
    g_autofree char *one = NULL;
    g_autofree char *other = NULL;
    gsize length, other_length;

    ck_assert(qemu("qemu-io", NULL, "passphrase", "one", "write -P 0x55 1M 64k"));
    ck_assert(qemu("qemu-io", NULL, "passphrase", "other", "write -P 0x55 1M 64k"));
    ck_assert(g_file_get_contents(path, &one, &length, NULL));
    ck_assert(g_file_get_contents(other_path, &other, &other_length, NULL));
    ck_assert_uint_eq(length, other_length);
    /* The data is in the last cluster. */
    ck_assert_int_ne(memcmp(one + length - 65536, other + length - 65536, 65536), 0);
}
END_TEST

START_TEST(they_stand_on_others)
{
    g_autofree char *base = g_build_filename(folder, "base", NULL);
    g_autofree char *path = NULL;
    const char *const create[] = {"qemu-img", "create", "-q", "-f", "qcow2", base, "1G", NULL};
    const char *const fill[] = {"qemu-io", "-f", "qcow2", "-c", "write -P 0x41 1M 64k", base, NULL};

    ck_assert(process_run(create, ERROR_HOST_QEMU, NULL, NULL));
    ck_assert(process_run(fill, ERROR_HOST_QEMU, NULL, NULL));
    path = new_disk("overlay", 2 * GIB, "base");
    ck_assert(qemu("qemu-img", "check", "passphrase", "overlay", NULL));
    ck_assert(qemu("qemu-io", NULL, "passphrase", "overlay", "read -P 0x41 1M 64k"));
    ck_assert(qemu("qemu-io", NULL, "passphrase", "overlay", "read -P 0 1999M 64k"));
}
END_TEST

Suite *
suite_encrypted(void)
{
    Suite *suite = suite_create("encrypted");
    TCase *tests = tcase_create("qemu");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, qemu_takes_them);
    tcase_add_test(tests, nobody_else_reads_them);
    tcase_add_test(tests, no_two_have_the_same_key);
    tcase_add_test(tests, they_stand_on_others);
    suite_add_tcase(suite, tests);
    return suite;
}
