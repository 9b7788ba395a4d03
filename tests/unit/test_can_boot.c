#include "common/error.h"
#include "drivers/libvirt_can.h"
#include "tests/unit/suites.h"

static const boot_abilities old_qemu = {.qemu = 7002000};
static const boot_abilities new_qemu = {.qemu = QEMU_WITH_XEN, .session = TRUE};
static const boot_abilities new_system = {.qemu = QEMU_WITH_XEN};
static const boot_abilities xen_host = {.xen = TRUE};

static void
ck_can(const boot_abilities *abilities, const boot_plan *plan)
{
    g_autoptr(GError) error = NULL;

    ck_assert_msg(boot_abilities_check(abilities, plan, &error), "%s",
                  error != NULL ? error->message : "");
}

/* The message has to name WORD, most often the next step. */
static void
ck_cannot(const boot_abilities *abilities, const boot_plan *plan, error_code code, const char *word)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!boot_abilities_check(abilities, plan, &error));
    ck_assert(error_is(error, code));
    ck_assert_msg(strstr(error->message, word) != NULL, "%s", error->message);
}

START_TEST(each_kind_needs_its_file)
{
    static const struct {
        boot_kind kind;
        const char *word;
    } kinds[] = {{BOOT_UEFI, "apt install ovmf"},
                 {BOOT_GRUB, "appliance build"},
                 {BOOT_DIRECT, "menu.lst"},
                 {BOOT_SHIM, "appliance build"}};

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(boot_plan) plan = boot_plan_new();
        plan->kind = kinds[i].kind;
        plan->kvm = TRUE;
        ck_cannot(&new_qemu, plan,
                  kinds[i].kind == BOOT_DIRECT ? ERROR_UNSUPPORTED : ERROR_HOST_QEMU,
                  kinds[i].word);
        plan->firmware = g_strdup("/code.fd");
        plan->kernel = g_strdup("/kernel");
        plan->initrd = g_strdup("/initrd");
        ck_can(&new_qemu, plan);
    }
}
END_TEST

START_TEST(the_shim_needs_kvm_and_a_new_qemu)
{
    g_autoptr(boot_plan) plan = boot_plan_new();

    plan->kind = BOOT_SHIM;
    plan->kernel = g_strdup("/shim");
    plan->initrd = g_strdup("/pv-grub");
    ck_cannot(&new_qemu, plan, ERROR_HOST_QEMU, "KVM");
    plan->kvm = TRUE;
    ck_cannot(&old_qemu, plan, ERROR_HOST_QEMU, "this is 7.2");
    ck_cannot(&new_system, plan, ERROR_UNSUPPORTED, "qemu:///session");
    ck_can(&new_qemu, plan);
    boot_plan_add_disk(plan)->encrypted = TRUE;
    ck_cannot(&new_qemu, plan, ERROR_UNSUPPORTED, "encrypted");
}
END_TEST

START_TEST(xen_hosts_and_others_have_their_own_guests)
{
    g_autoptr(boot_plan) plan = boot_plan_new();

    ck_can(&old_qemu, plan);
    ck_cannot(&xen_host, plan, ERROR_UNSUPPORTED, "qemu:///system");
    plan->kind = BOOT_XEN_HOST;
    ck_cannot(&old_qemu, plan, ERROR_UNSUPPORTED, "xen:///system");
    ck_cannot(&xen_host, plan, ERROR_HOST_QEMU, "appliance build");
    plan->kernel = g_strdup("/pv-grub");
    ck_can(&xen_host, plan);
}
END_TEST

START_TEST(ide_has_four_places)
{
    g_autoptr(boot_plan) plan = boot_plan_new();

    plan->bus = DISK_BUS_IDE;
    for (guint i = 0; i < 4; i++)
        boot_plan_add_disk(plan);
    ck_can(&old_qemu, plan);
    boot_plan_add_disk(plan);
    ck_cannot(&old_qemu, plan, ERROR_UNSUPPORTED, "4 disks, not for 5");
    plan->bus = DISK_BUS_SATA;
    ck_can(&old_qemu, plan);
}
END_TEST

START_TEST(bus_addresses)
{
    static const struct {
        disk_bus bus;
        guint place;
        const char *target;
    } rows[] = {{DISK_BUS_VIRTIO, 0, "vda"},   {DISK_BUS_VIRTIO, 25, "vdz"},
                {DISK_BUS_VIRTIO, 26, "vdaa"}, {DISK_BUS_VIRTIO, 53, "vdbb"},
                {DISK_BUS_SATA, 1, "sdb"},     {DISK_BUS_IDE, 3, "hdd"},
                {DISK_BUS_XEN, 0, "xvda"}};

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *target = disk_bus_target(rows[i].bus, rows[i].place);
        ck_assert_str_eq(target, rows[i].target);
        ck_assert_int_eq(disk_bus_of_target(target), rows[i].bus);
    }
}
END_TEST

Suite *
suite_can_boot(void)
{
    Suite *suite = suite_create("can_boot");
    TCase *tests = tcase_create("can_boot");

    tcase_add_test(tests, each_kind_needs_its_file);
    tcase_add_test(tests, the_shim_needs_kvm_and_a_new_qemu);
    tcase_add_test(tests, xen_hosts_and_others_have_their_own_guests);
    tcase_add_test(tests, ide_has_four_places);
    tcase_add_test(tests, bus_addresses);
    suite_add_tcase(suite, tests);
    return suite;
}
