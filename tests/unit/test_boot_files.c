#include "images/boot_files.h"
#include "common/files.h"
#include "images/home.h"
#include "store/image.h"
#include "store/instance.h"
#include "tests/unit/suites.h"

#include <sys/stat.h>

#define CONTENT "raw:sha256:00"

static char *home;
static store *db;
static char *folder;

static void
set_up(void)
{
    home = g_dir_make_tmp("amilaunch-boot-XXXXXX", NULL);
    ck_assert(home_make(home, NULL));
    db = store_open(home, NULL);
    ck_assert_ptr_nonnull(db);
    folder = home_boot_folder(home, CONTENT);
}

static void
tear_down(void)
{
    store_free(db);
    folder_remove(home, NULL);
    g_free(home);
    g_free(folder);
}

static image_facts *
facts_with_kernel(void)
{
    image_facts *facts = image_facts_new();

    facts->boot_kernel = g_strdup("kernel");
    facts->boot_initrd = g_strdup("initrd");
    return facts;
}

static void
put(const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(home, name, NULL);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

/* As an import does: HOME itself is the scratch folder. */
static void
keep(void)
{
    g_autoptr(image_facts) facts = facts_with_kernel();
    g_autofree char *text = image_facts_to_json(facts);

    put("kernel", "k");
    put("initrd", "i");
    ck_assert(boot_files_keep(home, CONTENT, home, facts, NULL));
    ck_assert(content_facts_set(db, CONTENT, text, NULL));
}

static gboolean
are_kept(void)
{
    g_autofree char *kernel = g_build_filename(folder, "kernel", NULL);
    g_autofree char *initrd = g_build_filename(folder, "initrd", NULL);

    return g_file_test(kernel, G_FILE_TEST_EXISTS) && g_file_test(initrd, G_FILE_TEST_EXISTS);
}

START_TEST(guests_can_read_what_is_kept)
{
    g_autofree char *kernel = g_build_filename(folder, "kernel", NULL);
    g_autofree char *content = home_boot_content(home, folder);
    g_autofree char *other = home_boot_content(home, home);
    struct stat info;

    keep();
    ck_assert(are_kept());
    ck_assert_int_eq(stat(kernel, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0644);
    ck_assert_int_eq(stat(folder, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0711);
    ck_assert_str_eq(content, CONTENT);
    ck_assert_ptr_null(other);
}
END_TEST

START_TEST(what_was_not_copied_is_not_missed)
{
    g_autoptr(image_facts) none = image_facts_new();
    g_autoptr(image_facts) some = facts_with_kernel();

    ck_assert(boot_files_keep(home, CONTENT, home, none, NULL));
    ck_assert(!g_file_test(folder, G_FILE_TEST_EXISTS));
    ck_assert(!boot_files_keep(home, CONTENT, home, some, NULL));
}
END_TEST

START_TEST(an_image_keeps_them)
{
    const image ami = {.id = (char *)"ami-1",
                       .name = (char *)"n",
                       .architecture = (char *)"x86_64",
                       .root_device_type = ROOT_EBS,
                       .root_device = (char *)"/dev/sda1",
                       .content = (char *)CONTENT,
                       .owner = (char *)"1",
                       .region = (char *)"r"};

    keep();
    ck_assert(image_insert(db, &ami, NULL));
    ck_assert(boot_files_remove(db, home, CONTENT, NULL));
    ck_assert(are_kept());
    ck_assert(image_delete(db, "ami-1", NULL));
    ck_assert(boot_files_remove(db, home, CONTENT, NULL));
    ck_assert(!g_file_test(folder, G_FILE_TEST_EXISTS));
    ck_assert(boot_files_remove(db, home, CONTENT, NULL));
    ck_assert(boot_files_remove(db, home, NULL, NULL));
}
END_TEST

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
                         .root_device_type = ROOT_EBS,
                         .root_device = (char *)"/dev/sda1",
                         .content = (char *)CONTENT};

    ck_assert(instance_insert(db, &vm, NULL));
}

START_TEST(an_instance_keeps_them_until_it_is_terminated)
{
    keep();
    insert_instance("i-1", INSTANCE_STOPPED);
    insert_instance("i-2", INSTANCE_TERMINATED);
    ck_assert(boot_files_remove(db, home, CONTENT, NULL));
    ck_assert(are_kept());
    ck_assert(instance_delete(db, "i-1", NULL));
    ck_assert(boot_files_remove(db, home, CONTENT, NULL));
    ck_assert(!are_kept());
}
END_TEST

START_TEST(copies_that_are_gone_are_forgotten)
{
    g_autoptr(image_facts) facts = facts_with_kernel();
    g_autofree char *initrd = g_build_filename(folder, "initrd", NULL);

    keep();
    boot_files_forget_gone(home, CONTENT, facts);
    ck_assert_str_eq(facts->boot_kernel, "kernel");
    ck_assert_str_eq(facts->boot_initrd, "initrd");
    ck_assert(file_remove(initrd, NULL));
    boot_files_forget_gone(home, CONTENT, facts);
    ck_assert_ptr_null(facts->boot_kernel);
    ck_assert_ptr_null(facts->boot_initrd);
    boot_files_forget_gone(home, CONTENT, facts);
}
END_TEST

START_TEST(facts_are_known_with_their_files_alone)
{
    g_autoptr(image_facts) before = boot_files_known_facts(db, home, CONTENT);
    g_autoptr(image_facts) known = NULL;
    g_autoptr(image_facts) without = NULL;
    g_autoptr(image_facts) old = NULL;
    g_autoptr(image_facts) incomplete = NULL;

    ck_assert_ptr_null(before);
    keep();
    known = boot_files_known_facts(db, home, CONTENT);
    ck_assert_str_eq(known->boot_kernel, "kernel");
    ck_assert(folder_remove(folder, NULL));
    without = boot_files_known_facts(db, home, CONTENT);
    ck_assert_ptr_null(without);
    ck_assert(content_facts_set(db, CONTENT, "{\"format\":\"raw\"}", NULL));
    old = boot_files_known_facts(db, home, CONTENT);
    ck_assert_ptr_null(old);
    ck_assert(content_facts_set(db, CONTENT, "{\"inspection\":2,\"incomplete\":true}", NULL));
    incomplete = boot_files_known_facts(db, home, CONTENT);
    ck_assert_ptr_null(incomplete);
}
END_TEST

Suite *
suite_boot_files(void)
{
    Suite *suite = suite_create("boot_files");
    TCase *tests = tcase_create("boot_files");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, guests_can_read_what_is_kept);
    tcase_add_test(tests, what_was_not_copied_is_not_missed);
    tcase_add_test(tests, an_image_keeps_them);
    tcase_add_test(tests, an_instance_keeps_them_until_it_is_terminated);
    tcase_add_test(tests, copies_that_are_gone_are_forgotten);
    tcase_add_test(tests, facts_are_known_with_their_files_alone);
    suite_add_tcase(suite, tests);
    return suite;
}
