/* Tags: on what, by whom, how many; and that they come and go with what they are on. */
#include "common/error.h"
#include "launcher/tagging.h"
#include "tests/engine/fixture.h"

#include <string.h>

#define AMI "ami-12345678"

static gboolean
add(const char *id, const char *spec, GError **error)
{
    const char *const ids[] = {id, NULL};
    const char *const specs[] = {spec, NULL};

    return launcher_tag_add(engine, ids, specs, error);
}

static gboolean
take(const char *id, const char *spec, GError **error)
{
    const char *const ids[] = {id, NULL};
    const char *const specs[] = {spec, NULL};

    return launcher_tag_remove(engine, ids, spec != NULL ? specs : NULL, error);
}

/* All tags of a resource: "key=value key=value ". */
static void
expect_tags(const char *id, const char *wanted)
{
    g_autoptr(GPtrArray) tags = tag_list(engine->db, id, NULL);
    g_autoptr(GString) text = g_string_new("");

    for (guint i = 0; i < tags->len; i++) {
        const tag *one = g_ptr_array_index(tags, i);
        g_string_append_printf(text, "%s=%s ", one->key, one->value);
    }
    ck_assert_str_eq(text->str, wanted);
}

static void
expect_refusal(const char *id, const char *spec, error_code code)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!add(id, spec, &error));
    ck_assert_msg(error_is(error, code), "%s: %s", error_code_text(error), error->message);
}

START_TEST(all_kinds_are_tagged_and_untagged)
{
    const run_request request = {
        .image = AMI, .type = "m3.medium", .tags = (const char *const[]){"Name=web", "a==", NULL}};
    const volume_request asked = {.size_gib = 1,
                                  .tags = (const char *const[]){"Key=of a=b,Value=c,d", NULL}};
    g_autofree char *id = run_asked(&request);
    g_autoptr(volume) what = launcher_volume_create(engine, &asked, NULL);
    g_autoptr(snapshot) taken = launcher_snapshot_create(
        engine, what->id, NULL, (const char *const[]){"Key=alone", NULL}, NULL);

    expect_tags(id, "Name=web a== ");
    expect_tags(what->id, "of a=b=c,d ");
    expect_tags(taken->id, "alone= ");
    ck_assert(add(AMI, "Stage=test", NULL) && add(AMI, "Stage=live", NULL));
    expect_tags(AMI, "Stage=live ");
    ck_assert(take(AMI, "Stage=test", NULL));
    expect_tags(AMI, "Stage=live ");
    ck_assert(take(AMI, "Stage", NULL) && take(id, NULL, NULL));
    expect_tags(AMI, "");
    expect_tags(id, "");
    ck_assert(told(launcher_terminate, id, NULL));
}
END_TEST

START_TEST(views_have_them)
{
    const product_code terms = {(char *)AMI, (char *)"abc", (char *)"marketplace"};
    g_autoptr(image_view) view = NULL;

    ck_assert(add(AMI, "a=b", NULL));
    ck_assert(product_code_insert(engine->db, &terms, NULL));
    view = launcher_image_show(engine, AMI, NULL);
    ck_assert_uint_eq(view->tags->len, 1);
    ck_assert_uint_eq(view->product_codes->len, 1);
}
END_TEST

START_TEST(tags_that_cannot_be)
{
    g_autofree char *long_key = g_strnfill(128, 'k');
    g_autofree char *long_value = g_strdup_printf("k=%0256d", 0);

    ck_assert(launcher_store(engine, NULL) != NULL);
    expect_refusal(AMI, "word", ERROR_PARAMETER_VALUE);
    expect_refusal(AMI, "=word", ERROR_PARAMETER_VALUE);
    expect_refusal(AMI, "aws:x=1", ERROR_PARAMETER_VALUE);
    expect_refusal(AMI, "AWS:x=1", ERROR_PARAMETER_VALUE);
    expect_refusal(AMI, "a=\033[2J", ERROR_PARAMETER_VALUE);
    expect_refusal(AMI, "a=\xff", ERROR_PARAMETER_VALUE);
    expect_refusal(AMI, long_key, ERROR_PARAMETER_VALUE);
    expect_refusal(AMI, long_value, ERROR_PARAMETER_VALUE);
    expect_refusal("ami-87654321", "a=b", ERROR_AMI_NOT_FOUND);
    expect_refusal("vol-12345678", "a=b", ERROR_VOLUME_NOT_FOUND);
    expect_refusal("ari-12345678", "a=b", ERROR_ID_INVALID);
    expect_refusal("nothing", "a=b", ERROR_ID_INVALID);
    expect_tags(AMI, "");
}
END_TEST

START_TEST(all_are_tagged_or_none)
{
    const char *const ids[] = {AMI, "snap-87654321", NULL};
    const char *const specs[] = {"a=b", NULL};
    const char *const twice[] = {"a=b", "a=c", NULL};
    g_autoptr(GError) error = NULL;

    ck_assert(!launcher_tag_add(engine, ids, specs, &error));
    ck_assert(error_is(error, ERROR_SNAPSHOT_NOT_FOUND));
    g_clear_error(&error);
    ck_assert(!launcher_tag_add(engine, ids, twice, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    expect_tags(AMI, "");
}
END_TEST

START_TEST(a_resource_has_at_most_fifty)
{
    for (int i = 0; i < 50; i++) {
        g_autofree char *spec = g_strdup_printf("k%d=v", i);
        ck_assert(add(AMI, spec, NULL));
    }
    ck_assert(add(AMI, "k7=other", NULL));
    expect_refusal(AMI, "k50=v", ERROR_TAG_LIMIT);
    ck_assert(take(AMI, "k7", NULL));
    ck_assert(add(AMI, "k50=v", NULL));
}
END_TEST

START_TEST(what_fails_to_be_made_leaves_no_tags)
{
    const volume_request asked = {.size_gib = 1, .tags = (const char *const[]){"aws:a=b", NULL}};
    g_autoptr(GError) error = NULL;
    g_autoptr(volume) what = launcher_volume_create(engine, &asked, &error);

    ck_assert_ptr_null(what);
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    ck_assert_uint_eq(files_in("volumes"), 0);
}
END_TEST

TCase *
tag_tests(void)
{
    TCase *tests = tcase_create("tags");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, all_kinds_are_tagged_and_untagged);
    tcase_add_test(tests, views_have_them);
    tcase_add_test(tests, tags_that_cannot_be);
    tcase_add_test(tests, all_are_tagged_or_none);
    tcase_add_test(tests, a_resource_has_at_most_fifty);
    tcase_add_test(tests, what_fails_to_be_made_leaves_no_tags);
    return tests;
}
