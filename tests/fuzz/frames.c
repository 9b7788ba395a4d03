/* What guests put on their cables. */
#include "launcher/subnet.h"
#include "net/arp.h"
#include "net/dhcp.h"
#include "net/flow.h"
#include "net/framing.h"
#include "net/verdict.h"
#include "tests/fuzz/targets.h"

#include <string.h>

static const station own = {SUBNET_FIRST, {0x0a, 0, 0xac, 0x1f, 0, 4}};
static const station neighbour = {SUBNET_FIRST + 1, {0x0a, 0, 0xac, 0x1f, 0, 5}};

static const station *
find_station(guint32 address, gpointer data G_GNUC_UNUSED)
{
    return address == own.address ? &own : address == neighbour.address ? &neighbour : NULL;
}

static void
answer_frame(const guint8 *bytes, const frame *what, verdict found)
{
    guint8 out[FRAME_MOST];
    const dhcp_lease lease = {own.address, {0x0a, 0, 0xac, 0x1f, 0, 4}, "ip-172-31-0-4", "domain"};
    frame answer;
    gsize length = 0;

    if (found.kind == VERDICT_ARP)
        arp_answer(what, own.mac, out), length = FRAME_ARP_SIZE;
    else if (found.kind == VERDICT_DHCP)
        length = dhcp_answer(bytes, what, &lease, out);
    MUST(length == 0 || frame_read(out, length, &answer));
}

static void
run_frame_in_place(guint8 *bytes, gsize length)
{
    frame what;
    verdict found;

    if (!frame_read(bytes, length, &what))
        return;
    MUST(what.kind == FRAME_ARP || (what.payload <= what.end && what.end <= length));
    found = verdict_of(&what, length, &own, find_station, NULL);
    MUST(found.kind == VERDICT_DROP || memcmp(what.from, own.mac, 6) == 0);
    MUST(found.kind != VERDICT_PEER || found.who == &neighbour);
    MUST(found.kind != VERDICT_OUTSIDE || what.destination >> 24 != 127);
    answer_frame(bytes, &what, found);
    if (what.kind == FRAME_IPV4)
        frame_set_destination(bytes, &what, SUBNET_SPARE);
}

/* Once as it is, once from the right sender: no fuzzer keeps both addresses. */
void
fuzz_frame(const guint8 *data, gsize length)
{
    g_autofree guint8 *copy = g_memdup2(data, length);

    run_frame_in_place(copy, length);
    if (length < FRAME_HEAD)
        return;
    memcpy(copy, data, length);
    memcpy(copy + 6, own.mac, 6);
    run_frame_in_place(copy, length);
}

void
fuzz_dhcp(const guint8 *data, gsize length)
{
    const dhcp_lease lease = {own.address, {0x0a, 0, 0xac, 0x1f, 0, 4}, "ip-172-31-0-4", "domain"};
    const gsize heads = FRAME_HEAD + 20 + 8;
    g_autofree guint8 *bytes = g_malloc0(heads + length);
    guint8 out[FRAME_MOST];
    frame what = {.protocol = PROTOCOL_UDP, .has_head = TRUE, .payload = FRAME_HEAD + 20};

    if (length > FRAME_MOST - heads)
        return;
    frame_put16(bytes + FRAME_HEAD + 20 + 4, (guint16)(8 + length));
    memcpy(bytes + heads, data, length);
    if (length >= 34)
        memcpy(bytes + heads + 28, own.mac, 6);
    MUST(dhcp_answer(bytes, &what, &lease, out) <= sizeof out);
}

static void
count_frame(guint8 *bytes, gsize length, gpointer data)
{
    gsize *count = data;

    MUST(length >= FRAME_HEAD && length <= FRAME_MOST);
    *count = *count * 31 + length + bytes[0] + bytes[length - 1];
}

/* How the stream is cut mustn't matter. */
void
fuzz_framing(const guint8 *data, gsize length)
{
    g_autofree guint8 *copy = g_memdup2(data, length);
    framing whole = {0}, cut = {0};
    gsize count = 0, same_count = 0, at = 0;
    gboolean fine = framing_feed(&whole, copy, length, count_frame, &count), still = TRUE;

    for (; at < length && still; at += 7)
        still = framing_feed(&cut, copy + at, MIN(7, length - at), count_frame, &same_count);
    MUST(fine == still && count == same_count);
}

/* Each 12 bytes are a segment: of the guest's or to it, on one of a few connections. */
void
fuzz_flow(const guint8 *data, gsize length)
{
    g_autoptr(flow_table) table = flow_table_new();

    for (; length >= 12; data += 12, length -= 12) {
        const gboolean to_guest = data[0] & 1;
        const guint16 port = data[1];
        frame what = {.source = to_guest ? 8 : own.address,
                      .destination = to_guest ? own.address : 8,
                      .source_port = to_guest ? 80 : port,
                      .destination_port = to_guest ? port : 80,
                      .sequence = frame_get32(data + 4),
                      .acknowledged = frame_get32(data + 8),
                      .data_length = frame_get16(data + 2) % FRAME_MOST,
                      .has_syn = (data[0] & 2) != 0,
                      .is_opening = (data[0] & 6) == 6,
                      .is_reset = (data[0] & 8) != 0};
        if (data[0] & 16)
            flow_end(table, &what);
        else if (to_guest)
            flow_acknowledge(table, &what);
        else
            flow_admit(table, &what);
        MUST(flow_waiting(table) <= FLOW_ALL_SEGMENTS_MOST);
    }
}
