#include "common/error.h"
#include "launcher/attributes.h"
#include "launcher/states.h"
#include "tests/unit/suites.h"

#include <string.h>

/* An instance that can be hibernated, and its root. */
static instance vm;
static volume root;
static GPtrArray *volumes;
static instance_type type;

static void
set_up(void)
{
    vm = (instance){.id = (char *)"i-1",
                    .virtualization = VIRTUALIZATION_HVM,
                    .root_device_type = ROOT_EBS,
                    .root_device = (char *)"/dev/sda1"};
    root = (volume){.device = (char *)"/dev/sda1", .size_gib = 8, .secret = (char *)"secret"};
    type = (instance_type){.name = (char *)"m5.large", .memory_mib = 8192, .hibernation = TRUE};
    volumes = g_ptr_array_new();
    g_ptr_array_add(volumes, &root);
}

static void
tear_down(void)
{
    g_ptr_array_unref(volumes);
}

static void
expect_no_hibernation(guint64 memory_mib, const char *why)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!hibernation_check(&vm, volumes, &type, memory_mib, &error));
    ck_assert(error_is(error, ERROR_HIBERNATION));
    ck_assert_msg(strstr(error->message, why) != NULL, "%s", error->message);
}

START_TEST(hibernation_needs_all_of_its_conditions)
{
    ck_assert(hibernation_check(&vm, volumes, &type, 8192, NULL));
    /* The guest's own memory counts, which a limit makes less. */
    root.size_gib = 1;
    expect_no_hibernation(8192, "must have room for");
    ck_assert(hibernation_check(&vm, volumes, &type, 1024, NULL));
    root.secret = NULL;
    expect_no_hibernation(512, "For hibernation, the root device volume must be encrypted.");
    expect_no_hibernation(512, "--map /dev/sda1=::::encrypted");
}
END_TEST

START_TEST(hibernation_is_for_certain_types_and_images)
{
    type.memory_mib = 150 * 1024;
    expect_no_hibernation(512, "less than 150 GiB");
    type.memory_mib--;
    ck_assert(hibernation_check(&vm, volumes, &type, 512, NULL));
    type.hibernation = FALSE;
    expect_no_hibernation(512, "m5.large");
    type.hibernation = TRUE;
    vm.root_device_type = ROOT_INSTANCE_STORE;
    expect_no_hibernation(512, "'ebs'");
    vm.root_device_type = ROOT_EBS;
    vm.virtualization = VIRTUALIZATION_PARAVIRTUAL;
    expect_no_hibernation(512, "'hvm'");
}
END_TEST

START_TEST(another_volume_is_not_the_root)
{
    root.device = (char *)"/dev/sdf";
    expect_no_hibernation(512, "must be encrypted");
}
END_TEST

START_TEST(shutdown_behaviors)
{
    shutdown_behavior behavior = ON_SHUTDOWN_TERMINATE;
    g_autoptr(GError) error = NULL;

    ck_assert(shutdown_behavior_parse(NULL, ROOT_EBS, &behavior, NULL));
    ck_assert_int_eq(behavior, ON_SHUTDOWN_STOP);
    ck_assert(shutdown_behavior_parse(NULL, ROOT_INSTANCE_STORE, &behavior, NULL));
    ck_assert_int_eq(behavior, ON_SHUTDOWN_TERMINATE);
    ck_assert(shutdown_behavior_parse("terminate", ROOT_EBS, &behavior, NULL));
    ck_assert_int_eq(behavior, ON_SHUTDOWN_TERMINATE);
    ck_assert(shutdown_behavior_parse("stop", ROOT_EBS, &behavior, NULL));
    ck_assert_int_eq(behavior, ON_SHUTDOWN_STOP);
    ck_assert(!shutdown_behavior_parse("sleep", ROOT_EBS, &behavior, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    g_clear_error(&error);
    ck_assert(!shutdown_behavior_parse("stop", ROOT_INSTANCE_STORE, &behavior, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_COMBINATION));
    ck_assert_str_eq(error->message, "The attribute instanceInitiatedShutdownBehavior can only be "
                                     "used for EBS-backed images.");
}
END_TEST

/* LENGTH bytes in base64. */
static char *
encoded(gsize length)
{
    g_autofree guchar *bytes = g_malloc0(length + 1);

    return g_base64_encode(bytes, length);
}

START_TEST(user_data_has_a_length_and_a_limit)
{
    static const gsize lengths[] = {0, 1, 2, 3, 4, 5, 16383, 16384};
    g_autofree char *more = encoded(16385);
    g_autoptr(GError) error = NULL;

    ck_assert_uint_eq(user_data_length(NULL), 0);
    ck_assert(user_data_check(NULL, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autofree char *base64 = encoded(lengths[i]);
        ck_assert_uint_eq(user_data_length(base64), lengths[i]);
        ck_assert(user_data_check(base64, NULL));
    }
    ck_assert(!user_data_check(more, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    ck_assert_str_eq(error->message, "User data is limited to 16384 bytes");
}
END_TEST

START_TEST(user_data_is_base64)
{
    static const char *const wrong[] = {"a",    "abc",  "abc!",      "a=bc",    "ab=c",
                                        "a===", "====", "abcd\nabc", "ab==abcd"};

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_msg(!user_data_check(wrong[i], &error), "%s", wrong[i]);
        ck_assert(error_is(error, ERROR_USER_DATA));
    }
    ck_assert(user_data_check("ab+/", NULL));
}
END_TEST

START_TEST(kernels_are_for_paravirtual_guests)
{
    g_autoptr(GError) error = NULL;

    ck_assert(boot_image_check("aki", NULL, VIRTUALIZATION_HVM, NULL));
    ck_assert(boot_image_check("aki", "aki-919dcaf8", VIRTUALIZATION_PARAVIRTUAL, NULL));
    ck_assert(boot_image_check("ari", "ari-12345678", VIRTUALIZATION_PARAVIRTUAL, NULL));
    ck_assert(!boot_image_check("aki", "ari-12345678", VIRTUALIZATION_PARAVIRTUAL, &error));
    ck_assert(error_is(error, ERROR_AMI_MALFORMED));
    ck_assert_str_eq(error->message, "Invalid id: \"ari-12345678\" (expecting \"aki-...\")");
    g_clear_error(&error);
    ck_assert(!boot_image_check("aki", "aki-919dcaf8", VIRTUALIZATION_HVM, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_COMBINATION));
}
END_TEST

START_TEST(mappings_that_change_what_stays)
{
    static const char *const wrong[] = {
        "/dev/sdb",         "=::true",        "/dev/sdb=",         "/dev/sdb=none",
        "/dev/sdb=:8:true", "/dev/sdb=::yes", "/dev/sdb=::true:x", "/dev/sdb=snap-1::true"};
    g_autofree char *device = NULL;
    gboolean deleted = FALSE;

    ck_assert(delete_flag_parse("/dev/sda1=::true", &device, &deleted, NULL));
    ck_assert_str_eq(device, "/dev/sda1");
    ck_assert(deleted);
    g_clear_pointer(&device, g_free);
    ck_assert(delete_flag_parse("xvdf=::false", &device, &deleted, NULL));
    ck_assert_str_eq(device, "xvdf");
    ck_assert(!deleted);
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_msg(!delete_flag_parse(wrong[i], &device, &deleted, &error), "%s", wrong[i]);
        ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    }
}
END_TEST

/* Rows: what is protected (nothing, termination, stop, both). Columns: start, stop, reboot,
 * terminate, hibernate of a running instance; x is refused. */
START_TEST(protection)
{
    static const char *const expected[] = {".....", "...x.", ".x.xx", ".x.xx"};

    vm.state = INSTANCE_RUNNING;
    for (int row = 0; row < 4; row++) {
        vm.no_api_termination = row & 1;
        vm.no_api_stop = (row & 2) != 0;
        for (int action = ACTION_START; action <= ACTION_HIBERNATE; action++) {
            g_autoptr(GError) error = NULL;
            gboolean allowed = state_unprotected(&vm, (instance_action)action, &error);
            ck_assert_msg(allowed == (expected[row][action] == '.'), "%d %d", row, action);
            ck_assert(allowed || error_is(error, ERROR_NOT_PERMITTED));
        }
    }
}
END_TEST

START_TEST(what_is_over_is_not_protected)
{
    vm.no_api_termination = 1;
    vm.no_api_stop = 1;
    vm.state = INSTANCE_TERMINATED;
    ck_assert(state_unprotected(&vm, ACTION_TERMINATE, NULL));
    vm.state = INSTANCE_SHUTTING_DOWN;
    ck_assert(state_unprotected(&vm, ACTION_TERMINATE, NULL));
    /* Stopping what stops already does nothing; to end it does. */
    vm.state = INSTANCE_STOPPING;
    ck_assert(state_unprotected(&vm, ACTION_STOP, NULL));
    ck_assert(!state_unprotected(&vm, ACTION_TERMINATE, NULL));
    vm.state = INSTANCE_STOPPED;
    ck_assert(state_unprotected(&vm, ACTION_STOP, NULL));
    ck_assert(!state_unprotected(&vm, ACTION_TERMINATE, NULL));
}
END_TEST

Suite *
suite_attributes(void)
{
    Suite *suite = suite_create("attributes");
    TCase *tests = tcase_create("attributes");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, hibernation_needs_all_of_its_conditions);
    tcase_add_test(tests, hibernation_is_for_certain_types_and_images);
    tcase_add_test(tests, another_volume_is_not_the_root);
    tcase_add_test(tests, shutdown_behaviors);
    tcase_add_test(tests, user_data_has_a_length_and_a_limit);
    tcase_add_test(tests, user_data_is_base64);
    tcase_add_test(tests, kernels_are_for_paravirtual_guests);
    tcase_add_test(tests, mappings_that_change_what_stays);
    tcase_add_test(tests, protection);
    tcase_add_test(tests, what_is_over_is_not_protected);
    suite_add_tcase(suite, tests);
    return suite;
}
