#include "common/error.h"
#include "launcher/mapping.h"
#include "launcher/plan.h"
#include "tests/unit/golden.h"
#include "tests/unit/phony_plan.h"
#include "tests/unit/suites.h"

#include <string.h>

static phony_plan phony;

static void
set_up(void)
{
    phony_plan_hvm(&phony);
}

static void
tear_down(void)
{
    phony_plan_clear(&phony);
}

static plan_input
input_for(const char *type)
{
    plan_input input = phony.input;

    input.type = instance_types_find(phony.types, type, NULL);
    ck_assert_ptr_nonnull(input.type);
    return input;
}

static gboolean
warns(const boot_plan *plan, const char *name)
{
    return phony_plan_warning(plan, name) != NULL;
}

START_TEST(whole_chain_of_an_hvm_image)
{
    plan_input input = input_for("m3.medium");
    g_autoptr(boot_plan) plan = NULL;
    g_autofree char *text = NULL;

    mapping_add_store_disks(phony.devices, input.type, NULL, NULL);
    plan = plan_boot(&input, NULL);
    text = phony_plan_text(plan);
    golden_check("plan-m3.medium.txt", text);
}
END_TEST

START_TEST(nitro_types_get_the_newer_machine)
{
    plan_input input = input_for("m5.large");
    g_autoptr(boot_plan) plan = plan_boot(&input, NULL);

    ck_assert_str_eq(plan->machine, "q35");
}
END_TEST

START_TEST(kinds_that_do_not_go_together)
{
    g_autoptr(GError) error = NULL;
    plan_input input = input_for("t2.micro");

    input.virtualization = VIRTUALIZATION_PARAVIRTUAL;
    ck_assert_ptr_null(plan_boot(&input, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_COMBINATION));
    ck_assert_ptr_nonnull(strstr(error->message, "Virtualization type 'hvm' is required for "
                                                 "instances of type 't2.micro'."));
    g_clear_error(&error);

    input = input_for("m3.medium");
    input.architecture = "arm64";
    ck_assert_ptr_null(plan_boot(&input, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    g_clear_error(&error);

    input = input_for("t2.micro");
    input.root_device_type = ROOT_INSTANCE_STORE;
    ck_assert_ptr_null(plan_boot(&input, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_COMBINATION));
}
END_TEST

START_TEST(hvm_on_a_type_that_has_only_pv)
{
    g_autoptr(GError) error = NULL;
    instance_type only_pv = *instance_types_find(phony.types, "m1.small", NULL);
    plan_input input = input_for("m1.small");

    only_pv.virtualization = TYPE_PARAVIRTUAL;
    input.type = &only_pv;
    ck_assert_ptr_null(plan_boot(&input, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_COMBINATION));
    ck_assert_ptr_nonnull(strstr(error->message, "virtualization type of 'hvm'"));
}
END_TEST

START_TEST(memory_is_capped_or_refused)
{
    g_autoptr(GError) error = NULL;
    plan_input input = input_for("m3.2xlarge");
    g_autoptr(boot_plan) large = plan_boot(&input, NULL);
    g_autoptr(boot_plan) capped = NULL;

    ck_assert(warns(large, "memory-exceeds-host"));
    ck_assert(warns(large, "cpus-exceed-host"));
    ck_assert(!plan_fits(large, &input, &error));
    ck_assert(error_is(error, ERROR_CAPACITY));
    input.memory_limit_mib = 512;
    input.cpu_limit = 2;
    capped = plan_boot(&input, NULL);
    ck_assert_uint_eq(capped->memory_mib, 512);
    ck_assert_uint_eq(capped->vcpus, 2);
    ck_assert(warns(capped, "memory-limited"));
    ck_assert(warns(capped, "cpus-limited"));
    ck_assert(plan_fits(capped, &input, NULL));
    ck_assert_str_eq(capped->type, "m3.2xlarge");
}
END_TEST

START_TEST(what_is_not_known_is_said)
{
    plan_input input = input_for("m3.medium");
    g_autoptr(boot_plan) plan = NULL;

    input.facts = NULL;
    plan = plan_boot(&input, NULL);
    ck_assert(warns(plan, "not-inspected"));
}
END_TEST

START_TEST(plans_are_bound_to_files)
{
    plan_input input = input_for("m3.medium");
    instance vm = {.id = (char *)"i-1", .uuid = (char *)"ec2"};
    volume root = {.id = (char *)"vol-0123456789abcdef0",
                   .device = (char *)"/dev/sda1",
                   .snapshot = (char *)"snap-1"};
    store_disk scratch = {(char *)"i-1", 0, (char *)"/dev/sdb", (char *)"ephemeral0", 4, 0};
    g_autoptr(GPtrArray) volumes = g_ptr_array_new();
    snapshot base = {.id = (char *)"snap-1", .secret = (char *)"ab-cd"};
    g_autoptr(GPtrArray) disks = g_ptr_array_new();
    g_autoptr(GPtrArray) chain = g_ptr_array_new();
    g_autoptr(GPtrArray) chains = g_ptr_array_new();
    const interface nic = {.instance = (char *)"i-1", .mac = (char *)"0a:00:ac:1f:00:04"};
    const plan_binding to = {"/h", &vm, volumes, chains, disks, &nic};
    g_autoptr(boot_plan) plan = NULL;
    const boot_layer *layer;
    boot_disk *disk;

    mapping_add_store_disks(phony.devices, input.type, NULL, NULL);
    g_ptr_array_add(volumes, &root);
    g_ptr_array_add(disks, &scratch);
    plan = plan_boot(&input, NULL);
    g_ptr_array_add(chain, &base);
    g_ptr_array_add(chains, chain);
    plan_bind(plan, &to);
    ck_assert_str_eq(plan->name, "i-1");
    ck_assert_str_eq(plan->mac, "0a:00:ac:1f:00:04");
    ck_assert_str_eq(plan->network_socket, "/h/net/i-1.qemu");
    disk = g_ptr_array_index(plan->disks, 0);
    ck_assert_str_eq(disk->path, "/h/volumes/vol-0123456789abcdef0.qcow2");
    ck_assert_uint_eq(disk->layers->len, 1);
    layer = g_ptr_array_index(disk->layers, 0);
    ck_assert_str_eq(layer->path, "/h/snapshots/snap-1.qcow2");
    ck_assert_str_eq(layer->secret_file, "/h/secrets/ab-cd");
    ck_assert_str_eq(disk->alias, "ua-vol-0123456789abcdef0");
    ck_assert_str_eq(disk->serial, "vol0123456789abcdef0");
    disk = g_ptr_array_index(plan->disks, 1);
    ck_assert_str_eq(disk->path, "/h/instances/i-1/ephemeral0.raw");
    ck_assert_str_eq(disk->format, "raw");
    ck_assert_uint_eq(disk->layers->len, 0);
}
END_TEST

Suite *
suite_plan(void)
{
    Suite *suite = suite_create("plan");
    TCase *tests = tcase_create("plan");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, whole_chain_of_an_hvm_image);
    tcase_add_test(tests, nitro_types_get_the_newer_machine);
    tcase_add_test(tests, kinds_that_do_not_go_together);
    tcase_add_test(tests, hvm_on_a_type_that_has_only_pv);
    tcase_add_test(tests, memory_is_capped_or_refused);
    tcase_add_test(tests, what_is_not_known_is_said);
    tcase_add_test(tests, plans_are_bound_to_files);
    suite_add_tcase(suite, tests);
    return suite;
}
