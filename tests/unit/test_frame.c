#include "launcher/subnet.h"
#include "net/arp.h"
#include "net/verdict.h"
#include "tests/unit/phony_frame.h"
#include "tests/unit/suites.h"

#include <string.h>

#define MINE (SUBNET_FIRST + 1)
#define PEER (SUBNET_FIRST + 2)
#define STRANGE (SUBNET_FIRST + 3)
#define OUTSIDE 0x08080808u

static const station me = {MINE, {0x0a, 0, 0xac, 0x1f, 0, 5}};
static const station peer = {PEER, {0x0a, 0, 0xac, 0x1f, 0, 6}};
static const guint8 all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static const station *
find(guint32 address, gpointer data G_GNUC_UNUSED)
{
    return address == MINE ? &me : address == PEER ? &peer : NULL;
}

static verdict
judge(const phony_frame *sent)
{
    frame what;

    if (!frame_read(sent->bytes, sent->length, &what))
        return (verdict){VERDICT_DROP, NULL};
    return verdict_of(&what, sent->length, &me, find, NULL);
}

/* A packet of ours to the gateway's MAC. */
static phony_frame
packet_to(guint32 destination, guint8 protocol, guint16 port)
{
    phony_frame sent;

    put_packet(&sent, &(phony_packet){.to = gateway_mac,
                                      .from = me.mac,
                                      .source = MINE,
                                      .destination = destination,
                                      .protocol = protocol,
                                      .source_port = 40000,
                                      .destination_port = port,
                                      .length = 11});
    return sent;
}

static verdict_kind
judge_to(guint32 destination, guint8 protocol, guint16 port)
{
    phony_frame sent = packet_to(destination, protocol, port);

    return judge(&sent).kind;
}

START_TEST(a_packet_is_read)
{
    phony_frame sent = packet_to(OUTSIDE, PROTOCOL_TCP, 443);
    frame what;

    ck_assert(frame_read(sent.bytes, sent.length, &what));
    ck_assert_int_eq(what.kind, FRAME_IPV4);
    ck_assert_uint_eq(what.source, MINE);
    ck_assert_uint_eq(what.destination, OUTSIDE);
    ck_assert(what.has_head && what.is_opening && !what.is_fragment && !what.has_options);
    ck_assert_uint_eq(what.destination_port, 443);
    ck_assert_uint_eq(what.end, sent.length);
}
END_TEST

START_TEST(a_packet_that_is_cut_is_none)
{
    phony_frame sent = packet_to(OUTSIDE, PROTOCOL_UDP, 53);
    frame what;

    for (gsize length = 0; length < sent.length; length++)
        ck_assert(!frame_read(sent.bytes, length, &what));
}
END_TEST

START_TEST(lengths_that_lie_are_seen)
{
    phony_frame sent = packet_to(OUTSIDE, PROTOCOL_TCP, 80);
    frame what;

    sent.bytes[14] = 0x44;
    ck_assert(!frame_read(sent.bytes, sent.length, &what));
    sent.bytes[14] = 0x4f;
    ck_assert(!frame_read(sent.bytes, sent.length, &what));
    sent.bytes[14] = 0x65;
    ck_assert(!frame_read(sent.bytes, sent.length, &what));
    sent.bytes[14] = 0x45;
    sent.bytes[14 + 20 + 12] = 15 << 4;
    ck_assert(frame_read(sent.bytes, sent.length, &what) && !what.has_head);
    sent.bytes[14 + 20 + 12] = 4 << 4;
    ck_assert(frame_read(sent.bytes, sent.length, &what) && !what.has_head);
    sent = packet_to(OUTSIDE, PROTOCOL_UDP, 80);
    frame_put16(sent.bytes + 14 + 20 + 4, 20);
    ck_assert(frame_read(sent.bytes, sent.length, &what) && !what.has_head);
}
END_TEST

START_TEST(another_address_keeps_checksums_right)
{
    for (guint32 i = 0; i < 300; i++) {
        phony_frame sent = packet_to(IMDS_ADDRESS, PROTOCOL_TCP, 80);
        frame what;
        frame_put32(sent.bytes + 14 + 20 + 4, i * 0x9e3779b1u);
        mend_packet(&sent);
        ck_assert(frame_read(sent.bytes, sent.length, &what));
        frame_set_destination(sent.bytes, &what, SUBNET_SPARE + i * 0x01010101u);
        frame_set_source(sent.bytes, &what, i == 0 ? 0 : 0xffffffffu - i);
        ck_assert(checksums_are_right(sent.bytes, sent.length));
    }
}
END_TEST

START_TEST(what_is_outside_is_let_out)
{
    ck_assert_int_eq(judge_to(OUTSIDE, PROTOCOL_TCP, 443), VERDICT_OUTSIDE);
    ck_assert_int_eq(judge_to(OUTSIDE, PROTOCOL_UDP, 67), VERDICT_OUTSIDE);
    ck_assert_int_eq(judge_to(OUTSIDE, PROTOCOL_ICMP, 0), VERDICT_OUTSIDE);
    ck_assert_int_eq(judge_to(0xc0a80101u, PROTOCOL_TCP, 22), VERDICT_OUTSIDE);
    ck_assert_int_eq(judge_to(SUBNET_NETWORK + 0x1000, PROTOCOL_TCP, 22), VERDICT_OUTSIDE);
    ck_assert_int_eq(judge_to(SUBNET_GATEWAY, PROTOCOL_ICMP, 0), VERDICT_OUTSIDE);
    ck_assert_int_eq(judge_to(SUBNET_DNS, PROTOCOL_UDP, 53), VERDICT_OUTSIDE);
    ck_assert_int_eq(judge_to(SUBNET_DNS, PROTOCOL_TCP, 53), VERDICT_OUTSIDE);
    ck_assert_int_eq(judge_to(IMDS_ADDRESS, PROTOCOL_TCP, 80), VERDICT_METADATA);
}
END_TEST

/* What a published port's connections send back. */
START_TEST(the_gateway_gets_answers)
{
    phony_frame sent = packet_to(SUBNET_GATEWAY, PROTOCOL_TCP, 50000);

    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    sent.bytes[14 + 20 + 13] = 0x12; /* SYN and ACK */
    mend_packet(&sent);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_OUTSIDE);
    sent.bytes[14 + 20 + 13] = 0x10;
    mend_packet(&sent);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_OUTSIDE);
}
END_TEST

START_TEST(the_host_is_out_of_reach)
{
    static const guint32 never[] = {
        0,
        0x00000001u,
        0x7f000001u,
        0x7fffffffu,
        0xa9fe0001u,
        IMDS_ADDRESS - 1,
        0xa9feaa02u,
        0xe0000001u,
        0xefffffffu,
        0xf0000000u,
        0xffffffffu,
        SUBNET_NETWORK,
        SUBNET_NETWORK + 3,
        STRANGE,
        SUBNET_LAST,
        SUBNET_SPARE,
        SUBNET_SPARE + 1,
        MINE,
    };

    for (gsize i = 0; i < G_N_ELEMENTS(never); i++)
        for (guint protocol = 0; protocol < 256; protocol++)
            ck_assert_int_eq(judge_to(never[i], (guint8)protocol, 80), VERDICT_DROP);
}
END_TEST

START_TEST(servers_of_the_subnet_serve_one_thing)
{
    for (guint port = 0; port < 65536; port++) {
        ck_assert_int_eq(judge_to(SUBNET_GATEWAY, PROTOCOL_TCP, (guint16)port), VERDICT_DROP);
        ck_assert_int_eq(judge_to(SUBNET_GATEWAY, PROTOCOL_UDP, (guint16)port), VERDICT_DROP);
        ck_assert_int_eq(judge_to(IMDS_ADDRESS, PROTOCOL_UDP, (guint16)port), VERDICT_DROP);
        if (port != 80)
            ck_assert_int_eq(judge_to(IMDS_ADDRESS, PROTOCOL_TCP, (guint16)port), VERDICT_DROP);
        if (port != 53)
            ck_assert_int_eq(judge_to(SUBNET_DNS, PROTOCOL_UDP, (guint16)port), VERDICT_DROP);
    }
    ck_assert_int_eq(judge_to(IMDS_ADDRESS, PROTOCOL_ICMP, 0), VERDICT_DROP);
    ck_assert_int_eq(judge_to(OUTSIDE, 47, 0), VERDICT_DROP);
}
END_TEST

START_TEST(a_forged_sender_is_dropped)
{
    phony_frame sent = packet_to(OUTSIDE, PROTOCOL_TCP, 443);

    sent.bytes[11] ^= 1;
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    sent = packet_to(OUTSIDE, PROTOCOL_TCP, 443);
    frame_put32(sent.bytes + 14 + 12, PEER);
    mend_packet(&sent);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    sent = packet_to(OUTSIDE, PROTOCOL_TCP, 443);
    frame_put32(sent.bytes + 14 + 12, 0);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
}
END_TEST

START_TEST(fragments_and_options_stay_in_the_subnet)
{
    phony_frame sent = packet_to(OUTSIDE, PROTOCOL_UDP, 5000);

    frame_put16(sent.bytes + 14 + 6, 0x4000);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_OUTSIDE);
    frame_put16(sent.bytes + 14 + 6, 0x2000);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    frame_put16(sent.bytes + 14 + 6, 3);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    sent = packet_to(OUTSIDE, PROTOCOL_UDP, 5000);
    sent.bytes[14] = 0x46;
    frame_put16(sent.bytes + 14 + 24 + 4, 8);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    sent = packet_to(IMDS_ADDRESS, PROTOCOL_TCP, 80);
    frame_put16(sent.bytes + 14 + 6, 0x2000);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    sent = packet_to(PEER, PROTOCOL_UDP, 5000);
    memcpy(sent.bytes, peer.mac, 6);
    frame_put16(sent.bytes + 14 + 6, 0x2000);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_PEER);
}
END_TEST

START_TEST(a_peer_is_reached_by_its_own_mac)
{
    phony_frame sent = packet_to(PEER, PROTOCOL_TCP, 80);

    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    memcpy(sent.bytes, all, 6);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    memcpy(sent.bytes, peer.mac, 6);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_PEER);
    ck_assert_ptr_eq(judge(&sent).who, &peer);
    sent = packet_to(OUTSIDE, PROTOCOL_TCP, 80);
    memcpy(sent.bytes, peer.mac, 6);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    memcpy(sent.bytes, all, 6);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
}
END_TEST

START_TEST(a_frame_that_is_too_long_is_dropped)
{
    phony_frame sent;
    phony_packet what = {.to = peer.mac,
                         .from = me.mac,
                         .source = MINE,
                         .destination = PEER,
                         .protocol = PROTOCOL_UDP,
                         .length = 1472};

    put_packet(&sent, &what);
    ck_assert_uint_eq(sent.length, FRAME_MOST);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_PEER);
    what.length++;
    put_packet(&sent, &what);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
}
END_TEST

START_TEST(other_protocols_are_no_frames)
{
    static const guint16 types[] = {0x86dd, 0x8100, 0x88a8, 0x88f8, 0x0842, 0, 46, 0xffff};
    phony_frame sent = packet_to(OUTSIDE, PROTOCOL_TCP, 80);
    frame what;

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        frame_put16(sent.bytes + 12, types[i]);
        ck_assert(!frame_read(sent.bytes, sent.length, &what));
    }
}
END_TEST

static verdict
judge_arp(guint32 sender, guint32 target)
{
    phony_frame sent;

    put_arp_request(&sent, me.mac, sender, target);
    return judge(&sent);
}

START_TEST(known_addresses_are_told_by_arp)
{
    static const guint32 known[] = {SUBNET_GATEWAY, SUBNET_DNS, IMDS_ADDRESS, PEER};
    static const guint32 unknown[] = {MINE, STRANGE, SUBNET_SPARE, OUTSIDE, 0, 0x7f000001u};

    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        ck_assert_int_eq(judge_arp(MINE, known[i]).kind, VERDICT_ARP);
        ck_assert_int_eq(judge_arp(0, known[i]).kind, VERDICT_ARP);
        ck_assert_int_eq(judge_arp(PEER, known[i]).kind, VERDICT_DROP);
    }
    ck_assert_ptr_eq(judge_arp(MINE, PEER).who, &peer);
    for (gsize i = 0; i < G_N_ELEMENTS(unknown); i++)
        ck_assert_int_eq(judge_arp(MINE, unknown[i]).kind, VERDICT_DROP);
}
END_TEST

START_TEST(arp_that_forges_is_dropped)
{
    phony_frame sent;

    put_arp_request(&sent, me.mac, MINE, PEER);
    memcpy(sent.bytes + 14 + 8, peer.mac, 6);
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    put_arp_request(&sent, me.mac, MINE, PEER);
    sent.bytes[14 + 7] = ARP_REPLY;
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    put_arp_request(&sent, me.mac, MINE, PEER);
    sent.bytes[14 + 4] = 16;
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
    put_arp_request(&sent, me.mac, MINE, PEER);
    sent.length = FRAME_ARP_SIZE - 1;
    ck_assert_int_eq(judge(&sent).kind, VERDICT_DROP);
}
END_TEST

START_TEST(an_answer_to_arp)
{
    phony_frame sent;
    guint8 answer[FRAME_ARP_SIZE];
    frame asked, what;

    put_arp_request(&sent, me.mac, MINE, PEER);
    ck_assert(frame_read(sent.bytes, sent.length, &asked));
    arp_answer(&asked, peer.mac, answer);
    ck_assert(frame_read(answer, sizeof answer, &what));
    ck_assert_mem_eq(what.to, me.mac, 6);
    ck_assert_mem_eq(what.from, peer.mac, 6);
    ck_assert_mem_eq(what.sender_mac, peer.mac, 6);
    ck_assert_int_eq(what.operation, ARP_REPLY);
    ck_assert_uint_eq(what.source, PEER);
    ck_assert_uint_eq(what.destination, MINE);
    ck_assert_mem_eq(answer + 14 + 18, me.mac, 6);
}
END_TEST

Suite *
suite_frame(void)
{
    Suite *suite = suite_create("frame");
    TCase *all_of_them = tcase_create("frame");

    suite_add_tcase(suite, all_of_them);
    tcase_add_test(all_of_them, a_packet_is_read);
    tcase_add_test(all_of_them, a_packet_that_is_cut_is_none);
    tcase_add_test(all_of_them, lengths_that_lie_are_seen);
    tcase_add_test(all_of_them, another_address_keeps_checksums_right);
    tcase_add_test(all_of_them, what_is_outside_is_let_out);
    tcase_add_test(all_of_them, the_host_is_out_of_reach);
    tcase_add_test(all_of_them, the_gateway_gets_answers);
    tcase_add_test(all_of_them, servers_of_the_subnet_serve_one_thing);
    tcase_add_test(all_of_them, a_forged_sender_is_dropped);
    tcase_add_test(all_of_them, fragments_and_options_stay_in_the_subnet);
    tcase_add_test(all_of_them, a_peer_is_reached_by_its_own_mac);
    tcase_add_test(all_of_them, a_frame_that_is_too_long_is_dropped);
    tcase_add_test(all_of_them, other_protocols_are_no_frames);
    tcase_add_test(all_of_them, known_addresses_are_told_by_arp);
    tcase_add_test(all_of_them, arp_that_forges_is_dropped);
    tcase_add_test(all_of_them, an_answer_to_arp);
    return suite;
}
