#include "common/error.h"
#include "launcher/kernel_check.h"
#include "launcher/mapping.h"
#include "tests/unit/golden.h"
#include "tests/unit/phony_plan.h"
#include "tests/unit/suites.h"

#include <string.h>

static phony_plan phony;

static void
set_up_hvm(void)
{
    phony_plan_hvm(&phony);
}

static void
set_up_pv(void)
{
    phony_plan_pv(&phony);
    phony.input.appliance = phony.appliance;
}

static void
tear_down(void)
{
    phony_plan_clear(&phony);
}

/* That the plan warns so: of what is fatal with the link, of other things with NULL. */
static void
expect(const char *name, const char *link)
{
    g_autoptr(boot_plan) plan = plan_boot(&phony.input, NULL);
    const boot_warning *found;
    g_autofree char *text = NULL;

    ck_assert_ptr_nonnull(plan);
    text = phony_plan_text(plan);
    found = phony_plan_warning(plan, name);
    ck_assert_msg(found != NULL, "%s isn't in:\n%s", name, text);
    ck_assert_msg(g_strcmp0(found->link, link) == 0 && found->fatal == (link != NULL), "%s", text);
}

static void
expect_not(const char *name)
{
    g_autoptr(boot_plan) plan = plan_boot(&phony.input, NULL);

    ck_assert_ptr_nonnull(plan);
    ck_assert_msg(phony_plan_warning(plan, name) == NULL, "%s is there", name);
}

static void
expect_golden(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(boot_plan) plan = plan_boot(&phony.input, &error);
    g_autofree char *text = NULL;

    ck_assert_msg(plan != NULL, "%s", error != NULL ? error->message : "");
    text = phony_plan_text(plan);
    golden_check(name, text);
}

static void
set_arguments(const char *arguments)
{
    phony_set(&phony_plan_menu(&phony)->arguments, arguments);
}

/* ---- HVM ---- */

START_TEST(an_image_that_boots_has_no_warnings)
{
    g_autoptr(boot_plan) plan = plan_boot(&phony.input, NULL);

    ck_assert_uint_eq(plan->warnings->len, 0);
}
END_TEST

START_TEST(sector_0_is_looked_at)
{
    phony.facts->signature = FALSE;
    expect("no-signature", BOOT_LINK_FIRMWARE);
    phony.facts->signature = TRUE;
    phony_set(&phony.facts->boot_code_after, NULL);
    expect("boot-code-cut-off", BOOT_LINK_BOOT_CODE);
    phony.facts->inspection = 1;
    expect_not("boot-code-cut-off");
    phony.facts->inspection = INSPECTION_VERSION;
    phony.facts->scheme = PARTITIONS_GPT; /* it is in a partition of its own */
    expect_not("boot-code-cut-off");
    phony_set(&phony.facts->boot_code, NULL);
    expect("boot-code-missing", BOOT_LINK_BOOT_CODE);
}
END_TEST

START_TEST(some_need_an_active_partition)
{
    phony.facts->active = 0;
    expect_not("no-active-partition");
    phony_set(&phony.facts->boot_code, "syslinux");
    expect("no-active-partition", BOOT_LINK_ACTIVE);
    phony.facts->active = 1;
    expect_not("no-active-partition");
}
END_TEST

START_TEST(loaders_need_a_menu)
{
    loader_facts *menu = phony.facts->loader;

    phony_set(&menu->kernel, "/boot/vmlinuz-7.0-none");
    expect("kernel-missing", BOOT_LINK_KERNEL);
    g_ptr_array_add(phony.facts->notes, g_strdup("a file system cannot be read"));
    expect_not("kernel-missing");
    g_ptr_array_set_size(phony.facts->notes, 0);
    phony_set(&menu->kernel_found, "no");
    expect("kernel-missing", BOOT_LINK_KERNEL);
    phony_set(&menu->kernel_found, "yes");
    expect_not("kernel-missing");
    phony_set(&menu->initrd_found, "yes");
    expect_not("ramdisk-missing");
    phony_set(&menu->initrd_found, "no");
    expect("ramdisk-missing", BOOT_LINK_RAMDISK);
    g_ptr_array_add(menu->unknown, g_strdup("frobnicate"));
    expect("menu-unknown-command", NULL);
    phony_set(&menu->kernel, NULL);
    expect("menu-not-understood", NULL);
    g_clear_pointer(&phony.facts->loader, loader_facts_free);
    expect("no-loader-configuration", BOOT_LINK_LOADER);
    phony_set(&phony.facts->boot_code, "LILO");
    expect("no-loader-configuration", NULL);
}
END_TEST

START_TEST(roots_have_to_be_there)
{
    set_arguments("root=/dev/vda1 console=ttyS0");
    expect_not("root-missing");
    set_arguments("root=/dev/vda2 console=ttyS0");
    expect("root-missing", BOOT_LINK_ROOT);
    set_arguments("root=/dev/xvda1 console=ttyS0");
    expect("root-missing", BOOT_LINK_ROOT);
    set_arguments("root=/dev/nvme0n1p1 console=ttyS0");
    expect("root-missing", BOOT_LINK_ROOT);
    set_arguments("root=/dev/vdb1 console=ttyS0");
    expect("root-missing", BOOT_LINK_ROOT);
    phony_plan_add_disk(&phony, "/dev/sdb", NULL);
    expect("root-missing", BOOT_LINK_ROOT);
    phony_plan_add_disk(&phony, "/dev/sdc", "snap-2");
    set_arguments("root=/dev/vdc1 console=ttyS0");
    expect_not("root-missing");
    expect("root-by-name", NULL);
    set_arguments("root=/dev/mapper/vg-root console=ttyS0");
    expect_not("root-missing");
    expect("root-by-name", NULL);
    set_arguments("root=/dev/disk/by-uuid/1234 console=ttyS0");
    expect_not("root-missing");
    expect_not("root-by-name");
    set_arguments("root=UUID=1234 console=ttyS0");
    expect_not("root-missing");
}
END_TEST

START_TEST(consoles_are_serial)
{
    set_arguments("root=LABEL=root quiet");
    expect("no-serial-console", NULL);
    set_arguments("root=LABEL=root console=tty0");
    expect("no-serial-console", NULL);
    set_arguments("root=LABEL=root console=tty0 console=ttyS0,115200n8");
    expect_not("no-serial-console");
}
END_TEST

static void
add_fstab(const char *device, const char *mount_point)
{
    fstab_entry *entry = g_new0(fstab_entry, 1);

    entry->device = g_strdup(device);
    entry->mount_point = g_strdup(mount_point);
    entry->type = g_strdup("ext4");
    g_ptr_array_add(phony.facts->fstab, entry);
}

START_TEST(fstab_is_looked_at)
{
    add_fstab("LABEL=root", "/");
    add_fstab("/dev/vda1", "/boot");
    add_fstab("/dev/disk/by-id/x", "/x");
    add_fstab("/dev/mapper/vg", "/y");
    add_fstab("tmpfs", "/tmp");
    expect_not("fstab-device");
    add_fstab("/dev/sda2", "/mnt");
    expect("fstab-device", NULL);
}
END_TEST

START_TEST(guests_without_virtio_have_older_hardware)
{
    kernel_facts *kernel = phony_plan_kernel(&phony);

    phony_set(&kernel->virtio_blk, DRIVER_MODULE);
    phony_set(&kernel->virtio_net, DRIVER_ABSENT);
    set_arguments("root=/dev/sda1 console=ttyS0");
    expect_not("root-missing");
    expect_golden("plan-ide.txt");
    phony.input.type = instance_types_find(phony.types, "m5.large", NULL);
    expect_golden("plan-sata.txt");
    phony_set(&kernel->ahci, DRIVER_MODULE);
    expect("no-disk-driver", BOOT_LINK_ROOT);
    phony_set(&kernel->e1000, DRIVER_ABSENT);
    expect("no-network-driver", NULL);
}
END_TEST

START_TEST(windows_without_virtio)
{
    g_autoptr(boot_plan) plan = NULL;

    phony_set(&phony.facts->os_type, "windows");
    phony_set(&phony.facts->product, "Windows Server 2008 R2");
    phony_set(&phony.facts->boot_code, "Windows");
    phony_set(&phony.facts->windows_virtio, "no");
    g_clear_pointer(&phony.facts->loader, loader_facts_free);
    expect_golden("plan-windows.txt");
    phony_set(&phony.facts->windows_virtio, "yes");
    plan = plan_boot(&phony.input, NULL);
    ck_assert_int_eq(plan->bus, DISK_BUS_VIRTIO);
    ck_assert_int_eq(plan->nic, NIC_VIRTIO);
    ck_assert(plan->screen);
}
END_TEST

START_TEST(others_have_a_screen_where_all_have_one)
{
    g_autoptr(boot_plan) without = plan_boot(&phony.input, NULL);
    g_autoptr(boot_plan) with = NULL;

    ck_assert(!without->screen);
    phony.input.screens = TRUE;
    with = plan_boot(&phony.input, NULL);
    ck_assert(with->screen);
}
END_TEST

START_TEST(images_for_uefi_boot_by_it)
{
    phony.input.type = instance_types_find(phony.types, "m5.large", NULL);
    phony.input.boot_mode = "uefi";
    expect("efi-loader-missing", BOOT_LINK_FIRMWARE);
    phony.facts->scheme = PARTITIONS_GPT;
    phony.facts->efi_loader = g_strdup("/EFI/BOOT/BOOTX64.EFI");
    phony.facts->efi_partition = 1;
    expect_golden("plan-uefi.txt");
}
END_TEST

static const struct {
    const char *type, *mode;
    int kind; /* -1: refused */
} modes[] = {
    {"m5.large", NULL, BOOT_BIOS},   {"m5.large", "legacy-bios", BOOT_BIOS},
    {"m5.large", "uefi", BOOT_UEFI}, {"m5.large", "uefi-preferred", BOOT_UEFI},
    {"m3.medium", NULL, BOOT_BIOS},  {"m3.medium", "uefi-preferred", BOOT_BIOS},
    {"m3.medium", "uefi", -1},
};

START_TEST(boot_modes_go_with_types)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(boot_plan) plan = NULL;

    phony.input.type = instance_types_find(phony.types, modes[_i].type, NULL);
    phony.input.boot_mode = modes[_i].mode;
    plan = plan_boot(&phony.input, &error);
    if (modes[_i].kind == -1)
        ck_assert(error_is(error, ERROR_PARAMETER_COMBINATION));
    else
        ck_assert_int_eq((int)plan->kind, modes[_i].kind);
}
END_TEST

/* ---- paravirtual ---- */

static void
use_kernel_image(const char *id)
{
    phony.input.kernel = id;
    phony.input.aki = kernel_images_get(phony.kernels, id);
    ck_assert_ptr_nonnull(phony.input.aki);
}

START_TEST(pv_under_xen)
{
    use_kernel_image("aki-5c21674b");
    expect_golden("plan-pv-xen.txt");
}
END_TEST

START_TEST(pv_by_grub)
{
    phony.input.pv = "grub";
    use_kernel_image("aki-5c21674b");
    expect_golden("plan-pv-grub.txt");
}
END_TEST

START_TEST(pv_directly)
{
    phony.input.pv = "direct";
    phony.input.appliance = NULL;
    expect("kernel-copy-missing", NULL);
    expect_not("ramdisk-copy-missing");
    phony.facts->boot_kernel = g_strdup("kernel");
    expect("ramdisk-copy-missing", NULL);
    phony.facts->boot_initrd = g_strdup("initrd");
    expect_not("kernel-copy-missing");
    expect_not("ramdisk-copy-missing");
    expect_golden("plan-pv-direct.txt");
}
END_TEST

START_TEST(pv_by_the_shim_and_by_a_host_that_is_xen)
{
    phony.input.host.kvm = TRUE;
    phony.input.pv = "shim";
    expect_golden("plan-pv-shim.txt");
    phony.input.pv = NULL;
    phony.input.host.xen = TRUE;
    expect_golden("plan-pv-xen-host.txt");
    phony.input.pv = "direct";
    ck_assert_ptr_null(plan_boot(&phony.input, NULL));
}
END_TEST

static const struct {
    const char *device, *was, *is;
} rewritten[] = {
    {"/dev/sda1", "root=/dev/xvda1 ro console=hvc0", "root=/dev/vda ro console=ttyS0"},
    {"/dev/sda1", "root=/dev/sda1 console=tty0 console=hvc0", "root=/dev/vda console=ttyS0"},
    {"/dev/sda1", "root=LABEL=x\tquiet", "root=LABEL=x quiet console=ttyS0"},
    {"/dev/sda1", "root=/dev/xvdb1", "root=/dev/xvdb1 console=ttyS0"},
    {"/dev/sda", "root=/dev/xvda1 console=ttyS0", "root=/dev/vda1 console=ttyS0"},
    {"/dev/sda", "root=/dev/xvda", "root=/dev/vda console=ttyS0"},
    {"/dev/sda1", "root=/dev/xvda11", "root=/dev/xvda11 console=ttyS0"},
    {"/dev/sda1", NULL, "console=ttyS0"},
};

START_TEST(arguments_are_rewritten_for_direct_boots)
{
    g_autoptr(boot_plan) plan = NULL;
    block_device *root = g_ptr_array_index(phony.devices, 0);

    phony.input.pv = "direct";
    phony.facts->boot_kernel = g_strdup("kernel");
    phony_set(&root->device, rewritten[_i].device);
    set_arguments(rewritten[_i].was);
    plan = plan_boot(&phony.input, NULL);
    ck_assert_str_eq(plan->cmdline, rewritten[_i].is);
}
END_TEST

START_TEST(direct_boots_are_of_copies)
{
    instance vm = {.id = (char *)"i-1", .uuid = (char *)"ec2", .content = (char *)"abc"};
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    const plan_binding to = {"/h", &vm, none, none, none, NULL};
    g_autoptr(boot_plan) plan = NULL;

    phony.input.pv = "direct";
    phony.facts->boot_kernel = g_strdup("kernel");
    plan = plan_boot(&phony.input, NULL);
    plan_bind(plan, &to);
    ck_assert_str_eq(plan->kernel, "/h/boot/abc/kernel");
    ck_assert_ptr_null(plan->initrd);
}
END_TEST

START_TEST(an_appliance_is_needed)
{
    phony.input.appliance = NULL;
    expect("appliance-missing", NULL);
    phony.input.pv = "grub";
    expect("appliance-missing", NULL);
    phony.input.pv = "direct";
    expect_not("appliance-missing");
    phony.input.pv = NULL;
    phony.input.image_only = TRUE;
    expect_not("appliance-missing");
}
END_TEST

START_TEST(menus_are_where_the_kernel_image_looks)
{
    g_autoptr(boot_plan) plan = NULL;
    const boot_warning *warning;

    use_kernel_image("aki-499ccb20"); /* hd00 */
    expect("menu-lst-misplaced", BOOT_LINK_LOADER);
    plan = plan_boot(&phony.input, NULL);
    warning = phony_plan_warning(plan, "menu-lst-misplaced");
    ck_assert_ptr_nonnull(strstr(warning->remedy, "aki-5c21674b"));
    expect_golden("plan-pv-wrong-aki.txt");

    phony_plan_partition(&phony);
    expect_not("menu-lst-misplaced");
    use_kernel_image("aki-5c21674b"); /* hd0 */
    expect("menu-lst-misplaced", BOOT_LINK_LOADER);
    phony.input.region = "eu-west-1"; /* which has no hd00 */
    expect("menu-lst-misplaced", BOOT_LINK_LOADER);
}
END_TEST

START_TEST(without_a_kernel_image_the_disk_decides)
{
    g_autoptr(boot_plan) whole = plan_boot(&phony.input, NULL);
    g_autoptr(boot_plan) partitioned = NULL;

    ck_assert(!whole->partitioned);
    phony_plan_partition(&phony);
    partitioned = plan_boot(&phony.input, NULL);
    ck_assert(partitioned->partitioned);
    ck_assert_ptr_null(phony_plan_warning(partitioned, "menu-lst-misplaced"));
}
END_TEST

START_TEST(pv_needs_a_menu)
{
    g_autoptr(boot_plan) plan = NULL;

    phony_set(&phony_plan_menu(&phony)->path, "/boot/grub/grub.conf");
    expect("menu-lst-missing", BOOT_LINK_LOADER);
    g_ptr_array_set_size(phony.facts->menu_lsts, 0);
    expect("menu-lst-missing", BOOT_LINK_LOADER);
    loader_facts_free(phony.facts->loader);
    phony.facts->loader = loader_facts_new();
    phony.facts->loader->path = g_strdup("/grub/grub.conf");
    plan = plan_boot(&phony.input, NULL);
    ck_assert_ptr_nonnull(
        strstr(phony_plan_warning(plan, "menu-lst-missing")->remedy, "There is /grub/grub.conf"));
}
END_TEST

/* Once only the menu that was chosen was read. */
START_TEST(facts_of_before_will_do)
{
    loader_facts *menu = phony_plan_menu(&phony);

    phony.facts->loader = loader_facts_new();
    phony.facts->loader->path = g_strdup(menu->path);
    phony.facts->loader->kernel = g_strdup(menu->kernel);
    phony_set(&menu->kernel, NULL);
    expect_not("menu-not-understood");
    phony.input.pv = "direct";
    expect("kernel-copy-missing", NULL);
    phony_set(&phony.facts->loader->path, "/boot/grub/grub.cfg");
    expect("menu-not-understood", NULL);
    expect("kernel-copy-missing", NULL);
}
END_TEST

START_TEST(old_kernel_images_know_one_place)
{
    phony_plan_partition(&phony);
    use_kernel_image("aki-b4aa75dd");
    expect_not("menu-lst-elsewhere");
    phony_set(&phony_plan_menu(&phony)->path, "/grub/menu.lst");
    expect("menu-lst-elsewhere", NULL);
    use_kernel_image("aki-499ccb20");
    expect_not("menu-lst-elsewhere");
}
END_TEST

static const struct {
    const char *packing;
    gboolean fatal;
} packings[] = {{"gzip", FALSE}, {"xz", FALSE},  {"lzo", FALSE}, {"none", FALSE},
                {"bzip2", TRUE}, {"lzma", TRUE}, {"lz4", TRUE},  {"zstd", TRUE}};

START_TEST(kernels_are_packed_as_pv_grub_can_read)
{
    phony_set(&phony_plan_kernel(&phony)->compression, packings[_i].packing);
    if (packings[_i].fatal)
        expect("kernel-compression", BOOT_LINK_KERNEL);
    else
        expect_not("kernel-compression");
    phony.input.pv = "grub";
    expect_not("kernel-compression");
}
END_TEST

START_TEST(kernels_are_for_xen)
{
    kernel_facts *kernel = phony_plan_kernel(&phony);

    phony_set(&kernel->xen_pv, "no");
    expect("kernel-not-pv", BOOT_LINK_KERNEL);
    phony_set(&kernel->xen_pv, NULL);
    expect_not("kernel-not-pv");
    phony_set(&kernel->xen_blkfront, DRIVER_MODULE);
    expect("no-xen-blkfront", BOOT_LINK_ROOT);
    phony_set(&kernel->xen_blkfront, NULL);
    expect_not("no-xen-blkfront");
    phony_set(&kernel->xen_netfront, DRIVER_ABSENT);
    expect("no-network-driver", NULL);
}
END_TEST

START_TEST(kernels_of_32_bits_are_refused)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(boot_plan) plan = NULL;

    phony_plan_kernel(&phony)->bits = 32;
    expect("pv32", BOOT_LINK_KERNEL);
    plan = plan_boot(&phony.input, NULL);
    ck_assert(!plan_fits(plan, &phony.input, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
    phony.input.pv = "grub";
    expect_not("pv32");
    phony.input.pv = NULL;
    phony_plan_kernel(&phony)->bits = 64;
    phony.input.architecture = "i386";
    expect("pv32", BOOT_LINK_KERNEL);
}
END_TEST

START_TEST(roots_are_those_of_the_mapping)
{
    block_device *root = g_ptr_array_index(phony.devices, 0);

    set_arguments("root=/dev/sda1");
    expect_not("root-missing");
    set_arguments("root=/dev/xvda");
    expect("root-missing", BOOT_LINK_ROOT);
    set_arguments("root=/dev/vda");
    expect("root-missing", BOOT_LINK_ROOT);
    phony_set(&root->device, "/dev/sda");
    phony_plan_partition(&phony);
    set_arguments("root=/dev/xvda1");
    expect_not("root-missing");
    set_arguments("root=/dev/xvda2");
    expect("root-missing", BOOT_LINK_ROOT);
    /* Elsewhere it is another name. */
    phony.input.pv = "grub";
    set_arguments("root=/dev/xvda1");
    expect("root-missing", BOOT_LINK_ROOT);
    set_arguments("root=/dev/vda1");
    expect_not("root-missing");
}
END_TEST

START_TEST(consoles_are_xens)
{
    set_arguments("root=LABEL=x");
    expect_not("no-serial-console");
    set_arguments("root=LABEL=x console=ttyS0");
    expect("no-serial-console", NULL);
    set_arguments("root=LABEL=x console=ttyS0 console=xvc0");
    expect_not("no-serial-console");
    set_arguments("root=LABEL=x console=tty1");
    expect_not("no-serial-console");
    set_arguments("root=LABEL=x console=hvc0");
    phony.input.pv = "grub";
    expect("no-serial-console", NULL);
}
END_TEST

START_TEST(ramdisks_are_the_menus)
{
    phony.input.ramdisk = "ari-12345678";
    expect("ramdisk-ignored", NULL);
}
END_TEST

/* ---- kernel images ---- */

START_TEST(kernel_images_are_checked)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_nonnull(
        kernel_check(phony.kernels, "aki-5c21674b", "us-east-1", "x86_64", NULL, NULL));
    ck_assert_ptr_null(
        kernel_check(phony.kernels, "aki-12345678", "us-east-1", "x86_64", NULL, &error));
    ck_assert(error_is(error, ERROR_AMI_NOT_FOUND));
    ck_assert(g_str_has_prefix(error->message, "The image id '[aki-12345678]' does not exist"));
    g_clear_error(&error);
    ck_assert_ptr_null(
        kernel_check(phony.kernels, "aki-5c21674b", "eu-west-1", "x86_64", NULL, &error));
    ck_assert(error_is(error, ERROR_AMI_NOT_FOUND));
    ck_assert_ptr_nonnull(strstr(error->message, "in eu-west-1 it is aki-dc9ed9af"));
    g_clear_error(&error);
    ck_assert_ptr_null(
        kernel_check(phony.kernels, "aki-04206613", "us-east-1", "x86_64", NULL, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    ck_assert_ptr_nonnull(strstr(error->message, "take aki-5c21674b"));
    g_clear_error(&error);
    ck_assert_ptr_null(
        kernel_check(phony.kernels, "aki-5c21674b", "us-east-1", "x86_64", "ari-12345678", &error));
    ck_assert(error_is(error, ERROR_PARAMETER_COMBINATION));
}
END_TEST

static void
add_hvm_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, set_up_hvm, tear_down);
    tcase_add_test(tests, an_image_that_boots_has_no_warnings);
    tcase_add_test(tests, sector_0_is_looked_at);
    tcase_add_test(tests, some_need_an_active_partition);
    tcase_add_test(tests, loaders_need_a_menu);
    tcase_add_test(tests, roots_have_to_be_there);
    tcase_add_test(tests, consoles_are_serial);
    tcase_add_test(tests, fstab_is_looked_at);
    tcase_add_test(tests, guests_without_virtio_have_older_hardware);
    tcase_add_test(tests, windows_without_virtio);
    tcase_add_test(tests, others_have_a_screen_where_all_have_one);
    tcase_add_test(tests, images_for_uefi_boot_by_it);
    tcase_add_loop_test(tests, boot_modes_go_with_types, 0, G_N_ELEMENTS(modes));
}

static void
add_pv_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, set_up_pv, tear_down);
    tcase_add_test(tests, an_image_that_boots_has_no_warnings);
    tcase_add_test(tests, pv_under_xen);
    tcase_add_test(tests, pv_by_grub);
    tcase_add_test(tests, pv_directly);
    tcase_add_test(tests, pv_by_the_shim_and_by_a_host_that_is_xen);
    tcase_add_loop_test(tests, arguments_are_rewritten_for_direct_boots, 0,
                        G_N_ELEMENTS(rewritten));
    tcase_add_test(tests, direct_boots_are_of_copies);
    tcase_add_test(tests, an_appliance_is_needed);
    tcase_add_test(tests, menus_are_where_the_kernel_image_looks);
    tcase_add_test(tests, without_a_kernel_image_the_disk_decides);
    tcase_add_test(tests, pv_needs_a_menu);
    tcase_add_test(tests, facts_of_before_will_do);
    tcase_add_test(tests, old_kernel_images_know_one_place);
    tcase_add_loop_test(tests, kernels_are_packed_as_pv_grub_can_read, 0, G_N_ELEMENTS(packings));
    tcase_add_test(tests, kernels_are_for_xen);
    tcase_add_test(tests, kernels_of_32_bits_are_refused);
    tcase_add_test(tests, roots_are_those_of_the_mapping);
    tcase_add_test(tests, consoles_are_xens);
    tcase_add_test(tests, ramdisks_are_the_menus);
    tcase_add_test(tests, kernel_images_are_checked);
}

Suite *
suite_explain(void)
{
    Suite *suite = suite_create("explain");
    TCase *hvm = tcase_create("hvm");
    TCase *pv = tcase_create("pv");

    add_hvm_tests(hvm);
    add_pv_tests(pv);
    suite_add_tcase(suite, hvm);
    suite_add_tcase(suite, pv);
    return suite;
}
