#include "common/error.h"
#include "drivers/live_xml.h"
#include "tests/unit/suites.h"

#include <string.h>

/* As libvirt 9.0 writes it. */
#define LIVE                                                                                       \
    "<domain type='qemu' id='3'><name>i-1</name><devices>"                                         \
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"                           \
    "<source file='/v/root.snap-2.qcow2' index='7'><encryption format='luks'>"                     \
    "<secret type='passphrase' uuid='22222222-2222-4222-8222-222222222222'/></encryption>"         \
    "</source>"                                                                                    \
    "<backingStore type='file' index='2'><format type='qcow2'/><source file='/v/root.qcow2'/>"     \
    "<backingStore type='file' index='3'><format type='qcow2'/><source file='/s/snap-1.qcow2'/>"   \
    "<backingStore/></backingStore></backingStore>"                                                \
    "<target dev='vda' bus='virtio'/><alias name='ua-vol-1'/>"                                     \
    "<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></disk>"           \
    "<disk type='file' device='disk'><source file='/v/data.qcow2' index='1'/><backingStore/>"      \
    "<target dev='vdc' bus='virtio'/><alias name='ua-vol-2'/></disk>"                              \
    "<disk type='file' device='disk'><target dev='vdd' bus='virtio'/></disk>"                      \
    "</devices></domain>"

START_TEST(disks_are_found_by_alias)
{
    g_autoptr(GPtrArray) disks = live_disks(LIVE, NULL);
    const live_disk *root;

    ck_assert_uint_eq(disks->len, 3);
    root = live_disk_find(disks, "ua-vol-1");
    ck_assert_str_eq(root->target, "vda");
    ck_assert_str_eq(root->file, "/v/root.snap-2.qcow2");
    ck_assert_uint_eq(root->images->len, 3);
    ck_assert_int_eq(g_array_index(root->images, gint, 0), 7);
    ck_assert_int_eq(g_array_index(root->images, gint, 1), 2);
    ck_assert_int_eq(g_array_index(root->images, gint, 2), 3);
    ck_assert_str_eq(live_disk_find(disks, "ua-vol-2")->file, "/v/data.qcow2");
    ck_assert_ptr_null(live_disk_find(disks, "ua-vol-3"));
    ck_assert_ptr_null(((live_disk *)g_ptr_array_index(disks, 2))->file);
}
END_TEST

START_TEST(a_guest_without_disks_has_some_that_are_not_known)
{
    g_autoptr(GPtrArray) disks = live_disks(LIVE, NULL);
    g_autoptr(GPtrArray) none = live_disks("<domain><devices/></domain>", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(live_disks_known(disks, NULL));
    ck_assert(!live_disks_known(none, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
}
END_TEST

START_TEST(the_next_free_target_is_taken)
{
    g_autoptr(GPtrArray) disks = live_disks(LIVE, NULL);
    g_autofree char *target = live_disk_free_target(disks);
    g_autoptr(GString) many = g_string_new("<domain><devices>");
    g_autoptr(GPtrArray) full = NULL;
    g_autofree char *beyond = NULL;

    ck_assert_str_eq(target, "vdb");
    for (char letter = 'a'; letter <= 'z'; letter++)
        g_string_append_printf(many, "<disk><target dev='vd%c'/></disk>", letter);
    g_string_append(many, "<disk><target dev='vdaa'/></disk></devices></domain>");
    full = live_disks(many->str, NULL);
    beyond = live_disk_free_target(full);
    ck_assert_str_eq(beyond, "vdab");
}
END_TEST

START_TEST(what_is_no_domain_is_refused)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(live_disks("<domain>", &error));
    ck_assert(error_is(error, ERROR_INTERNAL));
    g_clear_error(&error);
    ck_assert_ptr_null(live_disks("<domain/>", &error));
    ck_assert(error_is(error, ERROR_INTERNAL));
}
END_TEST

START_TEST(the_owner_is_read)
{
    g_autofree char *home = live_home("<instance xmlns='https://amilaunch.example/domain/1.0' "
                                      "home='/a&amp;b'/>");
    g_autofree char *none = live_home("<instance/>");

    ck_assert_str_eq(home, "/a&b");
    ck_assert_ptr_null(none);
    ck_assert_ptr_null(live_home("?"));
}
END_TEST

#define SAVED                                                                                      \
    "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"                 \
    "<os><type machine='pc-q35-7.2'>hvm</type><loader type='pflash'>/old/code</loader>"            \
    "<nvram>/old/nvram</nvram></os><devices>"                                                      \
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"                           \
    "<source file='/old/1'><encryption format='luks'/></source>"                                   \
    "<backingStore type='file'><source file='/old/2'/><backingStore/></backingStore>"              \
    "<target dev='vdb' bus='virtio'/><alias name='ua-vol-1'/><address bus='0x01'/></disk>"         \
    "<disk type='file' device='disk'><source file='/old/3'/>"                                      \
    "<target dev='vdc' bus='virtio'/></disk>"                                                      \
    "<serial type='pty'/></devices>"                                                               \
    "<qemu:commandline><qemu:arg value='old'/></qemu:commandline></domain>"
#define FRESH(alias)                                                                               \
    "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"                             \
    "<os><type machine='q35'>hvm</type><loader type='pflash'>/new/code</loader>"                   \
    "<nvram>/new/nvram</nvram></os><devices>"                                                      \
    "<disk><source file='/new/3'/><backingStore/><target dev='vdc'/>"                              \
    "<alias name='ua-ephemeral0'/></disk>"                                                         \
    "<disk><source file='/new/1'/><backingStore><source file='/new/2'/></backingStore>"            \
    "<target dev='vda'/><alias name='" alias "'/></disk></devices>"                                \
    "<qemu:commandline><qemu:arg value='new'/></qemu:commandline></domain>"

START_TEST(a_saved_guest_gets_its_disks_present_files)
{
    g_autofree char *xml = saved_xml_rebase(SAVED, FRESH("ua-vol-1"), NULL);
    g_autoptr(GPtrArray) disks = live_disks(xml, NULL);

    ck_assert_uint_eq(disks->len, 2);
    ck_assert_str_eq(live_disk_find(disks, "ua-vol-1")->file, "/new/1");
    ck_assert_str_eq(live_disk_find(disks, "ua-vol-1")->target, "vdb");
    ck_assert_str_eq(((live_disk *)g_ptr_array_index(disks, 1))->file, "/new/3");
    ck_assert_ptr_nonnull(strstr(xml, "/new/2"));
    ck_assert_ptr_nonnull(strstr(xml, "<address bus=\"0x01\"/>"));
    ck_assert_ptr_nonnull(strstr(xml, "<qemu:arg value=\"new\"/>"));
    ck_assert_ptr_nonnull(strstr(xml, "<loader type=\"pflash\">/new/code</loader>"));
    ck_assert_ptr_nonnull(strstr(xml, "<nvram>/new/nvram</nvram>"));
    ck_assert_ptr_nonnull(strstr(xml, "pc-q35-7.2"));
    ck_assert_ptr_null(strstr(xml, "old"));
    ck_assert_ptr_null(strstr(xml, "luks"));
}
END_TEST

START_TEST(a_saved_guest_with_other_disks_is_refused)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(saved_xml_rebase(SAVED, FRESH("ua-vol-9"), &error));
    ck_assert(error_is(error, ERROR_INTERNAL));
    g_clear_error(&error);
    ck_assert_ptr_null(saved_xml_rebase(LIVE, FRESH("ua-vol-1"), &error));
    ck_assert(error_is(error, ERROR_INTERNAL));
    g_clear_error(&error);
    ck_assert_ptr_null(saved_xml_rebase("", FRESH("ua-vol-1"), &error));
    ck_assert(error_is(error, ERROR_INTERNAL));
}
END_TEST

Suite *
suite_live_xml(void)
{
    Suite *suite = suite_create("live_xml");
    TCase *tests = tcase_create("live_xml");

    tcase_add_test(tests, disks_are_found_by_alias);
    tcase_add_test(tests, a_guest_without_disks_has_some_that_are_not_known);
    tcase_add_test(tests, the_next_free_target_is_taken);
    tcase_add_test(tests, what_is_no_domain_is_refused);
    tcase_add_test(tests, the_owner_is_read);
    tcase_add_test(tests, a_saved_guest_gets_its_disks_present_files);
    tcase_add_test(tests, a_saved_guest_with_other_disks_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
