/* The seed disk: what is on it, when it is made, and where it goes. */
#include "launcher/seed.h"
#include "common/error.h"
#include "common/process.h"
#include "images/home.h"
#include "tests/engine/fixture.h"

#include <string.h>
#include <sys/stat.h>

#define AMI "ami-12345678"

static char *
file_on(const char *id, const char *name)
{
    g_autofree char *path = home_seed(home, id);
    g_autofree char *place = g_strconcat("::", name, NULL);
    const char *const argv[] = {"mtype", "-i", path, place, NULL};
    char *text = NULL;

    ck_assert(process_run(argv, ERROR_HOST_DISK, &text, NULL));
    return text;
}

static void
expect_on(const char *id, const char *name, const char *wanted)
{
    g_autofree char *text = file_on(id, name);

    ck_assert_str_eq(text, wanted);
}

static gboolean
has_seed(const char *id)
{
    g_autofree char *path = home_seed(home, id);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

START_TEST(meta_data_is_yaml)
{
    const instance vm = {.id = (char *)"i-1", .public_key = (char *)"ssh-rsa AAAA a \"b\\"};
    const instance bare = {.id = (char *)"i-2"};
    g_autofree char *text = seed_meta_data(&vm, "ip-172-31-0-4.ec2.internal");
    g_autofree char *least = seed_meta_data(&bare, NULL);

    ck_assert_str_eq(text, "instance-id: \"i-1\"\n"
                           "local-hostname: \"ip-172-31-0-4.ec2.internal\"\n"
                           "public-keys:\n  - \"ssh-rsa AAAA a \\\"b\\\\\"\n");
    ck_assert_str_eq(least, "instance-id: \"i-2\"\n");
}
END_TEST

/* "#!\n", then "a" and "b" in base64. */
START_TEST(it_is_the_last_disk_and_made_at_each_start)
{
    const run_request request = {
        .image = AMI, .type = "m3.medium", .user_data = "IyEKYQ==", .seed = TRUE};
    const modify_request change = {.user_data = "IyEKYg==",
                                   .ebs_optimized = UNCHANGED,
                                   .imds_tags = UNCHANGED,
                                   .termination_protection = UNCHANGED,
                                   .stop_protection = UNCHANGED};
    g_autofree char *id = run_asked(&request);
    g_autofree char *path = home_seed(home, id);
    g_autofree char *meta_data = file_on(id, "meta-data");
    g_autoptr(instance_view) after = NULL;
    struct stat info;

    ck_assert_msg(g_str_has_suffix(driver->hardware, " vda vdb vdc"), "%s", driver->hardware);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
    expect_on(id, "user-data", "#!\na");
    ck_assert_msg(strstr(meta_data, id) != NULL && strstr(meta_data, "ip-172-31-") != NULL, "%s",
                  meta_data);
    ck_assert(told(launcher_stop, id, NULL));
    after = launcher_modify(engine, id, &change, NULL);
    ck_assert_ptr_nonnull(after);
    ck_assert(told(start, id, NULL));
    expect_on(id, "user-data", "#!\nb");
    ck_assert(told(launcher_terminate, id, NULL));
    expect_nothing_left();
}
END_TEST

START_TEST(each_of_several_has_its_own)
{
    const run_request request = {.image = AMI, .type = "m3.medium", .seed = TRUE, .count = 3};
    g_autoptr(GPtrArray) views = launcher_run(engine, &request, NULL);

    ck_assert_ptr_nonnull(views);
    ck_assert_msg(g_str_has_suffix(driver->hardware, " vda vdb vdc"), "%s", driver->hardware);
    for (guint i = 0; i < views->len; i++) {
        const char *id = ((instance_view *)g_ptr_array_index(views, i))->vm->id;
        g_autofree char *text = file_on(id, "meta-data");
        ck_assert(strstr(text, id) != NULL);
        expect_on(id, "user-data", "");
    }
}
END_TEST

START_TEST(nobody_else_has_one)
{
    g_autofree char *id = run_one();

    ck_assert(!has_seed(id));
    ck_assert_msg(g_str_has_suffix(driver->hardware, " vda vdb"), "%s", driver->hardware);
}
END_TEST

START_TEST(guests_under_xen_have_none)
{
    g_autoptr(boot_plan) plan = boot_plan_new();
    g_autoptr(GError) error = NULL;

    ck_assert(seed_check(plan, NULL));
    plan->kind = BOOT_XEN;
    ck_assert(!seed_check(plan, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
}
END_TEST

TCase *
seed_tests(void)
{
    TCase *tests = tcase_create("seed");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, meta_data_is_yaml);
    tcase_add_test(tests, it_is_the_last_disk_and_made_at_each_start);
    tcase_add_test(tests, each_of_several_has_its_own);
    tcase_add_test(tests, nobody_else_has_one);
    tcase_add_test(tests, guests_under_xen_have_none);
    return tests;
}
