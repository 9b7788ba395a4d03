#include "common/ids.h"
#include "launcher/subnet.h"
#include "tests/unit/suites.h"

static GArray *
taken_of(guint32 from, guint32 to)
{
    GArray *taken = g_array_new(FALSE, FALSE, sizeof(guint32));

    for (guint32 address = from; address <= to; address++)
        g_array_append_val(taken, address);
    return taken;
}

START_TEST(an_address_has_its_names)
{
    g_autofree char *text = subnet_text(SUBNET_FIRST);
    g_autofree char *mac = subnet_mac(SUBNET_FIRST);
    g_autofree char *name = subnet_host_name(SUBNET_FIRST, "us-east-1");
    g_autofree char *other = subnet_host_name(SUBNET_LAST, "eu-west-1");

    ck_assert_str_eq(text, "172.31.0.4");
    ck_assert_str_eq(mac, "0a:00:ac:1f:00:04");
    ck_assert_str_eq(name, "ip-172-31-0-4.ec2.internal");
    ck_assert_str_eq(other, "ip-172-31-15-253.eu-west-1.compute.internal");
}
END_TEST

START_TEST(a_free_address_is_chosen)
{
    g_autoptr(GArray) none = taken_of(1, 0);
    g_autoptr(GArray) all_but_last = taken_of(SUBNET_FIRST, SUBNET_LAST - 1);
    g_autoptr(GArray) all_but_first = taken_of(SUBNET_FIRST + 1, SUBNET_LAST);

    ck_assert_uint_eq(subnet_choose(none, 0), SUBNET_FIRST);
    ck_assert_uint_eq(subnet_choose(none, SUBNET_LAST - SUBNET_FIRST), SUBNET_LAST);
    ck_assert_uint_eq(subnet_choose(all_but_last, 0), SUBNET_LAST);
    ck_assert_uint_eq(subnet_choose(all_but_first, 77), SUBNET_FIRST);
}
END_TEST

START_TEST(a_full_subnet_has_none)
{
    g_autoptr(GArray) all = taken_of(SUBNET_FIRST, SUBNET_LAST);

    ck_assert_uint_eq(subnet_choose(all, 12345), 0);
}
END_TEST

START_TEST(ids_are_an_account_s_in_a_region)
{
    g_autofree char *subnet = subnet_id("123456789012", "us-east-1");
    g_autofree char *again = subnet_id("123456789012", "us-east-1");
    g_autofree char *elsewhere = subnet_id("123456789012", "eu-west-1");
    g_autofree char *vpc = subnet_vpc_id("123456789012", "us-east-1");
    g_autofree char *group = subnet_group_id("123456789012", "us-east-1");

    ck_assert(id_is("subnet", subnet) && id_is("vpc", vpc) && id_is("sg", group));
    ck_assert_str_eq(subnet, again);
    ck_assert_str_ne(subnet, elsewhere);
}
END_TEST

Suite *
suite_subnet(void)
{
    Suite *suite = suite_create("subnet");
    TCase *tests = tcase_create("subnet");

    tcase_add_test(tests, an_address_has_its_names);
    tcase_add_test(tests, a_free_address_is_chosen);
    tcase_add_test(tests, a_full_subnet_has_none);
    tcase_add_test(tests, ids_are_an_account_s_in_a_region);
    suite_add_tcase(suite, tests);
    return suite;
}
