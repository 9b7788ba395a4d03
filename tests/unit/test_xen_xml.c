#include "common/error.h"
#include "drivers/domain_xml.h"
#include "drivers/live_xml.h"
#include "drivers/xen_xml.h"
#include "tests/unit/golden.h"
#include "tests/unit/suites.h"

static void
add_disk(boot_plan *plan, const char *device, const char *target, const char *path)
{
    boot_disk *disk = boot_plan_add_disk(plan);

    disk->device = g_strdup(device);
    disk->target = g_strdup(target);
    disk->path = g_strdup(path);
    disk->format = g_strdup("qcow2");
    disk->serial = g_strdup("vol0123456789abcdef0");
    disk->alias = g_strdup_printf("ua-%s", target);
}

static boot_plan *
sample_plan(const char *appliance)
{
    boot_plan *plan = boot_plan_new();

    plan->kind = BOOT_XEN;
    plan->name = g_strdup("i-0123456789abcdef0");
    plan->uuid = g_strdup("ec2b3c44-5566-4777-8888-99aabbccddee");
    plan->home = g_strdup("/home/a&b");
    plan->machine = g_strdup("pc");
    plan->vcpus = 2;
    plan->memory_mib = 1740;
    plan->overhead_mib = 256;
    plan->console_log = g_strdup("/home/a&b/instances/i-0123456789abcdef0/console.log");
    plan->appliance_log = g_strdup("/home/a&b/instances/i-0123456789abcdef0/appliance.log");
    plan->events = g_strdup("/home/a&b/instances/i-0123456789abcdef0/events");
    plan->appliance = g_strdup(appliance);
    plan->kernel = g_strdup_printf("%s/xen", appliance);
    plan->cmdline = g_strdup("com2=115200,8n1 console=com2 dom0_mem=160M");
    plan->dom0_kernel = g_strdup_printf("%s/dom0-kernel", appliance);
    plan->dom0_cmdline = g_strdup("console=hvc0 quiet");
    plan->initrd = g_strdup_printf("%s/dom0-initrd", appliance);
    plan->mac = g_strdup("0a:00:ac:1f:05:0a");
    plan->network_socket = g_strdup("/home/a&b/net/i-0123456789abcdef0.qemu");
    add_disk(plan, "/dev/sda1", "vda", "/home/a&b/volumes/vol-1.qcow2");
    add_disk(plan, "/dev/sdq", "vdb", "/home/a&b/volumes/vol-2.qcow2");
    return plan;
}

START_TEST(a_paravirtual_guest_under_emulation)
{
    g_autoptr(boot_plan) plan = sample_plan("/home/a&b/appliance");
    g_autofree char *xml = domain_xml(plan, NULL, NULL);

    golden_check("domain-xen-appliance.xml", xml);
}
END_TEST

START_TEST(a_partitioned_one_under_kvm_without_events)
{
    g_autoptr(boot_plan) plan = sample_plan("/var/lib/a,b/appliance");
    g_autofree char *xml = NULL;

    plan->kvm = TRUE;
    plan->partitioned = TRUE;
    g_clear_pointer(&plan->events, g_free);
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-xen-appliance-kvm.xml", xml);
}
END_TEST

START_TEST(an_appliance_is_needed)
{
    g_autoptr(boot_plan) plan = sample_plan("/a");
    g_autoptr(GError) error = NULL;

    g_clear_pointer(&plan->dom0_kernel, g_free);
    ck_assert_ptr_null(domain_xml(plan, NULL, &error));
    ck_assert(error_is(error, ERROR_INTERNAL));
}
END_TEST

START_TEST(white_space_in_its_path_is_refused)
{
    g_autoptr(boot_plan) plan = sample_plan("/home/a b/appliance");
    g_autoptr(boot_plan) fine = sample_plan("/home/a,b/appliance");
    g_autoptr(GError) error = NULL;

    ck_assert(!xen_paths_check(plan, &error));
    ck_assert(error_is(error, ERROR_HOST_QEMU));
    ck_assert(xen_paths_check(fine, NULL));
}
END_TEST

START_TEST(disks_have_names_that_xen_has_numbers_for)
{
    static const char *const names[][2] = {
        {"/dev/sda1", "sda1"},  {"/dev/sda", "sda"}, {"sdp15", "sdp15"},   {"/dev/sdq", "xvdq"},
        {"/dev/sdz2", "xvdz2"}, {"/dev/hdd", "hdd"}, {"/dev/hde", "xvde"}, {"/dev/xvdba", "xvdba"}};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *name = xen_disk_name(names[i][0]);
        ck_assert_str_eq(name, names[i][1]);
    }
}
END_TEST

START_TEST(linux_calls_all_of_them_xvd)
{
    static const char *const names[][2] = {{"/dev/sda1", "/dev/xvda1"},
                                           {"/dev/hdb", "/dev/xvdb"},
                                           {"/dev/sdq", "/dev/xvdq"},
                                           {"/dev/xvdba", "/dev/xvdba"}};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *name = xen_disk_in_guest(names[i][0]);
        ck_assert_str_eq(name, names[i][1]);
    }
}
END_TEST

START_TEST(the_memory_of_the_appliance_counts)
{
    g_autoptr(boot_plan) plan = sample_plan("/a");

    ck_assert_uint_eq(boot_plan_memory(plan), 1996);
}
END_TEST

START_TEST(a_domain_says_that_it_is_one)
{
    ck_assert(live_is_xen("<instance xmlns='https://amilaunch.example/domain/1.0' home='/a' "
                          "boot='xen'/>"));
    ck_assert(!live_is_xen("<instance xmlns='https://amilaunch.example/domain/1.0' home='/a'/>"));
    ck_assert(!live_is_xen("xen"));
}
END_TEST

Suite *
suite_xen_xml(void)
{
    Suite *suite = suite_create("xen_xml");
    TCase *tests = tcase_create("xen_xml");

    tcase_add_test(tests, a_paravirtual_guest_under_emulation);
    tcase_add_test(tests, a_partitioned_one_under_kvm_without_events);
    tcase_add_test(tests, an_appliance_is_needed);
    tcase_add_test(tests, white_space_in_its_path_is_refused);
    tcase_add_test(tests, disks_have_names_that_xen_has_numbers_for);
    tcase_add_test(tests, linux_calls_all_of_them_xvd);
    tcase_add_test(tests, the_memory_of_the_appliance_counts);
    tcase_add_test(tests, a_domain_says_that_it_is_one);
    suite_add_tcase(suite, tests);
    return suite;
}
