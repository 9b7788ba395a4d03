/* Attributes of instances: at the launch, later, and what they forbid. */
#include "common/error.h"
#include "common/process.h"
#include "images/home.h"
#include "store/operation.h"
#include "tests/engine/fixture.h"

#include <string.h>

#define NOTHING                                                                                    \
    .ebs_optimized = UNCHANGED, .imds_tags = UNCHANGED, .termination_protection = UNCHANGED,       \
    .stop_protection = UNCHANGED

static instance *
record_of(const char *id)
{
    instance *vm = instance_get(engine->db, id, NULL);

    ck_assert_ptr_nonnull(vm);
    return vm;
}

static void
expect_error(GError **error, error_code code, const char *part)
{
    ck_assert_ptr_nonnull(*error);
    ck_assert_msg(error_is(*error, code) && strstr((*error)->message, part) != NULL, "%s: %s",
                  error_code_text(*error), (*error)->message);
    g_clear_error(error);
}

static void
modified(const char *id, const modify_request *request)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(instance_view) view = launcher_modify(engine, id, request, &error);

    ck_assert_msg(view != NULL, "%s", error != NULL ? error->message : "");
    ck_assert_str_eq(view->vm->id, id);
}

static void
not_modified(const char *id, const modify_request *request, error_code code, const char *part)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_modify(engine, id, request, &error));
    expect_error(&error, code, part);
}

static void
protect(const char *id, flag_change termination, flag_change stop)
{
    const modify_request request = {.ebs_optimized = UNCHANGED,
                                    .imds_tags = UNCHANGED,
                                    .termination_protection = termination,
                                    .stop_protection = stop};

    modified(id, &request);
}

static char *
run_limited(const char *type)
{
    const run_request request = {.image = "ami-12345678", .type = type, .memory_limit_mib = 256};

    return run_asked(&request);
}

static char *
run_stopped(void)
{
    char *id = run_limited("m3");

    ck_assert(told(launcher_stop, id, NULL));
    return id;
}

/* ---- protection ---- */

START_TEST(protected_from_termination)
{
    const run_request request = {.image = "ami-12345678", .type = "m3", .protect = TRUE};
    g_autofree char *id = run_asked(&request);
    g_autofree char *other = run_one();
    g_autofree char *words = g_strdup_printf("The instance '%s' may not be terminated. Modify its "
                                             "'disableApiTermination' instance attribute and try "
                                             "again.",
                                             id);
    const char *const both[] = {other, id, NULL};
    g_autoptr(GError) error = NULL;

    ck_assert(!told(launcher_terminate, id, &error));
    expect_error(&error, ERROR_NOT_PERMITTED, words);
    ck_assert_ptr_null(launcher_terminate(engine, both, TRUE, &error));
    expect_error(&error, ERROR_NOT_PERMITTED, words);
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
    ck_assert_int_eq(state_of(other), INSTANCE_RUNNING);
    ck_assert(told(launcher_stop, id, NULL));
    ck_assert(!told(launcher_terminate, id, NULL));
    protect(id, OFF, UNCHANGED);
    ck_assert(told(launcher_terminate, id, NULL));
    ck_assert(told(launcher_terminate, other, NULL));
    expect_nothing_left();
}
END_TEST

START_TEST(protected_from_stop)
{
    const run_request request = {.image = "ami-12345678", .type = "m3", .protect_stop = TRUE};
    g_autofree char *id = run_asked(&request);
    g_autoptr(GError) error = NULL;

    ck_assert(!told(launcher_stop, id, &error));
    expect_error(&error, ERROR_NOT_PERMITTED,
                 "may not be stopped. Modify its 'disableApiStop' instance attribute and try "
                 "again.");
    ck_assert(!told(launcher_terminate, id, &error));
    expect_error(&error, ERROR_NOT_PERMITTED,
                 "may not be terminated. Modify its 'disableApiStop' instance attribute and try "
                 "again.");
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
    ck_assert(told(launcher_reboot, id, NULL));
    protect(id, UNCHANGED, OFF);
    ck_assert(told(launcher_stop, id, NULL));
    protect(id, UNCHANGED, ON);
    ck_assert(told(launcher_stop, id, NULL));
    ck_assert(told(start, id, NULL));
    ck_assert(!told(launcher_stop, id, NULL));
}
END_TEST

START_TEST(protection_does_not_hold_the_guest)
{
    const run_request request = {.image = "ami-12345678",
                                 .type = "m3",
                                 .protect = TRUE,
                                 .protect_stop = TRUE,
                                 .shutdown = "terminate"};
    g_autofree char *id = run_asked(&request);

    fake_guest_off(driver, id, OFF_SHUTDOWN);
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_TERMINATED);
    /* What is over is protected from nothing. */
    ck_assert(told(launcher_terminate, id, NULL));
}
END_TEST

/* ---- at the launch ---- */

START_TEST(attributes_of_a_launch_are_kept)
{
    const run_request request = {
        .image = "ami-12345678", .type = "m3", .count = 2, .user_data = "aGVsbG8K"};
    g_autoptr(GPtrArray) views = launcher_run(engine, &request, NULL);
    const char *ids[] = {NULL, NULL};

    ck_assert_uint_eq(views->len, 2);
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GPtrArray) shown = NULL;
        ids[0] = ((instance_view *)g_ptr_array_index(views, i))->vm->id;
        shown = launcher_instances(engine, ids, FALSE, NULL);
        ck_assert_str_eq(((instance_view *)g_ptr_array_index(shown, 0))->user_data, "aGVsbG8K");
    }
}
END_TEST

START_TEST(launches_that_are_refused_for_their_attributes)
{
    static const struct {
        run_request request;
        error_code code;
        const char *words;
    } wrong[] = {
        {{.image = "ami-12345678", .type = "m3", .user_data = "hello"}, ERROR_USER_DATA, "BASE64"},
        {{.image = "ami-12345678", .type = "m3", .kernel = "aki-919dcaf8"},
         ERROR_PARAMETER_COMBINATION,
         "'hvm'"},
        {{.image = "ami-12345678", .type = "m3", .kernel = "pv-grub"},
         ERROR_AMI_MALFORMED,
         "expecting \"aki-...\""},
        {{.image = "ami-12345678", .type = "m5.large", .memory_limit_mib = 256, .hibernation = 1},
         ERROR_HIBERNATION,
         "For hibernation, the root device volume must be encrypted."},
        {{.image = "ami-12345678", .type = "m1", .memory_limit_mib = 256, .hibernation = 1},
         ERROR_HIBERNATION,
         "m1.small"},
        {{.image = "ami-12345678",
          .type = "m5.large",
          .memory_limit_mib = 256,
          .hibernation = 1,
          .dry_run = TRUE},
         ERROR_HIBERNATION,
         "encrypted"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_ptr_null(launcher_run(engine, &wrong[i].request, &error));
        expect_error(&error, wrong[i].code, wrong[i].words);
        expect_nothing_left();
    }
}
END_TEST

static void
change_image(const char *change)
{
    g_autofree char *path = g_build_filename(home, "amilaunch.db", NULL);
    const char *const argv[] = {"sqlite3", path, change, NULL};

    ck_assert(process_run(argv, ERROR_HOST_DATABASE, NULL, NULL));
}

START_TEST(a_paravirtual_instance_can_have_another_kernel)
{
    const run_request request = {.image = "ami-12345678", .type = "m3", .kernel = "aki-919dcaf8"};
    const modify_request other = {.kernel = "aki-5c21674b", NOTHING};
    const modify_request ramdisk = {.ramdisk = "ari-12345678", NOTHING};
    const modify_request wrong = {.kernel = "aki-8f9dcae6", NOTHING};
    const modify_request none = {.kernel = "aki-12345678", NOTHING};
    const modify_request hvm_only = {.type = "t2.nano", NOTHING};
    g_autofree char *id = NULL;
    g_autoptr(instance) before = NULL;
    g_autoptr(instance) after = NULL;

    change_image("UPDATE image SET virtualization = 'paravirtual', kernel = 'aki-b4aa75dd'");
    id = run_asked(&request);
    before = record_of(id);
    ck_assert_str_eq(before->kernel, "aki-919dcaf8");
    not_modified(id, &other, ERROR_INSTANCE_STATE, "is not in the 'stopped' state.");
    ck_assert(told(launcher_stop, id, NULL));
    not_modified(id, &wrong, ERROR_PARAMETER_VALUE, "The architecture 'i386'");
    not_modified(id, &none, ERROR_AMI_NOT_FOUND, "[aki-12345678]");
    modified(id, &other);
    modified(id, &ramdisk);
    after = record_of(id);
    ck_assert_str_eq(after->kernel, "aki-5c21674b");
    ck_assert_str_eq(after->ramdisk, "ari-12345678");
    not_modified(id, &hvm_only, ERROR_PARAMETER_COMBINATION,
                 "Virtualization type 'hvm' is required for instances of type 't2.nano'.");
}
END_TEST

/* ---- modify ---- */

START_TEST(some_attributes_change_only_while_stopped)
{
    static const modify_request requests[] = {
        {.type = "m3.large", NOTHING},
        {.user_data = "aGVsbG8K", NOTHING},
        {.user_data = "", NOTHING},
        {.kernel = "aki-919dcaf8", NOTHING},
        {.ramdisk = "ari-12345678", NOTHING},
        {.ebs_optimized = ON,
         .imds_tags = UNCHANGED,
         .termination_protection = UNCHANGED,
         .stop_protection = UNCHANGED},
    };
    g_autofree char *id = run_one();
    g_autofree char *words =
        g_strdup_printf("The instance '%s' is not in the 'stopped' state.", id);

    for (guint i = 0; i < G_N_ELEMENTS(requests); i++)
        not_modified(id, &requests[i], ERROR_INSTANCE_STATE, words);
}
END_TEST

START_TEST(others_change_any_time)
{
    static const char *const keep[] = {"/dev/sda1=::false", NULL};
    const modify_request request = {.shutdown = "terminate",
                                    .termination_protection = ON,
                                    .stop_protection = ON,
                                    .ebs_optimized = UNCHANGED,
                                    .imds_tags = UNCHANGED,
                                    .map = keep};
    g_autofree char *id = run_one();
    g_autoptr(GPtrArray) volumes = NULL;
    g_autoptr(instance) vm = NULL;
    const volume *root;

    modified(id, &request);
    vm = record_of(id);
    ck_assert_int_eq(vm->shutdown_behavior, ON_SHUTDOWN_TERMINATE);
    ck_assert_int_eq(vm->no_api_termination, 1);
    ck_assert_int_eq(vm->no_api_stop, 1);
    protect(id, OFF, OFF);
    ck_assert(told(launcher_terminate, id, NULL));
    volumes = volume_list(engine->db, NULL);
    ck_assert_uint_eq(volumes->len, 1);
    root = g_ptr_array_index(volumes, 0);
    ck_assert_int_eq(root->state, VOLUME_AVAILABLE);
    ck_assert_ptr_null(root->instance);
}
END_TEST

START_TEST(a_start_on_another_type_gives_its_hardware)
{
    const modify_request larger = {.type = "m5", NOTHING};
    const modify_request back = {.type = "m3.large", NOTHING};
    g_autofree char *id = run_stopped();
    g_autofree char *scratch = home_store_disk_path(home, id, "ephemeral0");
    g_autoptr(GPtrArray) none = NULL;
    g_autoptr(instance) vm = NULL;

    ck_assert_str_eq(driver->hardware, "pc 1 256 vda vdb");
    modified(id, &larger);
    vm = record_of(id);
    ck_assert_str_eq(vm->type, "m5.large");
    ck_assert(told(start, id, NULL));
    ck_assert_str_eq(driver->hardware, "q35 2 256 vda");
    none = store_disk_list(engine->db, id, NULL);
    ck_assert_uint_eq(none->len, 0);
    ck_assert(!g_file_test(scratch, G_FILE_TEST_EXISTS));
    ck_assert(told(launcher_stop, id, NULL));
    modified(id, &back);
    ck_assert(told(start, id, NULL));
    ck_assert_str_eq(driver->hardware, "pc 2 256 vda vdb");
    ck_assert(g_file_test(scratch, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(user_data_comes_and_goes)
{
    const modify_request given = {.user_data = "aGVsbG8K", NOTHING};
    const modify_request other = {.user_data = "YWRpZXUK", NOTHING};
    const modify_request taken = {.user_data = "", NOTHING};
    g_autofree char *id = run_stopped();
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    modified(id, &given);
    first = user_data_get(engine->db, id, NULL);
    ck_assert_str_eq(first, "aGVsbG8K");
    modified(id, &other);
    second = user_data_get(engine->db, id, NULL);
    ck_assert_str_eq(second, "YWRpZXUK");
    modified(id, &taken);
    ck_assert_ptr_null(user_data_get(engine->db, id, NULL));
}
END_TEST

START_TEST(changes_that_cannot_be)
{
    static const char *const elsewhere[] = {"/dev/sdx=::true", NULL};
    static const char *const scratch[] = {"/dev/sdb=::true", NULL};
    static const char *const larger[] = {"/dev/sda1=:20", NULL};
    static const struct {
        modify_request request;
        error_code code;
        const char *words;
    } wrong[] = {
        {{NOTHING}, ERROR_PARAMETER_COMBINATION, "No attributes specified."},
        {{.type = "m9.large", NOTHING}, ERROR_ATTRIBUTE_VALUE, "for InstanceType"},
        {{.shutdown = "sleep", NOTHING}, ERROR_PARAMETER_VALUE, "stop or terminate"},
        {{.user_data = "!", NOTHING}, ERROR_USER_DATA, "BASE64"},
        {{.kernel = "aki-919dcaf8", NOTHING}, ERROR_PARAMETER_COMBINATION, "kernel"},
        {{.ramdisk = "ari-919dcaf8", NOTHING}, ERROR_PARAMETER_COMBINATION, "ramdisk"},
        {{.ramdisk = "aki-919dcaf8", NOTHING}, ERROR_AMI_MALFORMED, "ari-..."},
        {{.map = elsewhere, NOTHING},
         ERROR_ATTRIBUTE_VALUE,
         "No device is currently mapped at /dev/sdx"},
        {{.map = scratch, NOTHING}, ERROR_ATTRIBUTE_VALUE, "/dev/sdb"},
        {{.map = larger, NOTHING}, ERROR_PARAMETER_VALUE, "only DeleteOnTermination"},
    };
    g_autofree char *id = run_stopped();

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        not_modified(id, &wrong[i].request, wrong[i].code, wrong[i].words);
    not_modified("instance", &wrong[1].request, ERROR_INSTANCE_MALFORMED, "instance");
    not_modified("i-12345678", &wrong[1].request, ERROR_INSTANCE_NOT_FOUND, "i-12345678");
}
END_TEST

START_TEST(all_is_changed_or_nothing)
{
    static const char *const map[] = {"/dev/sda1=::false", "/dev/sdx=::true", NULL};
    const modify_request request = {.type = "m3.large",
                                    .user_data = "aGVsbG8K",
                                    .shutdown = "terminate",
                                    .ebs_optimized = ON,
                                    .termination_protection = ON,
                                    .stop_protection = ON,
                                    .map = map};
    g_autofree char *id = run_stopped();
    g_autoptr(instance) vm = NULL;
    g_autoptr(GPtrArray) volumes = NULL;

    not_modified(id, &request, ERROR_ATTRIBUTE_VALUE, "/dev/sdx");
    vm = record_of(id);
    volumes = volume_list(engine->db, NULL);
    ck_assert_str_eq(vm->type, "m3.medium");
    ck_assert_int_eq(vm->shutdown_behavior, ON_SHUTDOWN_STOP);
    ck_assert_int_eq(vm->ebs_optimized + vm->no_api_termination + vm->no_api_stop, 0);
    ck_assert_ptr_null(user_data_get(engine->db, id, NULL));
    ck_assert_int_eq(((volume *)g_ptr_array_index(volumes, 0))->delete_on_termination, 1);
}
END_TEST

START_TEST(a_hibernated_instance_keeps_its_type)
{
    const modify_request request = {.type = "m5.large", NOTHING};
    static const int ways[] = {HIBERNATED_MEMORY, HIBERNATED_GUEST};
    g_autofree char *id = run_stopped();

    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autoptr(instance) vm = record_of(id);
        vm->hibernated = ways[i];
        ck_assert(instance_update(engine->db, vm, NULL));
        not_modified(id, &request, ERROR_UNSUPPORTED, "hibernated");
    }
}
END_TEST

START_TEST(one_that_can_hibernate_goes_where_it_still_can)
{
    const modify_request without = {.type = "m1.large", NOTHING};
    const modify_request with = {.type = "m5.xlarge", NOTHING};
    g_autofree char *id = run_limited("m5.large");
    g_autoptr(instance) vm = NULL;
    g_autoptr(GPtrArray) volumes = volume_list(engine->db, NULL);
    volume *root = g_ptr_array_index(volumes, 0);

    ck_assert(told(launcher_stop, id, NULL));
    vm = record_of(id);
    vm->hibernation_configured = 1;
    root = volume_get(engine->db, root->id, NULL);
    root->secret = g_strdup("11111111-2222-3333-4444-555555555555");
    ck_assert(instance_update(engine->db, vm, NULL));
    ck_assert(volume_update(engine->db, root, NULL));
    volume_free(root);
    not_modified(id, &without, ERROR_HIBERNATION, "m1.large");
    modified(id, &with);
}
END_TEST

static void
begin_work(const char *id)
{
    g_autoptr(instance) vm = record_of(id);
    g_autoptr(transaction) intent = transaction_begin(engine->db, NULL);

    vm->operation = operation_begin(engine->db, "start", NULL);
    ck_assert(instance_update(engine->db, vm, NULL));
    ck_assert(transaction_commit(intent, NULL));
}

START_TEST(one_at_work_is_not_changed)
{
    const modify_request request = {.shutdown = "terminate", NOTHING};
    g_autofree char *id = run_one();

    begin_work(id);
    not_modified(id, &request, ERROR_INSTANCE_STATE, "another command is at work on it");
}
END_TEST

START_TEST(what_is_terminated_is_not_changed)
{
    const modify_request request = {.shutdown = "terminate", NOTHING};
    g_autofree char *id = run_one();

    ck_assert(told(launcher_terminate, id, NULL));
    not_modified(id, &request, ERROR_INSTANCE_STATE, "is terminated");
}
END_TEST

/* ---- instance-store roots ---- */

static char *
run_on_instance_store(void)
{
    char *id = run_one();
    g_autoptr(instance) vm = record_of(id);

    vm->root_device_type = ROOT_INSTANCE_STORE;
    ck_assert(instance_update(engine->db, vm, NULL));
    return id;
}

START_TEST(an_instance_store_root_fixes_attributes_for_life)
{
    static const char *const map[] = {"/dev/sda1=::false", NULL};
    static const modify_request fixed[] = {
        {.type = "m3.large", NOTHING},
        {.user_data = "aGVsbG8K", NOTHING},
        {.kernel = "aki-919dcaf8", NOTHING},
        {.ramdisk = "ari-12345678", NOTHING},
        {.shutdown = "stop", NOTHING},
        {.ebs_optimized = ON,
         .imds_tags = UNCHANGED,
         .termination_protection = UNCHANGED,
         .stop_protection = UNCHANGED},
        {.ebs_optimized = UNCHANGED,
         .imds_tags = UNCHANGED,
         .termination_protection = UNCHANGED,
         .stop_protection = ON},
    };
    const modify_request volumes = {.map = map, NOTHING};
    g_autofree char *id = run_on_instance_store();

    for (guint i = 0; i < G_N_ELEMENTS(fixed); i++)
        not_modified(id, &fixed[i], ERROR_UNSUPPORTED, "does not have an 'ebs' root device type");
    modified(id, &volumes);
    protect(id, ON, UNCHANGED);
    ck_assert(!told(launcher_terminate, id, NULL));
    protect(id, OFF, UNCHANGED);
    ck_assert(told(launcher_terminate, id, NULL));
}
END_TEST

START_TEST(an_instance_store_root_cannot_be_stopped)
{
    g_autofree char *id = run_on_instance_store();
    g_autofree char *stopped = g_strdup_printf("The instance '%s' does not have an 'ebs' root "
                                               "device type and cannot be stopped.",
                                               id);
    g_autofree char *started = g_strdup_printf("The instance '%s' does not have an 'ebs' root "
                                               "device type and cannot be started.",
                                               id);
    g_autoptr(GError) error = NULL;

    ck_assert(!told(launcher_stop, id, &error));
    expect_error(&error, ERROR_UNSUPPORTED, stopped);
    ck_assert(!told(start, id, &error));
    expect_error(&error, ERROR_UNSUPPORTED, started);
    ck_assert(told(launcher_reboot, id, NULL));
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
    fake_guest_off(driver, id, OFF_SHUTDOWN);
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_TERMINATED);
    expect_nothing_left();
}
END_TEST

START_TEST(launches_that_an_instance_store_root_refuses)
{
    static const run_request wrong[] = {
        {.image = "ami-12345678", .type = "m3", .shutdown = "stop"},
        {.image = "ami-12345678", .type = "m3", .protect_stop = TRUE},
    };
    const run_request hibernating = {.image = "ami-12345678", .type = "m3", .hibernation = TRUE};
    g_autoptr(GError) error = NULL;

    change_image("UPDATE image SET root_device_type = 'instance-store'");
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        ck_assert_ptr_null(launcher_run(engine, &wrong[i], &error));
        expect_error(&error, ERROR_PARAMETER_COMBINATION, "can only be used for EBS-backed images");
    }
    ck_assert_ptr_null(launcher_run(engine, &hibernating, &error));
    expect_error(&error, ERROR_HIBERNATION, "'ebs'");
    expect_nothing_left();
}
END_TEST

TCase *
modify_tests(void)
{
    TCase *tests = tcase_create("modify");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, protected_from_termination);
    tcase_add_test(tests, protected_from_stop);
    tcase_add_test(tests, protection_does_not_hold_the_guest);
    tcase_add_test(tests, attributes_of_a_launch_are_kept);
    tcase_add_test(tests, launches_that_are_refused_for_their_attributes);
    tcase_add_test(tests, a_paravirtual_instance_can_have_another_kernel);
    tcase_add_test(tests, some_attributes_change_only_while_stopped);
    tcase_add_test(tests, others_change_any_time);
    tcase_add_test(tests, a_start_on_another_type_gives_its_hardware);
    tcase_add_test(tests, user_data_comes_and_goes);
    tcase_add_test(tests, changes_that_cannot_be);
    tcase_add_test(tests, all_is_changed_or_nothing);
    tcase_add_test(tests, a_hibernated_instance_keeps_its_type);
    tcase_add_test(tests, one_that_can_hibernate_goes_where_it_still_can);
    tcase_add_test(tests, one_at_work_is_not_changed);
    tcase_add_test(tests, what_is_terminated_is_not_changed);
    tcase_add_test(tests, an_instance_store_root_fixes_attributes_for_life);
    tcase_add_test(tests, an_instance_store_root_cannot_be_stopped);
    tcase_add_test(tests, launches_that_an_instance_store_root_refuses);
    return tests;
}
