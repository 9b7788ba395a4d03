#include "common/error.h"
#include "common/files.h"
#include "images/home.h"
#include "images/identity.h"
#include "tests/unit/suites.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT "{\n  \"accountId\" : \"123456789012\"\n}"

static char *home;

static void
set_up(void)
{
    home = g_dir_make_tmp("amilaunch-identity-XXXXXX", NULL);
}

static void
tear_down(void)
{
    folder_remove(home, NULL);
    g_free(home);
}

static void
put_file(const char *name, const char *text, gssize length)
{
    g_autofree char *path = g_build_filename(home, name, NULL);

    ck_assert(g_file_set_contents(path, text, length, NULL));
}

/* What somebody would do with what an instance shows. */
static void
expect_command(const char *line)
{
    const char *const argv[] = {"sh", "-c", line, NULL};
    g_autofree char *said = NULL;
    int status = -1;

    ck_assert(g_spawn_sync(home, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &said,
                           &status, NULL));
    ck_assert_msg(status == 0, "%s: %s", line, said);
}

START_TEST(its_key_is_made_once_and_for_its_owner)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(identity) first = identity_open(home, &error);
    g_autoptr(identity) second = identity_open(home, NULL);
    g_autofree char *path = home_identity_key_path(home);
    g_autofree char *one = NULL, *other = NULL, *secret = NULL, *again = NULL, *third = NULL;
    struct stat info;

    ck_assert_msg(first != NULL, "%s", error != NULL ? error->message : "");
    one = identity_sign(first, IDENTITY_SIGNATURE, TEXT);
    other = identity_sign(second, IDENTITY_SIGNATURE, TEXT);
    ck_assert_str_eq(one, other);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
    secret = identity_secret(first, "one");
    again = identity_secret(second, "one");
    third = identity_secret(first, "another");
    ck_assert_uint_eq(strlen(secret), 64);
    ck_assert_str_eq(secret, again);
    ck_assert_str_ne(secret, third);
}
END_TEST

/* A process that died may have left what isn't whole. */
START_TEST(several_make_one_key)
{
    pid_t others[4];
    g_autofree char *mine = NULL;
    g_autoptr(identity) self = NULL;

    put_file("identity.key.new", "half", -1);
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        others[i] = fork();
        ck_assert_int_ge(others[i], 0);
        if (others[i] == 0) {
            g_autoptr(identity) own = identity_open(home, NULL);
            g_autofree char *text = own != NULL ? identity_secret(own, "x") : NULL;
            g_autofree char *path = g_strdup_printf("%s/%u", home, i);
            g_file_set_contents(path, text != NULL ? text : "none", -1, NULL);
            _exit(0);
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        waitpid(others[i], NULL, 0);
    self = identity_open(home, NULL);
    mine = identity_secret(self, "x");
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *path = g_strdup_printf("%s/%u", home, i);
        g_autofree char *text = NULL;
        ck_assert(g_file_get_contents(path, &text, NULL, NULL));
        ck_assert_str_eq(text, mine);
    }
}
END_TEST

START_TEST(openssl_takes_its_signatures)
{
    g_autoptr(identity) self = identity_open(home, NULL);
    g_autofree char *alone = identity_sign(self, IDENTITY_SIGNATURE, TEXT);
    g_autofree char *around = identity_sign(self, IDENTITY_PKCS7, TEXT);
    g_autofree char *pem =
        g_strdup_printf("-----BEGIN PKCS7-----\n%s\n-----END PKCS7-----\n", around);
    gsize length = 0;
    g_autofree guchar *bytes = g_base64_decode(alone, &length);

    put_file("document", TEXT, -1);
    put_file("changed", TEXT " ", -1);
    put_file("signature", (char *)bytes, (gssize)length);
    put_file("pkcs7", pem, -1);
    expect_command("openssl x509 -in identity.pem -noout -pubkey >key && "
                   "openssl dgst -sha256 -verify key -signature signature document");
    expect_command("! openssl dgst -sha256 -verify key -signature signature changed");
    expect_command("openssl smime -verify -in pkcs7 -inform PEM -certfile identity.pem -noverify "
                   "-out told && cmp told document");
    expect_command("openssl cms -verify -in pkcs7 -inform PEM -certfile identity.pem -CAfile "
                   "identity.pem -purpose any -out told && cmp told document");
}
END_TEST

START_TEST(a_file_that_is_no_key_is_named)
{
    g_autoptr(GError) error = NULL;
    identity *self;

    put_file("identity.key", "nothing", -1);
    self = identity_open(home, &error);
    ck_assert_ptr_null(self);
    ck_assert_ptr_nonnull(strstr(error->message, "identity.key"));
}
END_TEST

Suite *
suite_identity(void)
{
    Suite *suite = suite_create("identity");
    TCase *tests = tcase_create("identity");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, its_key_is_made_once_and_for_its_owner);
    tcase_add_test(tests, several_make_one_key);
    tcase_add_test(tests, openssl_takes_its_signatures);
    tcase_add_test(tests, a_file_that_is_no_key_is_named);
    suite_add_tcase(suite, tests);
    return suite;
}
