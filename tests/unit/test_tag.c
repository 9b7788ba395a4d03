#include "common/files.h"
#include "store/image.h"
#include "store/product_code.h"
#include "store/tag.h"
#include "tests/unit/suites.h"

static char *home;
static store *db;

static void
set_up(void)
{
    home = g_dir_make_tmp("amilaunch-tag-XXXXXX", NULL);
    db = store_open(home, NULL);
    ck_assert_ptr_nonnull(db);
}

static void
tear_down(void)
{
    store_free(db);
    folder_remove(home, NULL);
    g_free(home);
}

static const tag *
tag_at(const GPtrArray *tags, guint place)
{
    ck_assert_uint_lt(place, tags->len);
    return g_ptr_array_index(tags, place);
}

START_TEST(a_key_has_one_value)
{
    g_autoptr(GPtrArray) tags = NULL;

    ck_assert(tag_set(db, "ami-1", "Stage", "test", NULL));
    ck_assert(tag_set(db, "ami-1", "Name", "it's \"mine\"", NULL));
    ck_assert(tag_set(db, "ami-1", "Stage", "live", NULL));
    ck_assert(tag_set(db, "ami-2", "Stage", "other", NULL));
    tags = tag_list(db, "ami-1", NULL);
    ck_assert_uint_eq(tags->len, 2);
    ck_assert_str_eq(tag_at(tags, 0)->key, "Name");
    ck_assert_str_eq(tag_at(tags, 0)->value, "it's \"mine\"");
    ck_assert_str_eq(tag_at(tags, 1)->value, "live");
}
END_TEST

START_TEST(a_tag_goes_by_its_key_or_only_with_its_value)
{
    g_autoptr(GPtrArray) tags = NULL;

    ck_assert(tag_set(db, "ami-1", "a", "1", NULL));
    ck_assert(tag_set(db, "ami-1", "b", "2", NULL));
    ck_assert(tag_set(db, "ami-1", "c", "", NULL));
    ck_assert(tag_remove(db, "ami-1", "a", NULL, NULL));
    ck_assert(tag_remove(db, "ami-1", "b", "3", NULL));
    ck_assert(tag_remove(db, "ami-1", "c", "", NULL));
    ck_assert(tag_remove(db, "ami-1", "none", NULL, NULL));
    tags = tag_list(db, "ami-1", NULL);
    ck_assert_uint_eq(tags->len, 1);
    ck_assert_str_eq(tag_at(tags, 0)->key, "b");
}
END_TEST

START_TEST(many_are_listed_at_once)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    g_autoptr(GHashTable) all = NULL;

    ck_assert(tag_set(db, "ami-1", "b", "2", NULL));
    ck_assert(tag_set(db, "ami-1", "a", "1", NULL));
    ck_assert(tag_set(db, "ami-2", "a", "3", NULL));
    ck_assert(tag_set(db, "odd\"\\id", "a", "4", NULL));
    g_ptr_array_add(ids, (char *)"ami-1");
    g_ptr_array_add(ids, (char *)"odd\"\\id");
    g_ptr_array_add(ids, (char *)"ami-3");
    all = tag_list_of_many(db, ids, NULL);
    ck_assert_uint_eq(g_hash_table_size(all), 2);
    ck_assert_str_eq(tag_at(g_hash_table_lookup(all, "ami-1"), 0)->key, "a");
    ck_assert_str_eq(tag_at(g_hash_table_lookup(all, "ami-1"), 1)->key, "b");
    ck_assert_str_eq(tag_at(g_hash_table_lookup(all, "odd\"\\id"), 0)->value, "4");
}
END_TEST

START_TEST(tags_and_codes_are_copied_and_go_with_their_row)
{
    const image ami = {.id = (char *)"ami-2",
                       .name = (char *)"n",
                       .architecture = (char *)"x86_64",
                       .root_device = (char *)"/dev/sda1",
                       .content = (char *)"c",
                       .owner = (char *)"1",
                       .region = (char *)"r"};
    const product_code terms = {(char *)"ami-1", (char *)"abc", (char *)"marketplace"};
    g_autoptr(GPtrArray) tags = NULL;
    g_autoptr(GPtrArray) codes = NULL;

    ck_assert(image_insert(db, &ami, NULL));
    ck_assert(tag_set(db, "ami-1", "a", "1", NULL));
    ck_assert(product_code_insert(db, &terms, NULL));
    ck_assert(!product_code_insert(db, &terms, NULL));
    ck_assert(tag_copy(db, "ami-1", "ami-2", NULL));
    ck_assert(product_code_copy(db, "ami-1", "ami-2", NULL));
    ck_assert(product_code_copy(db, "ami-1", "ami-2", NULL));
    codes = product_code_list(db, "ami-2", NULL);
    ck_assert_uint_eq(codes->len, 1);
    ck_assert_str_eq(((product_code *)g_ptr_array_index(codes, 0))->kind, "marketplace");
    ck_assert(image_delete(db, "ami-2", NULL));
    g_ptr_array_unref(codes);
    codes = product_code_list(db, "ami-2", NULL);
    tags = tag_list(db, "ami-2", NULL);
    ck_assert_uint_eq(codes->len + tags->len, 0);
}
END_TEST

Suite *
suite_tag(void)
{
    Suite *suite = suite_create("tag");
    TCase *tests = tcase_create("tags and product codes");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_key_has_one_value);
    tcase_add_test(tests, a_tag_goes_by_its_key_or_only_with_its_value);
    tcase_add_test(tests, many_are_listed_at_once);
    tcase_add_test(tests, tags_and_codes_are_copied_and_go_with_their_row);
    suite_add_tcase(suite, tests);
    return suite;
}
