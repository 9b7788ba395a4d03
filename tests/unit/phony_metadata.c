#include "tests/unit/phony_metadata.h"

#define TEXT(words) ((char *)(words))

static instance ebs_vm = {
    .id = TEXT("i-0123456789abcdef0"),
    .reservation = TEXT("r-0123456789abcdef0"),
    .launch_index = 2,
    .image = TEXT("ami-0123456789abcdef0"),
    .type = TEXT("m5d.large"),
    .state = INSTANCE_RUNNING,
    .launched = 1388534399,
    .starts = 3,
    .owner = TEXT("123456789012"),
    .region = TEXT("eu-central-1"),
    .zone = TEXT("eu-central-1b"),
    .architecture = TEXT("x86_64"),
    .root_device = TEXT("/dev/xvda"),
    .hibernation_configured = 1,
    .key_name = TEXT("mine"),
    .public_key = TEXT("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA mine"),
    .imds_tags = 1,
};
static const instance_type nitro = {.hypervisor = HYPERVISOR_NITRO};
static volume ebs_disks[] = {
    {.device = TEXT("/dev/sdf")}, {.device = TEXT("/dev/xvda")}, {.device = TEXT("/dev/xvdz")}};
static store_disk ebs_store_disks[] = {
    {.position = 0, .device = TEXT("/dev/sdb"), .virtual_name = TEXT("ephemeral0")}};
static tag ebs_tags[] = {{.key = TEXT("Name"), .value = TEXT("web")},
                         {.key = TEXT("a=b:c@d"), .value = TEXT("")},
                         {.key = TEXT("with/slash"), .value = TEXT("hidden")},
                         {.key = TEXT("with blank"), .value = TEXT("hidden")},
                         {.key = TEXT(".."), .value = TEXT("hidden")},
                         {.key = TEXT("_index"), .value = TEXT("hidden")}};
static product_code ebs_codes[] = {{.code = TEXT("abc"), .kind = TEXT("marketplace")},
                                   {.code = TEXT("de\"f"), .kind = TEXT("devpay")},
                                   {.code = TEXT("ghi"), .kind = TEXT("marketplace")}};
static interface ebs_nic = {
    .id = TEXT("eni-0123456789abcdef0"), .address = 0xac1f0004, .mac = TEXT("0a:00:ac:1f:00:04")};

static instance store_vm = {
    .id = TEXT("i-12345678"),
    .reservation = TEXT("r-12345678"),
    .image = TEXT("ami-12345678"),
    .type = TEXT("m1.small"),
    .state = INSTANCE_RUNNING,
    .launched = 1388534399,
    .owner = TEXT("210987654321"),
    .region = TEXT("us-east-1"),
    .zone = TEXT("us-east-1a"),
    .architecture = TEXT("i386"),
    .virtualization = VIRTUALIZATION_PARAVIRTUAL,
    .root_device_type = ROOT_INSTANCE_STORE,
    .root_device = TEXT("/dev/sda1"),
    .kernel = TEXT("aki-12345678"),
    .ramdisk = TEXT("ari-12345678"),
};
static const instance_type xen = {.hypervisor = HYPERVISOR_XEN};
static store_disk store_store_disks[] = {
    {.position = STORE_ROOT_POSITION, .device = TEXT("/dev/sda1"), .virtual_name = TEXT("root")},
    {.position = 0, .device = TEXT("/dev/sda2"), .virtual_name = TEXT("ephemeral0")}};
static interface store_nic = {
    .id = TEXT("eni-12345678"), .address = 0xac1f0ffd, .mac = TEXT("0a:00:ac:1f:0f:fd")};

#define ARRAY(things) array((things), sizeof *(things), G_N_ELEMENTS(things))

static GPtrArray *
array(gpointer first, gsize size, gsize count)
{
    GPtrArray *made = g_ptr_array_new();

    for (gsize i = 0; i < count; i++)
        g_ptr_array_add(made, (char *)first + i * size);
    return made;
}

metadata *
phony_metadata_ebs(void)
{
    static instance_view what = {.vm = &ebs_vm, .nic = &ebs_nic, .type = &nitro};
    static metadata made = {.what = &what};

    if (what.volumes != NULL)
        return &made;
    what.volumes = ARRAY(ebs_disks);
    what.store_disks = ARRAY(ebs_store_disks);
    what.tags = ARRAY(ebs_tags);
    what.product_codes = ARRAY(ebs_codes);
    what.user_data = TEXT("IyEvYmluL3NoCmVjaG8gaGVsbG8K");
    return &made;
}

metadata *
phony_metadata_store(void)
{
    static instance_view what = {.vm = &store_vm, .nic = &store_nic, .type = &xen};
    static metadata made = {.what = &what, .manifest = TEXT("bucket/image.manifest.xml")};

    if (what.volumes != NULL)
        return &made;
    what.store_disks = ARRAY(store_store_disks);
    what.volumes = g_ptr_array_new();
    what.tags = g_ptr_array_new();
    what.product_codes = g_ptr_array_new();
    return &made;
}
