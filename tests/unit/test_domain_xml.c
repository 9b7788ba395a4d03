#include "common/error.h"
#include "drivers/disk_xml.h"
#include "drivers/domain_xml.h"
#include "tests/unit/golden.h"
#include "tests/unit/suites.h"

#include <string.h>

static boot_disk *
add_disk(boot_plan *plan, const char *target, const char *path, const char *format)
{
    boot_disk *disk = boot_plan_add_disk(plan);

    disk->device = g_strdup_printf("/dev/%s", target);
    disk->target = g_strdup(target);
    disk->path = g_strdup(path);
    disk->format = g_strdup(format);
    return disk;
}

static boot_plan *
sample_plan(const char *machine, gboolean kvm)
{
    boot_plan *plan = boot_plan_new();
    boot_disk *root;

    plan->name = g_strdup("i-0123456789abcdef0");
    plan->uuid = g_strdup("ec2b3c44-5566-4777-8888-99aabbccddee");
    plan->home = g_strdup("/home/a&b/amilaunch");
    plan->machine = g_strdup(machine);
    plan->kvm = kvm;
    plan->vcpus = 2;
    plan->memory_mib = 3840;
    plan->console_log = g_strdup("/home/a&b/amilaunch/instances/i-0123456789abcdef0/console.log");
    root = add_disk(plan, "vda", "/home/a&b/amilaunch/volumes/vol-1.qcow2", "qcow2");
    boot_disk_add_layer(root, "/home/a&b/amilaunch/snapshots/snap-1.qcow2", NULL, NULL);
    root->serial = g_strdup("vol1");
    plan->mac = g_strdup("0a:00:ac:1f:05:0a");
    plan->network_socket = g_strdup("/home/a&b/amilaunch,1/net/i-0123456789abcdef0.qemu");
    return plan;
}

START_TEST(xen_era_guest_under_emulation)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    boot_disk *scratch = add_disk(plan, "vdb", "/srv/ephemeral0.raw", "raw");
    g_autofree char *xml = NULL;

    scratch->store = TRUE;
    scratch->serial = g_strdup("ephemeral0");
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-xen-era-tcg.xml", xml);
}
END_TEST

START_TEST(nitro_era_guest_under_kvm)
{
    g_autoptr(boot_plan) plan = sample_plan("q35", TRUE);
    g_autofree char *xml = domain_xml(plan, NULL, NULL);

    golden_check("domain-nitro-era-kvm.xml", xml);
}
END_TEST

/* OVMF's code is shared, its variables are the instance's own. */
START_TEST(guest_with_uefi)
{
    g_autoptr(boot_plan) plan = sample_plan("q35", FALSE);
    g_autofree char *xml = NULL;

    plan->kind = BOOT_UEFI;
    plan->firmware = g_strdup("/usr/share/OVMF/OVMF_CODE_4M.fd");
    plan->nvram_template = g_strdup("/usr/share/OVMF/OVMF_VARS_4M.fd");
    plan->nvram = g_strdup("/home/a&b/amilaunch/instances/i-0123456789abcdef0/nvram.fd");
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-uefi.xml", xml);
}
END_TEST

START_TEST(guest_without_virtio_on_sata)
{
    g_autoptr(boot_plan) plan = sample_plan("q35", FALSE);
    boot_disk *root = g_ptr_array_index(plan->disks, 0);
    g_autofree char *xml = NULL;

    plan->bus = DISK_BUS_SATA;
    plan->nic = NIC_E1000;
    g_free(root->target);
    root->target = disk_bus_target(plan->bus, 0);
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-sata.xml", xml);
}
END_TEST

START_TEST(guest_without_virtio_on_ide)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    boot_disk *root = g_ptr_array_index(plan->disks, 0);
    g_autofree char *xml = NULL;

    plan->bus = DISK_BUS_IDE;
    plan->nic = NIC_E1000;
    g_free(root->target);
    root->target = disk_bus_target(plan->bus, 0);
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-ide.xml", xml);
}
END_TEST

START_TEST(guest_by_grub)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    g_autofree char *xml = NULL;

    plan->kind = BOOT_GRUB;
    plan->kernel = g_strdup("/home/a&b/amilaunch/appliance/grub-hd0");
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-grub.xml", xml);
}
END_TEST

START_TEST(guest_whose_kernel_is_started_directly)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    g_autofree char *xml = NULL;

    plan->kind = BOOT_DIRECT;
    plan->kernel = g_strdup("/home/a&b/amilaunch/boot/0a1b/vmlinuz");
    plan->initrd = g_strdup("/home/a&b/amilaunch/boot/0a1b/initrd");
    plan->cmdline = g_strdup("root=/dev/vda console=ttyS0 name=\"<&>\"");
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-direct.xml", xml);
}
END_TEST

START_TEST(guest_under_the_pv_shim)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", TRUE);
    boot_disk *root = g_ptr_array_index(plan->disks, 0);
    boot_disk *scratch = add_disk(plan, "sdb", "/srv/ephemeral0.raw", "raw");
    g_autofree char *xml = NULL;

    ck_assert_str_eq(scratch->device, "/dev/sdb");
    plan->kind = BOOT_SHIM;
    plan->emulator = g_strdup("/usr/libexec/amilaunch/qemu-xen");
    plan->kernel = g_strdup("/home/a&b/amilaunch/appliance/xen");
    plan->initrd = g_strdup("/home/a&b/amilaunch/appliance/pv-grub-hd0-x86_64");
    plan->cmdline = g_strdup("pv-shim console=xen,pv");
    g_free(root->device);
    root->device = g_strdup("/dev/sda1");
    boot_disk_add_layer(root, "/home/a&b/amilaunch/snapshots/snap-2.qcow2", NULL, NULL);
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-shim.xml", xml);
}
END_TEST

START_TEST(guest_of_a_xen_host)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    boot_disk *root = g_ptr_array_index(plan->disks, 0);
    g_autofree char *xml = NULL;

    plan->kind = BOOT_XEN_HOST;
    plan->kernel = g_strdup("/home/a&b/amilaunch/appliance/pv-grub-hd0-x86_64");
    g_free(root->device);
    root->device = g_strdup("/dev/sda1");
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-xen-host.xml", xml);
}
END_TEST

/* Each kind needs files of its own. */
START_TEST(plans_without_their_files_are_refused)
{
    static const boot_kind kinds[] = {BOOT_UEFI,   BOOT_XEN,  BOOT_GRUB,
                                      BOOT_DIRECT, BOOT_SHIM, BOOT_XEN_HOST};

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(boot_plan) plan = sample_plan("pc", TRUE);
        g_autoptr(GError) error = NULL;
        plan->kind = kinds[i];
        ck_assert_ptr_null(domain_xml(plan, NULL, &error));
        ck_assert(error_is(error, ERROR_INTERNAL));
    }
}
END_TEST

START_TEST(encrypted_guest_with_layers_and_events)
{
    g_autoptr(GHashTable) secrets = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(boot_plan) plan = sample_plan("q35", FALSE);
    boot_disk *root = g_ptr_array_index(plan->disks, 0);
    boot_disk *data = add_disk(plan, "vdb", "/home/a&b/amilaunch/volumes/vol-2.qcow2", "qcow2");
    g_autofree char *xml = NULL;

    g_hash_table_insert(secrets, "11111111-1111-4111-8111-111111111111",
                        "22222222-2222-4222-8222-222222222222");
    plan->events = g_strdup("/home/a,b/amilaunch/instances/i-0123456789abcdef0/events");
    root->alias = g_strdup("ua-vol-1");
    root->secret = g_strdup("11111111-1111-4111-8111-111111111111");
    boot_disk_add_layer(root, "/home/a&b/amilaunch/snapshots/snap-2.qcow2",
                        "11111111-1111-4111-8111-111111111111", "/secrets/1");
    boot_disk_add_layer(root, "/home/a&b/amilaunch/snapshots/snap-3.qcow2", NULL, NULL);
    data->alias = g_strdup("ua-vol-2");
    data->secret = g_strdup("33333333-3333-4333-8333-333333333333");
    xml = domain_xml(plan, secrets, NULL);
    golden_check("domain-encrypted.xml", xml);
}
END_TEST

START_TEST(guest_without_a_network)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    g_autofree char *xml = NULL;

    g_clear_pointer(&plan->mac, g_free);
    g_clear_pointer(&plan->network_socket, g_free);
    xml = domain_xml(plan, NULL, NULL);
    ck_assert_ptr_nonnull(xml);
    ck_assert_ptr_null(strstr(xml, "netdev"));
    ck_assert_ptr_null(strstr(xml, "qemu:"));
}
END_TEST

/* The network card is behind a bridge, which libvirt is told of. */
START_TEST(guest_with_many_disks)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    g_autofree char *xml = NULL;

    while (plan->disks->len < 26) {
        g_autofree char *target = disk_bus_target(DISK_BUS_VIRTIO, plan->disks->len);
        add_disk(plan, target, "/srv/ephemeral.raw", "raw");
    }
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-many-disks.xml", xml);
}
END_TEST

START_TEST(a_disk_by_itself)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    boot_disk *root = g_ptr_array_index(plan->disks, 0);
    g_autofree char *xml = NULL;

    root->alias = g_strdup("ua-vol-1");
    xml = disk_xml(root, "vdq", NULL, NULL);
    golden_check("disk.xml", xml);
}
END_TEST

START_TEST(a_guest_with_a_screen)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    g_autofree char *xml = NULL;

    plan->screen = TRUE;
    xml = domain_xml(plan, NULL, NULL);
    golden_check("domain-screen.xml", xml);
}
END_TEST

START_TEST(a_disk_that_is_only_read)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    boot_disk *root = g_ptr_array_index(plan->disks, 0);
    g_autofree char *written = disk_xml(root, "vdq", NULL, NULL);
    g_autofree char *read = NULL;

    root->read_only = TRUE;
    read = disk_xml(root, "vdq", NULL, NULL);
    ck_assert_ptr_null(strstr(written, "<readonly/>"));
    ck_assert_ptr_nonnull(strstr(read, "<readonly/>"));
}
END_TEST

START_TEST(disks_to_go_on_in_other_files)
{
    g_autoptr(GPtrArray) switches =
        g_ptr_array_new_with_free_func((GDestroyNotify)disk_switch_free);
    g_autoptr(GPtrArray) targets = g_ptr_array_new();
    g_autoptr(GPtrArray) others = g_ptr_array_new();
    g_autofree char *xml = NULL;

    g_ptr_array_add(switches, disk_switch_new("ua-vol-1", "/a&b/vol-1.snap-1.qcow2", NULL, NULL));
    g_ptr_array_add(switches,
                    disk_switch_new("ua-vol-2", "/a&b/vol-2.snap-2.qcow2",
                                    "33333333-3333-4333-8333-333333333333", "/secrets/3"));
    g_ptr_array_add(targets, "vda");
    g_ptr_array_add(targets, "vdc");
    g_ptr_array_add(others, "vdb");
    xml = disk_xml_switches(switches, targets, others, NULL);
    golden_check("snapshot-disks.xml", xml);
}
END_TEST

START_TEST(unbound_plans_are_refused)
{
    g_autoptr(boot_plan) plan = sample_plan("pc", FALSE);
    g_autoptr(GError) error = NULL;
    boot_disk *disk = g_ptr_array_index(plan->disks, 0);

    g_clear_pointer(&disk->path, g_free);
    ck_assert_ptr_null(domain_xml(plan, NULL, &error));
    ck_assert(error_is(error, ERROR_INTERNAL));
    g_clear_error(&error);
    g_clear_pointer(&plan->name, g_free);
    ck_assert_ptr_null(domain_xml(plan, NULL, &error));
    ck_assert(error_is(error, ERROR_INTERNAL));
}
END_TEST

Suite *
suite_domain_xml(void)
{
    Suite *suite = suite_create("domain_xml");
    TCase *tests = tcase_create("domain_xml");

    tcase_add_test(tests, xen_era_guest_under_emulation);
    tcase_add_test(tests, nitro_era_guest_under_kvm);
    tcase_add_test(tests, guest_with_uefi);
    tcase_add_test(tests, guest_without_virtio_on_sata);
    tcase_add_test(tests, guest_without_virtio_on_ide);
    tcase_add_test(tests, guest_by_grub);
    tcase_add_test(tests, guest_whose_kernel_is_started_directly);
    tcase_add_test(tests, guest_under_the_pv_shim);
    tcase_add_test(tests, guest_of_a_xen_host);
    tcase_add_test(tests, plans_without_their_files_are_refused);
    tcase_add_test(tests, encrypted_guest_with_layers_and_events);
    tcase_add_test(tests, guest_without_a_network);
    tcase_add_test(tests, guest_with_many_disks);
    tcase_add_test(tests, a_disk_by_itself);
    tcase_add_test(tests, a_disk_that_is_only_read);
    tcase_add_test(tests, a_guest_with_a_screen);
    tcase_add_test(tests, disks_to_go_on_in_other_files);
    tcase_add_test(tests, unbound_plans_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
