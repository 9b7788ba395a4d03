/* Key pairs: whose they are, what is refused, and where their private keys are. */
#include "launcher/keys.h"
#include "common/error.h"
#include "common/files.h"
#include "images/home.h"
#include "launcher/filtering.h"
#include "launcher/key_work.h"
#include "launcher/recover.h"
#include "launcher/tagging.h"
#include "tests/engine/fixture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUBLIC "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEf6oWvfdkMWpEyt2SPirNmY30kIpQ99qAIhMATj2Kab"

static key_view *
create(const char *name, const char *output, GError **error)
{
    const key_request request = {.name = name, .type = "ed25519", .output = output};
    g_autofree char *material = NULL;

    return launcher_key_create(engine, &request, &material, error);
}

static key_view *
import(const char *name, GError **error)
{
    static const char text[] = PUBLIC " somebody's\n";
    const key_request request = {.name = name};

    return launcher_key_import(engine, &request, (const guint8 *)text, strlen(text), error);
}

/* Their names, in a row. */
static void
expect_keys(const char *filter, const char *wanted)
{
    const char *const filters[] = {filter, NULL};
    g_autoptr(GPtrArray) views = launcher_keys(engine, NULL);
    g_autoptr(GString) names = g_string_new("");

    ck_assert(launcher_filter_keys(engine, views, filters, NULL));
    for (guint i = 0; i < views->len; i++)
        g_string_append(names, ((key_view *)g_ptr_array_index(views, i))->pair->name);
    ck_assert_str_eq(names->str, wanted);
}

static gboolean
rm(const char *one, const char *other, GError **error)
{
    const char *const names[] = {one, other, NULL};
    g_autoptr(GPtrArray) gone = launcher_key_delete(engine, names, error);

    return gone != NULL;
}

START_TEST(a_pair_that_is_made_has_its_private_key_in_home)
{
    const key_request request = {.name = "a b"};
    g_autofree char *material = NULL;
    g_autofree char *kept = NULL;
    g_autoptr(key_view) view = launcher_key_create(engine, &request, &material, NULL);
    struct stat info;

    ck_assert_ptr_nonnull(view);
    ck_assert(g_file_get_contents(view->file, &kept, NULL, NULL));
    ck_assert_str_eq(kept, material);
    ck_assert(g_str_has_prefix(material, "-----BEGIN RSA PRIVATE KEY-----\n"));
    ck_assert_int_eq(stat(view->file, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
    ck_assert(g_str_has_suffix(view->pair->public_key, " a b"));
    ck_assert_uint_eq(strlen(view->pair->fingerprint), 59);
    ck_assert_uint_eq(files_in("keys"), 1);
    ck_assert(rm("a b", NULL, NULL));
    ck_assert_uint_eq(files_in("keys"), 0);
}
END_TEST

START_TEST(a_private_key_is_written_where_it_is_asked_for)
{
    g_autofree char *path = g_build_filename(home, "mine.pem", NULL);
    g_autoptr(key_view) view = create("a", path, NULL);
    g_autoptr(GError) error = NULL;

    ck_assert_str_eq(view->file, path);
    ck_assert(g_file_test(path, G_FILE_TEST_EXISTS));
    ck_assert_uint_eq(files_in("keys"), 0);
    ck_assert_ptr_null(create("b", path, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    expect_keys(NULL, "a");
}
END_TEST

/* Before anything is made. */
static void
expect_refused(const char *path, error_code wanted)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(create("a", path, &error));
    ck_assert_msg(error_is(error, wanted), "%s", error->message);
    expect_keys(NULL, "");
    ck_assert_uint_eq(files_in("keys"), 0);
}

START_TEST(where_nothing_can_be_written_nothing_is_made)
{
    g_autofree char *nowhere = g_build_filename(home, "not", "there", NULL);
    g_autofree char *link = g_build_filename(home, "link", NULL);

    ck_assert_int_eq(symlink(nowhere, link), 0);
    expect_refused(nowhere, ERROR_HOST_DISK);
    expect_refused(link, ERROR_PARAMETER_VALUE);
}
END_TEST

START_TEST(what_can_t_be_written_stays_in_home)
{
    g_autofree char *name = g_strnfill(300, 'a'); /* no file system takes so long a one */
    g_autofree char *path = g_build_filename(home, name, NULL);
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(create("a", path, &error));
    ck_assert_msg(strstr(error->message, "/keys/key-") != NULL, "%s", error->message);
    expect_keys(NULL, "a");
    ck_assert_uint_eq(files_in("keys"), 1);
}
END_TEST

START_TEST(an_imported_key_is_known_by_its_name)
{
    g_autoptr(key_view) view = import("me", NULL);

    ck_assert_str_eq(view->pair->public_key, PUBLIC " me");
    ck_assert_str_eq(view->pair->fingerprint, "UQdsN3UNh5YZ+IJj9h5zYH9s+ah8B85X0nXphZKFfto=");
    ck_assert_ptr_null(view->file);
}
END_TEST

START_TEST(names_are_an_accounts_in_a_region)
{
    g_autoptr(key_view) mine = import("a", NULL);
    g_autoptr(key_view) theirs = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(import("a", &error));
    ck_assert(error_is(error, ERROR_KEY_DUPLICATE));
    g_clear_error(&error);
    ck_assert_ptr_null(create("a", NULL, &error));
    ck_assert(error_is(error, ERROR_KEY_DUPLICATE));
    g_clear_error(&error);
    act_as("210987654321", "us-east-1");
    expect_keys(NULL, "");
    ck_assert(!rm(mine->pair->id, NULL, &error));
    ck_assert(error_is(error, ERROR_KEY_NOT_FOUND));
    theirs = import("a", NULL);
    ck_assert_ptr_nonnull(theirs);
    act_as("123456789012", "eu-west-1");
    expect_keys(NULL, "");
}
END_TEST

START_TEST(all_or_none_are_deleted)
{
    g_autoptr(key_view) one = import("a", NULL);
    g_autoptr(key_view) other = create("b", NULL, NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(!rm("b", "c", &error));
    ck_assert(error_is(error, ERROR_KEY_NOT_FOUND));
    g_clear_error(&error);
    ck_assert(!rm("b", other->pair->id, &error));
    g_clear_error(&error);
    expect_keys(NULL, "ab");
    ck_assert_uint_eq(files_in("keys"), 1);
    ck_assert(rm("a", other->pair->id, NULL));
    expect_keys(NULL, "");
    ck_assert_uint_eq(files_in("keys"), 0);
}
END_TEST

START_TEST(pairs_are_tagged_and_filtered)
{
    g_autoptr(key_view) one = import("a", NULL);
    g_autoptr(key_view) other = create("b", NULL, NULL);
    const char *const ids[] = {one->pair->id, NULL};
    const char *const specs[] = {"Stage=test", NULL};
    g_autoptr(GPtrArray) left = NULL;

    ck_assert(launcher_tag_add(engine, ids, specs, NULL));
    expect_keys("name=tag:Stage,values=test", "a");
    expect_keys("name=tag-key,values=Stage", "a");
    expect_keys("name=key-name,values=b", "b");
    expect_keys("name=fingerprint,values=UQ*", "a");
    ck_assert(rm("a", "b", NULL));
    left = tag_list(engine->db, ids[0], NULL);
    ck_assert_uint_eq(left->len, 0);
}
END_TEST

static const char *const bad_names[] = {"", " a", "a ", "a\nb", "a\xc3\xa4", "a\x1b"};

START_TEST(names_are_ascii)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(import(bad_names[_i], &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
}
END_TEST

START_TEST(a_long_name_is_refused)
{
    g_autofree char *name = g_strnfill(KEY_NAME_MOST + 1, 'n');
    g_autoptr(key_view) view = NULL;

    ck_assert_ptr_null(import(name, NULL));
    name[KEY_NAME_MOST] = '\0';
    view = import(name, NULL);
    ck_assert_ptr_nonnull(view);
}
END_TEST

/* What a kill leaves between the file and its record, and between the record's end and the file's.
 */
START_TEST(private_keys_without_a_record_go)
{
    g_autoptr(key_view) kept = create("a", NULL, NULL);
    g_auto(key_work) cut = {0};
    g_autofree char *stray = home_key_path(home, "key-0123456789abcdef0");
    g_autofree char *stray_held = NULL;
    g_autofree char *kept_name = g_path_get_basename(kept->file);
    g_autofree char *kept_held = NULL;

    ck_assert(key_work_begin(engine, &cut, "key-create", NULL));
    stray_held = g_build_filename(cut.folder, "key-0123456789abcdef0.pem", NULL);
    kept_held = g_build_filename(cut.folder, kept_name, NULL);
    ck_assert(file_make_sparse(stray_held, 1, NULL) && file_link(stray_held, stray, NULL) &&
              file_link(kept->file, kept_held, NULL));
    operation_abandon(engine->db, cut.operation);
    expect_keys(NULL, "a");
    ck_assert_uint_eq(files_in("keys"), 1);
    ck_assert(g_file_test(kept->file, G_FILE_TEST_EXISTS));
    expect_nothing_left();
}
END_TEST

TCase *
key_tests(void)
{
    TCase *tests = tcase_create("keys");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_pair_that_is_made_has_its_private_key_in_home);
    tcase_add_test(tests, a_private_key_is_written_where_it_is_asked_for);
    tcase_add_test(tests, where_nothing_can_be_written_nothing_is_made);
    tcase_add_test(tests, what_can_t_be_written_stays_in_home);
    tcase_add_test(tests, an_imported_key_is_known_by_its_name);
    tcase_add_test(tests, names_are_an_accounts_in_a_region);
    tcase_add_test(tests, all_or_none_are_deleted);
    tcase_add_test(tests, pairs_are_tagged_and_filtered);
    tcase_add_loop_test(tests, names_are_ascii, 0, G_N_ELEMENTS(bad_names));
    tcase_add_test(tests, a_long_name_is_refused);
    tcase_add_test(tests, private_keys_without_a_record_go);
    return tests;
}
