#include "common/error.h"
#include "launcher/device_name.h"
#include "tests/unit/suites.h"

static const struct {
    const char *name;
    gboolean hvm, pv;
} names[] = {
    {"/dev/sdb", TRUE, TRUE},
    {"/dev/sdz", TRUE, TRUE},
    {"sdf", TRUE, TRUE},
    {"/dev/xvdb", TRUE, FALSE},
    {"xvdf", TRUE, FALSE},
    {"/dev/xvdaa", TRUE, FALSE},
    {"/dev/xvddz", TRUE, FALSE},
    {"/dev/xvdea", FALSE, FALSE},
    {"/dev/sdaa", FALSE, FALSE},
    {"/dev/sdb1", FALSE, TRUE},
    {"/dev/sda2", FALSE, TRUE},
    {"/dev/sdb15", FALSE, TRUE},
    {"/dev/sdb16", FALSE, FALSE},
    {"/dev/sdb0", FALSE, FALSE},
    {"/dev/sdb01", FALSE, FALSE},
    {"/dev/hdc", FALSE, TRUE},
    {"/dev/hdc3", FALSE, TRUE},
    {"/dev/sda", FALSE, TRUE},
    {"/dev/xvda", FALSE, FALSE},
    {"/dev/nvme0n1", FALSE, FALSE},
    {"/dev/vda", FALSE, FALSE},
    {"/dev/sd", FALSE, FALSE},
    {"", FALSE, FALSE},
    {"/dev/", FALSE, FALSE},
    {"/dev/sdB", FALSE, FALSE},
    {"/dev/sdb ", FALSE, FALSE},
    {"/dev/../sdb", FALSE, FALSE},
    {"/dev/xvdbaa", FALSE, FALSE},
    {"/dev/sdb1x", FALSE, FALSE},
};

START_TEST(names_are_valid_or_not)
{
    g_autoptr(GError) error = NULL;
    gboolean hvm = device_name_is_valid(VIRTUALIZATION_HVM, names[_i].name);
    gboolean pv = device_name_is_valid(VIRTUALIZATION_PARAVIRTUAL, names[_i].name);

    ck_assert_msg(hvm == names[_i].hvm, "HVM '%s'", names[_i].name);
    ck_assert_msg(pv == names[_i].pv, "PV '%s'", names[_i].name);
    ck_assert_int_eq(device_name_check(VIRTUALIZATION_HVM, names[_i].name, &error), hvm);
    ck_assert(hvm || error_is(error, ERROR_PARAMETER_VALUE));
}
END_TEST

START_TEST(names_of_one_disk)
{
    static const struct {
        const char *one, *other;
        gboolean same, mixed;
    } pairs[] = {
        {"/dev/sdb", "/dev/sdb", TRUE, FALSE},     {"/dev/sdb", "/dev/xvdb", TRUE, FALSE},
        {"sdb", "/dev/xvdb", TRUE, FALSE},         {"/dev/sdb", "/dev/sdc", FALSE, FALSE},
        {"/dev/sda1", "/dev/xvda", TRUE, TRUE},    {"/dev/sda1", "/dev/sda2", FALSE, FALSE},
        {"/dev/sdc", "/dev/sdc1", TRUE, TRUE},     {"/dev/sdc1", "/dev/sdc", TRUE, TRUE},
        {"/dev/hda", "/dev/sda", FALSE, FALSE},    {"/dev/xvdb", "/dev/xvdba", FALSE, FALSE},
        {"/dev/sdb1", "/dev/sdb11", FALSE, FALSE}, {"/dev/odd", "/dev/odd", TRUE, FALSE},
        {"/dev/odd", "/dev/sdb", FALSE, FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        ck_assert_msg(device_name_same_disk(pairs[i].one, pairs[i].other) == pairs[i].same, "%s %s",
                      pairs[i].one, pairs[i].other);
        ck_assert_msg(device_name_mixed(pairs[i].one, pairs[i].other) == pairs[i].mixed, "%s %s",
                      pairs[i].one, pairs[i].other);
    }
}
END_TEST

START_TEST(names_have_an_order)
{
    static const char *const ordered[] = {
        "/dev/sda1", "/dev/sda2",  "/dev/sdb",   "/dev/xvdb",  "/dev/sdb1", "/dev/xvdc", "sdd",
        "/dev/sdz",  "/dev/xvdaa", "/dev/xvdba", "/dev/xvddz", "/dev/hda",  "/dev/odd"};

    for (guint i = 0; i < G_N_ELEMENTS(ordered); i++)
        for (guint j = 0; j < G_N_ELEMENTS(ordered); j++) {
            int order = device_name_compare(ordered[i], ordered[j]);
            ck_assert_msg((order > 0) - (order < 0) == (i > j) - (i < j), "%s %s", ordered[i],
                          ordered[j]);
        }
}
END_TEST

static void
take(GPtrArray *taken, const char *name)
{
    g_ptr_array_add(taken, g_strdup(name));
}

START_TEST(free_names_are_found)
{
    g_autoptr(GPtrArray) taken = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *first = device_name_choose(taken, 'f');
    g_autofree char *third = NULL;
    g_autofree char *none = NULL;
    char *chosen;

    ck_assert_str_eq(first, "/dev/sdf");
    take(taken, "/dev/xvdf");
    take(taken, "/dev/sdg1");
    third = device_name_choose(taken, 'f');
    ck_assert_str_eq(third, "/dev/sdh");
    while ((chosen = device_name_choose(taken, 'f')) != NULL) {
        ck_assert(device_name_is_valid(VIRTUALIZATION_HVM, chosen));
        g_ptr_array_add(taken, chosen);
    }
    ck_assert_uint_eq(taken->len, ('z' - 'f' + 1) + 3 * 26);
    ck_assert_str_eq(g_ptr_array_index(taken, taken->len - 1), "/dev/xvddz");
    none = device_name_choose(taken, 'b');
    ck_assert_str_eq(none, "/dev/sdb");
}
END_TEST

Suite *
suite_device_name(void)
{
    Suite *suite = suite_create("device_name");
    TCase *tests = tcase_create("device_name");

    tcase_add_loop_test(tests, names_are_valid_or_not, 0, G_N_ELEMENTS(names));
    tcase_add_test(tests, names_of_one_disk);
    tcase_add_test(tests, names_have_an_order);
    tcase_add_test(tests, free_names_are_found);
    suite_add_tcase(suite, tests);
    return suite;
}
