#include "images/kernel_drivers.h"
#include "tests/unit/suites.h"

#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kernel_facts, kernel_facts_free)

static kernel_facts *
tell(const kernel_drivers *drivers)
{
    kernel_facts *facts = kernel_facts_new();

    kernel_drivers_tell(drivers, facts);
    return facts;
}

static void
add_config(kernel_drivers *drivers, const char *text)
{
    kernel_drivers_add_config(drivers, text, strlen(text));
}

static void
add_builtin(kernel_drivers *drivers, const char *text)
{
    kernel_drivers_add_builtin(drivers, text, strlen(text));
}

static void
add_modules(kernel_drivers *drivers, const char *text)
{
    kernel_drivers_add_modules(drivers, text, strlen(text));
}

START_TEST(nothing_is_known_of_nothing)
{
    g_autoptr(kernel_drivers) drivers = kernel_drivers_new();
    g_autoptr(kernel_facts) facts = tell(drivers);

    ck_assert_ptr_null(facts->virtio_blk);
    ck_assert_ptr_null(facts->xen_blkfront);
    ck_assert_ptr_null(facts->xen_pv);
}
END_TEST

START_TEST(each_place_is_told)
{
    g_autoptr(kernel_drivers) drivers = kernel_drivers_new();
    g_autoptr(kernel_facts) facts = NULL;

    add_builtin(drivers, "kernel/drivers/virtio/virtio_pci.ko\nkernel/nvme/nvme.ko\n"
                         "kernel/drivers/scsi/sd_mod.ko");
    add_modules(drivers, "kernel/virtio_blk.ko.xz: kernel/a.ko\nkernel/net/xen-netfront.ko.zst:\n"
                         "kernel/drivers/ata/ahci.ko: kernel/libahci.ko kernel/e1000.ko\n");
    kernel_drivers_add_initramfs_file("lib/modules/6/kernel/virtio_blk.ko", drivers);
    kernel_drivers_set_initramfs(drivers, INITRAMFS_READ);
    facts = tell(drivers);
    ck_assert_str_eq(facts->virtio_blk, DRIVER_INITRAMFS);
    ck_assert_str_eq(facts->virtio_net, DRIVER_ABSENT);
    ck_assert_str_eq(facts->nvme, DRIVER_BUILTIN);
    ck_assert_str_eq(facts->ahci, DRIVER_MODULE);
    ck_assert_str_eq(facts->xen_netfront, DRIVER_MODULE);
    ck_assert_str_eq(facts->e1000, DRIVER_ABSENT);
}
END_TEST

START_TEST(a_driver_is_there_when_all_of_it_is)
{
    g_autoptr(kernel_drivers) drivers = kernel_drivers_new();
    g_autoptr(kernel_facts) facts = NULL;

    add_config(drivers, "CONFIG_VIRTIO_BLK=y\nCONFIG_VIRTIO_PCI=m\nCONFIG_VIRTIO_NET=y\n"
                        "CONFIG_SATA_AHCI=y\n# CONFIG_BLK_DEV_SD is not set\n");
    kernel_drivers_set_initramfs(drivers, INITRAMFS_READ);
    facts = tell(drivers);
    ck_assert_str_eq(facts->virtio_blk, DRIVER_MODULE);
    ck_assert_str_eq(facts->ahci, DRIVER_ABSENT);
    kernel_drivers_add_initramfs_file("virtio_pci.ko", drivers);
    g_clear_pointer(&facts, kernel_facts_free);
    facts = tell(drivers);
    ck_assert_str_eq(facts->virtio_blk, DRIVER_INITRAMFS);
}
END_TEST

START_TEST(an_initramfs_that_cant_be_read_leaves_doubt)
{
    g_autoptr(kernel_drivers) drivers = kernel_drivers_new();
    g_autoptr(kernel_facts) facts = NULL;

    add_config(drivers, "CONFIG_BLK_DEV_NVME=m\nCONFIG_E1000=y\n");
    kernel_drivers_set_initramfs(drivers, INITRAMFS_UNREAD);
    facts = tell(drivers);
    ck_assert_ptr_null(facts->nvme);
    ck_assert_str_eq(facts->e1000, DRIVER_BUILTIN);
    ck_assert_str_eq(facts->ata_piix, DRIVER_ABSENT);
    /* Configured, but another package has it. */
    add_modules(drivers, "kernel/other.ko:\n");
    g_clear_pointer(&facts, kernel_facts_free);
    facts = tell(drivers);
    ck_assert_str_eq(facts->nvme, DRIVER_ABSENT);
}
END_TEST

START_TEST(old_kernels_name_things_otherwise)
{
    g_autoptr(kernel_drivers) drivers = kernel_drivers_new();
    g_autoptr(kernel_facts) facts = NULL;

    add_config(drivers, "CONFIG_XEN=y\n");
    add_modules(drivers,
                "/lib/modules/2.6.18-xen/kernel/drivers/xen/blkfront/xenblk.ko: /lib/modules/x.ko\n"
                "/lib/modules/2.6.18-xen/kernel/drivers/xen/netfront/xennet.ko:\n");
    facts = tell(drivers);
    ck_assert_str_eq(facts->xen_blkfront, DRIVER_MODULE);
    ck_assert_str_eq(facts->xen_netfront, DRIVER_MODULE);
    ck_assert_str_eq(facts->xen_pv, "yes");
    ck_assert_str_eq(facts->xen_pvh, "no");
}
END_TEST

START_TEST(the_configuration_yields_to_the_notes)
{
    g_autoptr(kernel_drivers) drivers = kernel_drivers_new();
    g_autoptr(kernel_facts) facts = kernel_facts_new();
    g_autoptr(kernel_facts) unknown = NULL;

    add_config(drivers, "CONFIG_XEN=y\n# CONFIG_XEN_PV is not set\nCONFIG_PVH=y\n");
    unknown = tell(drivers);
    ck_assert_str_eq(unknown->xen_pv, "no");
    ck_assert_str_eq(unknown->xen_pvh, "yes");
    facts->xen_pv = g_strdup("yes");
    kernel_drivers_tell(drivers, facts);
    ck_assert_str_eq(facts->xen_pv, "yes");
}
END_TEST

Suite *
suite_kernel_drivers(void)
{
    Suite *suite = suite_create("kernel_drivers");
    TCase *tests = tcase_create("kernel_drivers");

    tcase_add_test(tests, nothing_is_known_of_nothing);
    tcase_add_test(tests, each_place_is_told);
    tcase_add_test(tests, a_driver_is_there_when_all_of_it_is);
    tcase_add_test(tests, an_initramfs_that_cant_be_read_leaves_doubt);
    tcase_add_test(tests, old_kernels_name_things_otherwise);
    tcase_add_test(tests, the_configuration_yields_to_the_notes);
    suite_add_tcase(suite, tests);
    return suite;
}
