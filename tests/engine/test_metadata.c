/* What the metadata service is told of an instance, from the records alone. */
#include "common/error.h"
#include "launcher/metadata.h"
#include "tests/engine/fixture.h"

/* What the image's owner has, and who asks has not. */
START_TEST(all_that_belongs_to_an_instance)
{
    const run_request request = {.image = "ami-12345678",
                                 .type = "m3.medium",
                                 .user_data = "aGVsbG8=",
                                 .tags = (const char *const[]){"Name=web", NULL}};
    g_autofree char *id = run_asked(&request);
    g_autoptr(metadata) told_of = NULL;

    act_as("210987654321", "eu-west-1");
    told_of = launcher_metadata(engine, id, NULL);
    ck_assert_str_eq(told_of->what->vm->id, id);
    ck_assert_str_eq(told_of->what->user_data, "aGVsbG8=");
    ck_assert_str_eq(told_of->what->type->name, "m3.medium");
    ck_assert_uint_eq(told_of->what->tags->len, 1);
    ck_assert_uint_eq(told_of->what->volumes->len, 1);
    ck_assert_uint_eq(told_of->what->store_disks->len, 1);
    ck_assert_ptr_null(told_of->manifest);
}
END_TEST

/* Everybody sees it that a guest is off; here nobody looks. */
START_TEST(nobody_asks_the_hypervisor)
{
    g_autofree char *id = run_one();
    g_autoptr(metadata) told_of = NULL;

    fake_guest_off(driver, id, OFF_SHUTDOWN);
    g_string_truncate(driver->calls, 0);
    told_of = launcher_metadata(engine, id, NULL);
    ck_assert_int_eq(told_of->what->vm->state, INSTANCE_RUNNING);
    ck_assert_str_eq(driver->calls->str, "");
}
END_TEST

START_TEST(an_image_that_was_a_bundle_has_a_manifest)
{
    g_autofree char *id = run_one();
    g_autoptr(image) ami = image_get(engine->db, "ami-12345678", "us-east-1", NULL);
    g_autoptr(metadata) told_of = NULL;
    g_autoptr(metadata) later = NULL;

    ami->location = g_strdup("bucket/image.manifest.xml");
    ck_assert(image_update(engine->db, ami, NULL));
    told_of = launcher_metadata(engine, id, NULL);
    ck_assert_str_eq(told_of->manifest, "bucket/image.manifest.xml");
    ck_assert(image_delete(engine->db, ami->id, NULL));
    later = launcher_metadata(engine, id, NULL);
    ck_assert_ptr_nonnull(later);
    ck_assert_ptr_null(later->manifest);
}
END_TEST

START_TEST(an_instance_that_is_not_there)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_metadata(engine, "i-12345678", &error));
    ck_assert(error_is(error, ERROR_INSTANCE_NOT_FOUND));
}
END_TEST

START_TEST(others_change_the_version_of_the_records)
{
    launcher *other = open_engine();
    gint64 before = launcher_records_version(engine);

    ck_assert_int_ne(before, 0);
    ck_assert_int_eq(launcher_records_version(engine), before);
    ck_assert(tag_set(other->db, "ami-12345678", "a", "b", NULL));
    ck_assert_int_ne(launcher_records_version(engine), before);
    other->driver = NULL;
    launcher_free(other);
}
END_TEST

TCase *
metadata_tests(void)
{
    TCase *tests = tcase_create("metadata");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, all_that_belongs_to_an_instance);
    tcase_add_test(tests, nobody_asks_the_hypervisor);
    tcase_add_test(tests, an_image_that_was_a_bundle_has_a_manifest);
    tcase_add_test(tests, an_instance_that_is_not_there);
    tcase_add_test(tests, others_change_the_version_of_the_records);
    return tests;
}
