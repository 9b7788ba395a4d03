#include "common/error.h"
#include "common/files.h"
#include "images/home.h"
#include "images/import.h"
#include "images/template.h"
#include "store/instance.h"
#include "store/operation.h"
#include "store/snapshot.h"
#include "tests/unit/suites.h"

#include <unistd.h>

#define CONTENT "raw:sha256:00"

static char *home;
static store *db;
static char *template;

static void
set_up(void)
{
    home = g_dir_make_tmp("amilaunch-template-XXXXXX", NULL);
    ck_assert(home_make(home, NULL));
    db = store_open(home, NULL);
    ck_assert_ptr_nonnull(db);
    template = home_template_path(home, CONTENT);
}

static void
tear_down(void)
{
    store_free(db);
    folder_remove(home, NULL);
    g_free(home);
    g_free(template);
}

static gboolean
is_there(const char *path)
{
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void
put(const char *path, const char *text)
{
    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static void
insert_image(const char *id, root_device_type type)
{
    const image ami = {.id = (char *)id,
                       .name = (char *)id,
                       .architecture = (char *)"x86_64",
                       .root_device_type = (int)type,
                       .root_device = (char *)"/dev/sda1",
                       .content = (char *)CONTENT,
                       .owner = (char *)"1",
                       .region = (char *)"r"};

    ck_assert(image_insert(db, &ami, NULL));
}

static void
insert_instance(const char *id, instance_state state)
{
    const instance vm = {.id = (char *)id,
                         .reservation = (char *)"r-1",
                         .uuid = (char *)id,
                         .image = (char *)"ami-1",
                         .type = (char *)"m3.medium",
                         .state = (int)state,
                         .owner = (char *)"1",
                         .region = (char *)"r",
                         .zone = (char *)"ra",
                         .architecture = (char *)"x86_64",
                         .root_device_type = ROOT_INSTANCE_STORE,
                         .root_device = (char *)"/dev/sda1",
                         .content = (char *)CONTENT};

    ck_assert(instance_insert(db, &vm, NULL));
}

START_TEST(a_name_is_a_file_to_qemu)
{
    g_autofree char *name = g_path_get_basename(template);

    ck_assert_str_eq(name, "raw-sha256-00.qcow2");
}
END_TEST

START_TEST(the_first_of_a_content_becomes_its_template)
{
    g_autofree char *first = home_snapshot_path(home, "snap-1");
    g_autofree char *second = home_snapshot_path(home, "snap-2");
    g_autofree char *text = NULL;

    put(first, "first");
    put(second, "second");
    ck_assert(template_adopt(home, CONTENT, first, NULL));
    ck_assert(template_adopt(home, CONTENT, second, NULL));
    ck_assert(!is_there(first));
    ck_assert(!is_there(second));
    ck_assert(g_file_get_contents(template, &text, NULL, NULL));
    ck_assert_str_eq(text, "first");
}
END_TEST

START_TEST(what_uses_a_template_keeps_it)
{
    put(template, "bytes");
    insert_image("ami-1", ROOT_INSTANCE_STORE);
    ck_assert(template_remove(db, home, CONTENT, NULL));
    ck_assert(is_there(template));
}
END_TEST

START_TEST(an_instance_keeps_its_template)
{
    put(template, "bytes");
    insert_instance("i-1", INSTANCE_RUNNING);
    ck_assert(template_remove(db, home, CONTENT, NULL));
    ck_assert(is_there(template));
}
END_TEST

START_TEST(what_nothing_uses_goes)
{
    put(template, "bytes");
    insert_image("ami-1", ROOT_EBS);
    insert_instance("i-1", INSTANCE_TERMINATED);
    ck_assert(template_remove(db, home, CONTENT, NULL));
    ck_assert(!is_there(template));
    ck_assert(template_remove(db, home, CONTENT, NULL));
}
END_TEST

/* An import that was cut off: its pending snapshot, with that DESCRIPTION. */
static gint64
cut_off(const char *description)
{
    snapshot disk = {.id = (char *)"snap-1",
                     .description = (char *)description,
                     .owner = (char *)"1",
                     .region = (char *)"r"};
    g_autoptr(transaction) intent = transaction_begin(db, NULL);

    disk.operation = operation_begin(db, "import", NULL);
    ck_assert(snapshot_insert(db, &disk, NULL));
    ck_assert(transaction_commit(intent, NULL));
    return disk.operation;
}

static void
expect_undone(gint64 number)
{
    g_autofree char *path = home_snapshot_path(home, "snap-1");
    g_autoptr(GPtrArray) open = NULL;

    ck_assert(image_import_undo(db, home, number, NULL));
    open = operation_list(db, NULL);
    ck_assert_uint_eq(open->len, 0);
    ck_assert(!is_there(path));
    ck_assert_ptr_null(snapshot_get(db, "snap-1", NULL));
}

START_TEST(an_import_cut_off_before_its_template_is_undone)
{
    g_autofree char *path = home_snapshot_path(home, "snap-1");

    put(path, "bytes");
    expect_undone(cut_off("Template of " CONTENT));
}
END_TEST

START_TEST(an_import_cut_off_after_its_template_is_undone)
{
    put(template, "bytes");
    expect_undone(cut_off("Template of " CONTENT));
    ck_assert(!is_there(template));
}
END_TEST

START_TEST(an_undone_import_leaves_what_others_use)
{
    g_autofree char *other = home_template_path(home, "raw:sha256:01");

    put(template, "bytes");
    put(other, "nobody's");
    insert_image("ami-1", ROOT_INSTANCE_STORE);
    expect_undone(cut_off("Template of " CONTENT));
    ck_assert(is_there(template));
    ck_assert(is_there(other));
}
END_TEST

START_TEST(an_undone_import_to_a_snapshot_knows_no_template)
{
    put(template, "bytes");
    expect_undone(cut_off("Imported from Template of " CONTENT));
    ck_assert(is_there(template));
}
END_TEST

START_TEST(roots_have_a_limit)
{
    g_autofree char *path = g_build_filename(home, "large.raw", NULL);
    const import_context context = {
        .db = db, .home = home, .owner = "1", .region = "r", .force_tcg = TRUE};
    const import_request request = {
        .path = path, .format = "raw", .root_device_type = "instance-store"};
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) open = NULL;

    ck_assert(file_make_sparse(path, ((guint64)STORE_ROOT_GIB_MOST << 30) + 512, NULL));
    ck_assert_ptr_null(image_import(&context, &request, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    open = operation_list(db, NULL);
    ck_assert_uint_eq(open->len, 0);
}
END_TEST

Suite *
suite_template(void)
{
    Suite *suite = suite_create("template");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_name_is_a_file_to_qemu);
    tcase_add_test(tests, the_first_of_a_content_becomes_its_template);
    tcase_add_test(tests, what_uses_a_template_keeps_it);
    tcase_add_test(tests, an_instance_keeps_its_template);
    tcase_add_test(tests, what_nothing_uses_goes);
    tcase_add_test(tests, an_import_cut_off_before_its_template_is_undone);
    tcase_add_test(tests, an_import_cut_off_after_its_template_is_undone);
    tcase_add_test(tests, an_undone_import_leaves_what_others_use);
    tcase_add_test(tests, an_undone_import_to_a_snapshot_knows_no_template);
    tcase_add_test(tests, roots_have_a_limit);
    suite_add_tcase(suite, tests);
    return suite;
}
