#include "net/flow.h"
#include "tests/unit/suites.h"

#define PEER 0x08080808u

static frame
segment(guint16 port, guint32 sequence, gsize length)
{
    return (frame){.destination = PEER,
                   .source_port = port,
                   .destination_port = 80,
                   .sequence = sequence,
                   .data_length = length};
}

static gboolean
sends(flow_table *self, guint16 port, guint32 sequence, gsize length)
{
    frame what = segment(port, sequence, length);

    return flow_admit(self, &what);
}

static void
acknowledge(flow_table *self, guint16 port, guint32 acknowledged, gboolean reset)
{
    frame what = {.source = PEER,
                  .source_port = 80,
                  .destination_port = port,
                  .acknowledged = acknowledged,
                  .is_reset = reset};

    flow_acknowledge(self, &what);
}

START_TEST(who_is_acknowledged_goes_on_for_ever)
{
    g_autoptr(flow_table) self = flow_table_new();
    guint32 sequence = 0xffff0000u;

    for (guint i = 0; i < 100000; i++) {
        ck_assert(sends(self, 1, sequence, 1460));
        ck_assert(sends(self, 1, sequence + 1460, 1460));
        acknowledge(self, 1, sequence + 1460, FALSE);
        sequence += 2920;
        acknowledge(self, 1, sequence, FALSE);
        ck_assert_uint_eq(flow_waiting(self), 0);
    }
}
END_TEST

START_TEST(a_window_that_moves_is_no_gap)
{
    g_autoptr(flow_table) self = flow_table_new();

    for (guint32 i = 0; i < 10000; i++) {
        ck_assert(sends(self, 1, 1460 * i, 1460));
        if (i >= 40)
            acknowledge(self, 1, 1460 * (i - 40), FALSE);
        ck_assert_uint_le(flow_waiting(self), 42);
    }
}
END_TEST

START_TEST(gaps_are_bounded_though_some_is_acknowledged)
{
    g_autoptr(flow_table) self = flow_table_new();
    guint admitted = 0;

    ck_assert(sends(self, 1, 0, 1));
    for (guint32 i = 1; i < 60000; i++) {
        admitted += sends(self, 1, 1000 + i * 2, 1);
        acknowledge(self, 1, i / 100, FALSE);
    }
    ck_assert_uint_le(admitted, FLOW_SEGMENTS_MOST);
    ck_assert_uint_le(flow_waiting(self), FLOW_SEGMENTS_MOST);
}
END_TEST

START_TEST(numbers_can_not_be_driven_around)
{
    g_autoptr(flow_table) self = flow_table_new();

    ck_assert(sends(self, 1, 0, 1));
    ck_assert(sends(self, 1, 100, 1));
    for (guint32 ahead = FLOW_BYTES_MOST + 1; ahead < 0x7fff0000u; ahead += 0x100000)
        ck_assert(!sends(self, 1, ahead, 1));
    acknowledge(self, 1, 1, FALSE);
    ck_assert_uint_eq(flow_waiting(self), 2);
}
END_TEST

START_TEST(all_connections_together_are_bounded)
{
    g_autoptr(flow_table) self = flow_table_new();

    for (guint16 port = 1; port < 60000; port++)
        for (guint32 i = 0; i < 20; i++)
            sends(self, port, i * 2, 1);
    ck_assert_uint_eq(flow_waiting(self), FLOW_ALL_SEGMENTS_MOST);
    for (guint16 port = 1; port < 60000; port++)
        acknowledge(self, port, 0, TRUE);
    ck_assert_uint_eq(flow_waiting(self), 0);
    ck_assert(sends(self, 7, 123456789, 1));
}
END_TEST

START_TEST(a_new_connection_begins_anew)
{
    g_autoptr(flow_table) self = flow_table_new();
    frame taken = {
        .source = PEER, .source_port = 80, .destination_port = 1, .acknowledged = 0x80000001u};

    ck_assert(sends(self, 1, 0, 1));
    ck_assert(!sends(self, 1, 0x40000000u, 1));
    taken.has_syn = TRUE;
    flow_acknowledge(self, &taken);
    ck_assert_uint_eq(flow_waiting(self), 0);
    ck_assert(sends(self, 1, 0x80000001u, 1));
}
END_TEST

START_TEST(what_the_guest_says_ends_nothing)
{
    g_autoptr(flow_table) self = flow_table_new();
    frame opening = segment(1, 0x80000000u, 0), reset = opening;

    ck_assert(sends(self, 1, 0, 1));
    opening.is_opening = opening.has_syn = TRUE;
    reset.is_reset = TRUE;
    ck_assert(flow_admit(self, &opening) && flow_admit(self, &reset));
    ck_assert_uint_eq(flow_waiting(self), 1);
    flow_end(self, &reset);
    ck_assert_uint_eq(flow_waiting(self), 0);
    flow_end(self, &reset);
}
END_TEST

START_TEST(what_carries_nothing_is_free)
{
    g_autoptr(flow_table) self = flow_table_new();

    for (guint i = 0; i < FLOW_SEGMENTS_MOST * 2; i++)
        ck_assert(sends(self, 1, i * 0x01000193u, 0));
    ck_assert_uint_eq(flow_waiting(self), 0);
}
END_TEST

Suite *
suite_flow(void)
{
    Suite *suite = suite_create("flow");
    TCase *all = tcase_create("flow");

    suite_add_tcase(suite, all);
    tcase_add_test(all, who_is_acknowledged_goes_on_for_ever);
    tcase_add_test(all, a_window_that_moves_is_no_gap);
    tcase_add_test(all, gaps_are_bounded_though_some_is_acknowledged);
    tcase_add_test(all, numbers_can_not_be_driven_around);
    tcase_add_test(all, all_connections_together_are_bounded);
    tcase_add_test(all, a_new_connection_begins_anew);
    tcase_add_test(all, what_the_guest_says_ends_nothing);
    tcase_add_test(all, what_carries_nothing_is_free);
    return suite;
}
