#include "common/distance.h"
#include "common/files.h"
#include "conf/types.h"
#include "tests/unit/suites.h"

#include <glib/gstdio.h>
#include <string.h>

static instance_types *types;

static void
load_types(void)
{
    settings none = {.instance_types = NULL};
    g_autofree char *path = instance_types_path(&none);
    g_autoptr(GError) error = NULL;

    types = instance_types_load(path, &error);
    ck_assert_msg(types != NULL, "%s", error != NULL ? error->message : "");
}

static void
free_types(void)
{
    g_clear_pointer(&types, instance_types_free);
}

static const instance_type *
find(const char *name)
{
    g_autoptr(GError) error = NULL;
    const instance_type *type = instance_types_find(types, name, &error);

    ck_assert_msg(type != NULL, "%s", error != NULL ? error->message : "");
    return type;
}

START_TEST(all_types_load)
{
    ck_assert_uint_eq(instance_types_count(types), 970);
    for (guint i = 0; i < instance_types_count(types); i++) {
        const instance_type *type = instance_types_at(types, i);
        ck_assert_ptr_eq(find(type->name), type);
        ck_assert(g_str_has_prefix(type->name, type->family));
    }
}
END_TEST

START_TEST(the_old_ones_are_as_they_were)
{
    const instance_type *medium = find("m3.medium"), *c1 = find("c1.medium");
    const instance_type *hi1 = find("hi1.4xlarge"), *hs1 = find("hs1.8xlarge");

    ck_assert_uint_eq(medium->vcpus, 1);
    ck_assert_uint_eq(medium->memory_mib, 3840);
    ck_assert_uint_eq(medium->architectures, ARCHITECTURE_X86_64);
    ck_assert_uint_eq(medium->virtualization, TYPE_HVM | TYPE_PARAVIRTUAL);
    ck_assert_uint_eq(medium->roots, TYPE_ROOT_EBS | TYPE_ROOT_INSTANCE_STORE);
    ck_assert_uint_eq(medium->boot_modes, BOOT_MODE_LEGACY_BIOS);
    ck_assert_int_eq(medium->hypervisor, HYPERVISOR_XEN);
    ck_assert(!medium->bare_metal && !medium->current_generation && medium->hibernation);
    ck_assert_uint_eq(medium->store_count, 1);
    ck_assert_uint_eq(medium->store_gb, 4);
    ck_assert(medium->store_ssd && !medium->store_nvme);
    ck_assert_uint_eq(medium->swap_mb, 0);
    ck_assert_uint_eq(medium->max_ebs, 39);

    ck_assert_uint_eq(c1->architectures, ARCHITECTURE_I386 | ARCHITECTURE_X86_64);
    ck_assert_uint_eq(c1->swap_mb, 900);
    ck_assert_uint_eq(c1->store_gb, 350);
    ck_assert(!c1->store_ssd);
    ck_assert_uint_eq(find("m1.small")->swap_mb, 900);
    ck_assert(c1->store_formatted && medium->store_formatted);
    ck_assert(!find("i2.xlarge")->store_formatted && !find("d2.xlarge")->store_formatted);
    ck_assert_uint_eq(find("t1.micro")->roots, TYPE_ROOT_EBS);

    ck_assert_uint_eq(hi1->memory_mib, 61952);
    ck_assert_uint_eq(hi1->store_count * hi1->store_gb, 2048);
    ck_assert_uint_eq(hs1->memory_mib, 119808);
    ck_assert_uint_eq(hs1->store_count, 24);
    ck_assert(hs1->virtualization & TYPE_PARAVIRTUAL);
}
END_TEST

START_TEST(the_new_ones_are_as_they_are)
{
    const instance_type *large = find("c5d.large"), *metal = find("c5.metal");

    ck_assert_int_eq(large->hypervisor, HYPERVISOR_NITRO);
    ck_assert_uint_eq(large->virtualization, TYPE_HVM);
    ck_assert_uint_eq(large->boot_modes, BOOT_MODE_LEGACY_BIOS | BOOT_MODE_UEFI);
    ck_assert_uint_eq(large->roots, TYPE_ROOT_EBS);
    ck_assert(large->store_ssd && large->store_nvme);
    ck_assert(find("c5a.large")->current_generation);
    ck_assert(metal->bare_metal);
    ck_assert_int_eq(metal->hypervisor, HYPERVISOR_NONE);
    ck_assert(!find("d3.xlarge")->store_ssd && find("d3.xlarge")->store_nvme);
    ck_assert_uint_eq(find("u7in-32tb.224xlarge")->memory_mib, 32 * 1024 * 1024);
}
END_TEST

START_TEST(a_family_is_its_smallest)
{
    static const char *const smallest[][2] = {{"m3", "m3.medium"},
                                              {"t1", "t1.micro"},
                                              {"t2", "t2.nano"},
                                              {"m1", "m1.small"},
                                              {"c1", "c1.medium"},
                                              {"t3", "t3.nano"},
                                              {"m5", "m5.large"},
                                              {"hi1", "hi1.4xlarge"},
                                              {"c7i-flex", "c7i-flex.large"},
                                              {"d3en", "d3en.xlarge"},
                                              {"u7i-12tb", "u7i-12tb.224xlarge"}};

    for (guint i = 0; i < G_N_ELEMENTS(smallest); i++)
        ck_assert_str_eq(find(smallest[i][0])->name, smallest[i][1]);
}
END_TEST

/* The place of NAME in the order of the list. */
static guint
place(const char *name)
{
    const instance_type *type = find(name);
    guint i = 0;

    while (instance_types_at(types, i) != type)
        i++;
    return i;
}

START_TEST(the_order_is_natural)
{
    static const char *const ordered[] = {
        "c1.medium",   "c5.large", "c5.2xlarge",        "c5.12xlarge",
        "c5.24xlarge", "c5.metal", "c5a.large",         "m3.medium",
        "m3.large",    "t3.nano",  "t3.micro",          "t3.small",
        "t3.medium",   "t3.large", "u7i-6tb.112xlarge", "u7i-12tb.224xlarge"};

    for (guint i = 1; i < G_N_ELEMENTS(ordered); i++)
        ck_assert_msg(place(ordered[i - 1]) < place(ordered[i]), "%s", ordered[i]);
}
END_TEST

START_TEST(an_unknown_type_gets_a_hint)
{
    static const char *const asked[][2] = {
        {"m9.foo", "Invalid value 'm9.foo' for InstanceType. 'amilaunch type ls' lists them."},
        {"m3.huge", "Invalid value 'm3.huge' for InstanceType. "
                    "The sizes of m3 are medium, large, xlarge, 2xlarge."},
        {"M3.Medium", "Invalid value 'M3.Medium' for InstanceType. "
                      "The sizes of m3 are medium, large, xlarge, 2xlarge."},
        {"m33.medium", "Invalid value 'm33.medium' for InstanceType. Did you mean m3.medium?"},
        {"m3medium", "Invalid value 'm3medium' for InstanceType. Did you mean m3.medium?"},
        {"", "Invalid value '' for InstanceType. 'amilaunch type ls' lists them."},
        {".", "Invalid value '.' for InstanceType. 'amilaunch type ls' lists them."}};

    for (guint i = 0; i < G_N_ELEMENTS(asked); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_ptr_null(instance_types_find(types, asked[i][0], &error));
        ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
        ck_assert_str_eq(error->message, asked[i][1]);
    }
}
END_TEST

START_TEST(distances)
{
    ck_assert_uint_eq(edit_distance("", ""), 0);
    ck_assert_uint_eq(edit_distance("", "abc"), 3);
    ck_assert_uint_eq(edit_distance("abc", ""), 3);
    ck_assert_uint_eq(edit_distance("kitten", "sitting"), 3);
    ck_assert_uint_eq(edit_distance("m3.large", "m3.large"), 0);
    ck_assert_uint_eq(edit_distance("rnu", "run"), 1);
    ck_assert_uint_eq(edit_distance("ab", "ba"), 1);
    ck_assert_uint_eq(edit_distance("abcd", "badc"), 2);
}
END_TEST

#define GOOD "name = \"a1.b\"; vcpus = 1; memory = 1; max_ebs = 1; "

static const struct {
    const char *text, *complaint;
} wrong[] = {
    {"", ":1: types is missing here"},
    {"types = 1;", ":1: types can't be 1; it is a list of groups, ( {...}, {...} )"},
    {"types = [ 1 ];", ":1: types can't be an array [...]; it is a list of groups"},
    {"types = (\n 1 );", ":2: types can't be 1; it is a list of groups"},
    {"kinds = ();", ":1: there is no setting kinds here; there are types"},
    {"types = (\n\n { name = \"a1.b\"; vcpus = 1; memory = 1; } );", ":3: max_ebs is missing here"},
    {"types = ( { " GOOD "},\n { " GOOD "} );",
     ":2: the type a1.b is here twice; each is allowed once"},
    {"types = ( { name = \"a1\"; } );",
     ":1: name can't be \"a1\"; it is FAMILY.SIZE in lower-case"},
    {"types = ( { name = \".b\"; } );", ":1: name can't be \".b\""},
    {"types = ( { name = \"a1.\"; } );", ":1: name can't be \"a1.\""},
    {"types = ( { name = \"a1.b.c\"; } );", ":1: name can't be \"a1.b.c\""},
    {"types = ( { vcpus = 0; } );", ":1: vcpus can't be 0; it is a whole number from 1 to 65536"},
    {"types = ( { memory = -1; } );", ":1: memory can't be -1; it is a whole number of MiB from 1"},
    {"types = ( {\nstore = \"1x4\"; } );",
     ":2: store can't be \"1x4\"; it is COUNTxGB, ssd or hdd"},
    {"types = ( { store = \"0x4 ssd\"; } );", ":1: store can't be"},
    {"types = ( { store = \"1x99999999999 ssd\"; } );", ":1: store can't be"},
    {"types = ( { store = \"1x4 ssd nvm\"; } );", ":1: store can't be"},
    {"types = ( { store = \"-1x4 ssd\"; } );", ":1: store can't be"},
    {"types = ( { hypervisor = \"kvm\"; } );",
     ":1: hypervisor can't be \"kvm\"; it is one of \"nitro\", \"xen\", \"none\""},
    {"types = ( { architectures = \"i386\"; } );",
     ":1: architectures can't be \"i386\"; it is an array [...] with some of \"i386\", \"x86_64\", "
     "\"arm64\""},
    {"types = ( { architectures = []; } );", ":1: architectures can't be an array [...]; it is"},
    {"types = ( { roots = [\"ebs\", \"usb\"]; } );", ":1: roots can't be an array [...]; it is"},
    {"types = ( { roots = [1]; } );", ":1: roots can't be an array [...]; it is"},
    {"types = ( { hibernation = \"yes\"; } );",
     ":1: hibernation can't be \"yes\"; it is true or false"},
    {"types = ( { name = \"a1.b\";\n colour = 1; } );", ":2: there is no setting colour here"},
};

START_TEST(what_is_wrong_is_said_with_its_line)
{
    g_autofree char *folder = g_dir_make_tmp("amilaunch-types-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "types.conf", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(g_file_set_contents(path, wrong[_i].text, -1, NULL));
    ck_assert_ptr_null(instance_types_load(path, &error));
    ck_assert(folder_remove(folder, NULL));
    ck_assert(error_is(error, ERROR_CONFIG));
    ck_assert_msg(g_str_has_prefix(error->message, path), "%s", error->message);
    ck_assert_msg(strstr(error->message, wrong[_i].complaint) != NULL, "%s\nis not about: %s",
                  error->message, wrong[_i].complaint);
}
END_TEST

START_TEST(the_settings_name_the_file_first)
{
    settings mine = {.instance_types = (char *)"/mine.conf"};
    settings none = {.instance_types = NULL};
    g_autofree char *before = g_strdup(g_getenv("AMILAUNCH_DATADIR"));
    g_autofree char *first = instance_types_path(&mine);
    g_autofree char *second = NULL;
    g_autofree char *last = NULL;

    g_setenv("AMILAUNCH_DATADIR", "/data", TRUE);
    second = instance_types_path(&none);
    g_setenv("AMILAUNCH_DATADIR", "", TRUE);
    last = instance_types_path(&none);
    if (before != NULL)
        g_setenv("AMILAUNCH_DATADIR", before, TRUE);
    ck_assert_str_eq(first, "/mine.conf");
    ck_assert_str_eq(second, "/data/instance-types.conf");
    ck_assert_str_eq(last, PKGDATADIR "/instance-types.conf");
}
END_TEST

Suite *
suite_types(void)
{
    Suite *suite = suite_create("types");
    TCase *shipped = tcase_create("shipped");
    TCase *checks = tcase_create("checks");

    tcase_add_checked_fixture(shipped, load_types, free_types);
    tcase_add_test(shipped, all_types_load);
    tcase_add_test(shipped, the_old_ones_are_as_they_were);
    tcase_add_test(shipped, the_new_ones_are_as_they_are);
    tcase_add_test(shipped, a_family_is_its_smallest);
    tcase_add_test(shipped, the_order_is_natural);
    tcase_add_test(shipped, an_unknown_type_gets_a_hint);
    suite_add_tcase(suite, shipped);
    tcase_add_test(checks, distances);
    tcase_add_loop_test(checks, what_is_wrong_is_said_with_its_line, 0, G_N_ELEMENTS(wrong));
    tcase_add_test(checks, the_settings_name_the_file_first);
    suite_add_tcase(suite, checks);
    return suite;
}
