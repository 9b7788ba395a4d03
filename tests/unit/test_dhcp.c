#include "launcher/subnet.h"
#include "net/dhcp.h"
#include "net/verdict.h"
#include "tests/unit/phony_frame.h"
#include "tests/unit/suites.h"

#include <string.h>

#define MINE (SUBNET_FIRST + 1)
#define MESSAGE (14 + 20 + 8)
#define DISCOVER 1
#define OFFER 2
#define REQUEST 3
#define DECLINE 4
#define ACK 5
#define NAK 6
#define RELEASE 7
#define INFORM 8

static const dhcp_lease lease = {
    MINE, {0x0a, 0, 0xac, 0x1f, 0, 5}, "ip-172-31-0-5", "eu-west-1.compute.internal"};
static const guint8 all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

typedef struct {
    guint8 bytes[FRAME_MOST];
    gsize length;
} reply;

static reply
answer_frame(const phony_frame *sent)
{
    reply got;
    frame what;

    ck_assert(frame_read(sent->bytes, sent->length, &what));
    got.length = dhcp_answer(sent->bytes, &what, &lease, got.bytes);
    ck_assert(got.length == 0 || checksums_are_right(got.bytes, got.length));
    return got;
}

static reply
answer(phony_dhcp asked)
{
    phony_frame sent;

    if (asked.mac == NULL)
        asked.mac = lease.mac;
    put_dhcp(&sent, &asked);
    return answer_frame(&sent);
}

/* An option's value, with its length in *LENGTH; NULL: it isn't there. */
static const guint8 *
option(const reply *got, guint8 code, gsize *length)
{
    gsize at = MESSAGE + 240;

    while (at + 1 < got->length && got->bytes[at] != 255) {
        *length = got->bytes[at + 1];
        ck_assert_uint_le(at + 2 + *length, got->length);
        if (got->bytes[at] == code)
            return got->bytes + at + 2;
        at += 2 + *length;
    }
    return NULL;
}

static guint32
number(const reply *got, guint8 code)
{
    gsize length = 0;
    const guint8 *value = option(got, code, &length);

    if (value == NULL)
        return 0;
    return length == 4 ? frame_get32(value) : length == 2 ? frame_get16(value) : *value;
}

static guint32
kind_of(const reply *got)
{
    return got->length == 0 ? 0 : number(got, 53);
}

static guint32
yiaddr(const reply *got)
{
    return frame_get32(got->bytes + MESSAGE + 16);
}

static void
has_text(const reply *got, guint8 code, const char *text)
{
    gsize length = 0;
    const guint8 *value = option(got, code, &length);

    ck_assert_ptr_nonnull(value);
    ck_assert_uint_eq(length, strlen(text));
    ck_assert_mem_eq(value, text, length);
}

START_TEST(an_offer_has_all)
{
    reply got = answer((phony_dhcp){.kind = DISCOVER, .requested = SUBNET_FIRST + 77});

    ck_assert_uint_eq(kind_of(&got), OFFER);
    ck_assert_uint_eq(yiaddr(&got), MINE);
    ck_assert_uint_eq(number(&got, 1), SUBNET_MASK);
    ck_assert_uint_eq(number(&got, 3), SUBNET_GATEWAY);
    ck_assert_uint_eq(number(&got, 6), SUBNET_DNS);
    ck_assert_uint_eq(number(&got, 26), 1500);
    ck_assert_uint_eq(number(&got, 28), SUBNET_NETWORK + 4095);
    ck_assert_uint_eq(number(&got, 51), 3600);
    ck_assert_uint_eq(number(&got, 54), SUBNET_GATEWAY);
    has_text(&got, 12, "ip-172-31-0-5");
    has_text(&got, 15, "eu-west-1.compute.internal");
    ck_assert_mem_eq(got.bytes + MESSAGE + 4, "\x12\x34\x56\x78", 4);
    ck_assert_mem_eq(got.bytes, lease.mac, 6);
    ck_assert_mem_eq(got.bytes + 6, gateway_mac, 6);
    ck_assert_uint_eq(frame_get32(got.bytes + 14 + 16), MINE);
}
END_TEST

START_TEST(who_wants_a_broadcast_gets_one)
{
    reply got = answer((phony_dhcp){.kind = DISCOVER, .broadcast = TRUE});

    ck_assert_uint_eq(kind_of(&got), OFFER);
    ck_assert_mem_eq(got.bytes, all, 6);
    ck_assert_uint_eq(frame_get32(got.bytes + 14 + 16), 0xffffffffu);
}
END_TEST

START_TEST(its_own_address_is_confirmed)
{
    reply taken =
        answer((phony_dhcp){.kind = REQUEST, .requested = MINE, .server = SUBNET_GATEWAY});
    reply again = answer((phony_dhcp){.kind = REQUEST, .requested = MINE});
    reply renewed = answer((phony_dhcp){.kind = REQUEST, .client = MINE});

    ck_assert_uint_eq(kind_of(&taken), ACK);
    ck_assert_uint_eq(kind_of(&again), ACK);
    ck_assert_uint_eq(kind_of(&renewed), ACK);
    ck_assert_uint_eq(yiaddr(&renewed), MINE);
    ck_assert_uint_eq(number(&renewed, 51), 3600);
}
END_TEST

START_TEST(another_address_is_refused)
{
    reply asked = answer((phony_dhcp){.kind = REQUEST, .requested = 0x0a00020fu});
    reply had = answer((phony_dhcp){.kind = REQUEST, .client = MINE + 1});
    reply neither = answer((phony_dhcp){.kind = REQUEST});

    ck_assert_uint_eq(kind_of(&asked), NAK);
    ck_assert_uint_eq(yiaddr(&asked), 0);
    ck_assert_uint_eq(number(&asked, 51), 0);
    ck_assert_mem_eq(asked.bytes, all, 6);
    ck_assert_uint_eq(kind_of(&had), NAK);
    ck_assert_uint_eq(kind_of(&neither), NAK);
}
END_TEST

START_TEST(what_is_not_ours_is_not_answered)
{
    static const guint8 other[6] = {2, 2, 2, 2, 2, 2};
    reply got;

    got = answer((phony_dhcp){.kind = REQUEST, .requested = MINE, .server = MINE + 9});
    ck_assert_uint_eq(got.length, 0);
    got = answer((phony_dhcp){.kind = DECLINE, .requested = MINE});
    ck_assert_uint_eq(got.length, 0);
    got = answer((phony_dhcp){.kind = RELEASE, .client = MINE});
    ck_assert_uint_eq(got.length, 0);
    got = answer((phony_dhcp){.kind = 99});
    ck_assert_uint_eq(got.length, 0);
    got = answer((phony_dhcp){.kind = DISCOVER, .mac = other});
    ck_assert_uint_eq(got.length, 0);
    got = answer((phony_dhcp){.kind = INFORM, .client = MINE + 1});
    ck_assert_uint_eq(got.length, 0);
}
END_TEST

START_TEST(who_has_an_address_is_told_the_rest)
{
    reply got = answer((phony_dhcp){.kind = INFORM, .client = MINE});

    ck_assert_uint_eq(kind_of(&got), ACK);
    ck_assert_uint_eq(yiaddr(&got), 0);
    ck_assert_uint_eq(number(&got, 51), 0);
    ck_assert_uint_eq(number(&got, 6), SUBNET_DNS);
}
END_TEST

START_TEST(bootp_is_answered)
{
    reply got = answer((phony_dhcp){.kind = 0});

    ck_assert_uint_ge(got.length, MESSAGE + 300);
    ck_assert_uint_eq(kind_of(&got), 0);
    ck_assert_uint_eq(yiaddr(&got), MINE);
    ck_assert_uint_eq(number(&got, 3), SUBNET_GATEWAY);
}
END_TEST

START_TEST(garbage_is_not_answered)
{
    static const gsize spoil[] = {0, 1, 2, 28, 236, 239};
    phony_frame sent;

    for (gsize i = 0; i < G_N_ELEMENTS(spoil); i++) {
        put_dhcp(&sent, &(phony_dhcp){.mac = lease.mac, .kind = DISCOVER});
        sent.bytes[MESSAGE + spoil[i]] ^= 0x55;
        ck_assert_uint_eq(answer_frame(&sent).length, 0);
    }
    put_dhcp(&sent, &(phony_dhcp){.mac = lease.mac, .kind = DISCOVER});
    frame_put16(sent.bytes + 14 + 20 + 4, 8 + 100);
    ck_assert_uint_eq(answer_frame(&sent).length, 0);
}
END_TEST

START_TEST(options_that_run_over_the_end_are_not_read)
{
    phony_frame sent;
    reply got;

    put_dhcp(&sent, &(phony_dhcp){.mac = lease.mac, .kind = REQUEST, .requested = MINE});
    sent.bytes[MESSAGE + 240 + 3 + 1] = 200;
    got = answer_frame(&sent);
    ck_assert_uint_eq(kind_of(&got), NAK);
}
END_TEST

Suite *
suite_dhcp(void)
{
    Suite *suite = suite_create("dhcp");
    TCase *cases = tcase_create("dhcp");

    suite_add_tcase(suite, cases);
    tcase_add_test(cases, an_offer_has_all);
    tcase_add_test(cases, who_wants_a_broadcast_gets_one);
    tcase_add_test(cases, its_own_address_is_confirmed);
    tcase_add_test(cases, another_address_is_refused);
    tcase_add_test(cases, what_is_not_ours_is_not_answered);
    tcase_add_test(cases, who_has_an_address_is_told_the_rest);
    tcase_add_test(cases, bootp_is_answered);
    tcase_add_test(cases, garbage_is_not_answered);
    tcase_add_test(cases, options_that_run_over_the_end_are_not_read);
    return suite;
}
