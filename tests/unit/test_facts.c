#include "images/facts.h"
#include "tests/unit/suites.h"

#include <string.h>

static const char full[] =
    "{\"inspection\":2,\"incomplete\":true,\"format\":\"qcow2\",\"virtual_size\":70368744177664,"
    "\"scheme\":2,"
    "\"signature\":true,"
    "\"active\":1,\"boot_code\":\"GRUB 2\",\"boot_code_after\":\"unknown\",\"partitions\":["
    "{\"number\":1,\"start\":1048576,\"size\":1073741824,\"type\":\"83\",\"active\":true,"
    "\"esp\":false,\"bios_boot\":false,\"filesystem\":\"ext4\",\"label\":\"a \\\"b\\\" ü\","
    "\"uuid\":\"1-2\"},"
    "{\"number\":15,\"start\":0,\"size\":1,\"active\":false,\"esp\":true,\"bios_boot\":true}],"
    "\"os_type\":\"linux\",\"distribution\":\"debian\",\"product\":\"Debian\",\"version\":\"12.0\","
    "\"hostname\":\"h\",\"package_format\":\"deb\",\"architecture\":\"x86_64\","
    "\"root_device\":\"/dev/sda1\",\"root_partition\":1,\"root_filesystem\":\"ext4\","
    "\"loader\":{\"path\":\"/boot/grub/grub.cfg\",\"partition\":1,\"kind\":\"grub.cfg\","
    "\"title\":\"T\",\"root\":\"(hd0)\",\"kernel\":\"/k\",\"arguments\":\"\",\"initrd\":\"/i\","
    "\"chain\":\"chainloader +1\",\"way\":\"default 0\",\"timeout\":\"3\",\"kernel_found\":\"yes\","
    "\"kernel_partition\":1,\"kernel_path\":\"/boot/k\",\"initrd_found\":\"no\",\"modules\":[\"/"
    "m\"],"
    "\"unknown\":[\"blscfg\"]},"
    "\"menu_lsts\":[{\"path\":\"/boot/grub/menu.lst\",\"partition\":0,"
    "\"kernel_partition\":0,\"modules\":[],\"unknown\":[]}],"
    "\"efi_loader\":\"/EFI/BOOT/BOOTX64.EFI\",\"efi_partition\":15,"
    "\"kernels\":[{\"path\":\"/boot/vmlinuz-6\",\"partition\":1,\"version\":\"6\","
    "\"compression\":\"xz\",\"bits\":64,\"initramfs\":\"/boot/initrd.img-6\",\"xen_pv\":\"yes\","
    "\"virtio_blk\":\"builtin\"},{\"path\":\"/boot/vmlinuz\",\"partition\":0,\"bits\":0}],"
    "\"fstab\":[{\"device\":\"LABEL=/\",\"mount_point\":\"/\",\"type\":\"ext4\"}],"
    "\"notes\":[\"one\",\"two\\n\"]}";

START_TEST(all_facts_come_back)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(image_facts) facts = image_facts_from_json(full, &error);
    g_autofree char *text = NULL;

    ck_assert_msg(facts != NULL, "%s", error != NULL ? error->message : "");
    ck_assert_uint_eq(facts->virtual_size, G_GUINT64_CONSTANT(1) << 46);
    ck_assert_int_eq(facts->scheme, PARTITIONS_GPT);
    ck_assert_str_eq(((partition_facts *)facts->partitions->pdata[0])->label, "a \"b\" \xc3\xbc");
    ck_assert(((partition_facts *)facts->partitions->pdata[1])->esp);
    ck_assert_ptr_null(((kernel_facts *)facts->kernels->pdata[1])->version);
    ck_assert_str_eq(facts->loader->arguments, "");
    ck_assert_str_eq(facts->notes->pdata[1], "two\n");
    text = image_facts_to_json(facts);
    ck_assert_str_eq(text, full);
}
END_TEST

START_TEST(missing_facts_are_empty_and_unknown_ones_ignored)
{
    g_autoptr(image_facts) facts =
        image_facts_from_json("{\"later\":[1,{}],\"os_type\":null,\"active\":3}", NULL);
    g_autoptr(image_facts) again = NULL;
    g_autofree char *text = image_facts_to_json(facts);

    ck_assert_uint_eq(facts->active, 3);
    ck_assert_uint_eq(facts->inspection, 0);
    ck_assert_ptr_null(facts->os_type);
    ck_assert_ptr_null(facts->loader);
    ck_assert_uint_eq(facts->partitions->len + facts->notes->len + facts->fstab->len, 0);
    again = image_facts_from_json(text, NULL);
    ck_assert_uint_eq(again->active, 3);
    image_facts_free(NULL);
}
END_TEST

START_TEST(strings_are_made_valid)
{
    g_autoptr(image_facts) facts = image_facts_new();
    g_autofree char *text = NULL;

    facts->hostname = g_strdup("a\xff"
                               "b");
    text = image_facts_to_json(facts);
    ck_assert_ptr_nonnull(strstr(text, "\"hostname\":\"a\xef\xbf\xbd"
                                       "b\""));
}
END_TEST

START_TEST(what_is_no_facts_is_refused)
{
    static const char *const wrong[][2] = {
        {"", "stored image facts"},
        {"[]", "no object"},
        {"{\"active\":\"1\"}", "active"},
        {"{\"active\":-1}", "active"},
        {"{\"active\":4294967297}", "active"},
        {"{\"signature\":1}", "signature"},
        {"{\"format\":1}", "format"},
        {"{\"partitions\":{}}", "partitions"},
        {"{\"partitions\":[3]}", "no object"},
        {"{\"partitions\":[{\"label\":1}]}", "label"},
        {"{\"loader\":[]}", "no object"},
        {"{\"notes\":[null]}", "notes"},
        {"{\"active\":1,\"active\":2}", "stored image facts"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_ptr_null(image_facts_from_json(wrong[i][0], &error));
        ck_assert(error_is(error, ERROR_HOST_DATABASE));
        ck_assert_msg(strstr(error->message, wrong[i][1]) != NULL, "%s", error->message);
    }
}
END_TEST

Suite *
suite_facts(void)
{
    Suite *suite = suite_create("facts");
    TCase *tests = tcase_create("facts");

    tcase_add_test(tests, all_facts_come_back);
    tcase_add_test(tests, missing_facts_are_empty_and_unknown_ones_ignored);
    tcase_add_test(tests, strings_are_made_valid);
    tcase_add_test(tests, what_is_no_facts_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
