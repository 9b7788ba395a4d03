#include "tests/unit/phony_frame.h"

#include "launcher/subnet.h"
#include "net/verdict.h"

#include <string.h>

static const guint8 everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* Where the transport has its checksum. */
static gsize
checksum_at(guint8 protocol)
{
    return protocol == PROTOCOL_TCP ? 16 : protocol == PROTOCOL_UDP ? 6 : 2;
}

static guint16
transport_sum(const guint8 *ip, gsize head, gsize length)
{
    if (ip[9] == PROTOCOL_ICMP)
        return frame_checksum(ip + head, length, 0);
    return frame_checksum(ip + head, length,
                          ip[9] + (guint32)length + (guint16)~frame_checksum(ip + 12, 8, 0));
}

void
mend_packet(phony_frame *self)
{
    guint8 *ip = self->bytes + FRAME_HEAD;
    gsize head = (gsize)(ip[0] & 0xf) * 4, length = frame_get16(ip + 2) - head;

    frame_put16(ip + 10, 0);
    frame_put16(ip + 10, frame_checksum(ip, head, 0));
    frame_put16(ip + head + checksum_at(ip[9]), 0);
    frame_put16(ip + head + checksum_at(ip[9]), transport_sum(ip, head, length));
}

gboolean
checksums_are_right(const guint8 *bytes, gsize length)
{
    const guint8 *ip = bytes + FRAME_HEAD;
    gsize head = (gsize)(ip[0] & 0xf) * 4, whole = frame_get16(ip + 2);

    return whole + FRAME_HEAD <= length && frame_checksum(ip, head, 0) == 0 &&
           transport_sum(ip, head, whole - head) == 0;
}

static gsize
put_transport(guint8 *at, const phony_packet *what)
{
    frame_put16(at, what->source_port);
    frame_put16(at + 2, what->destination_port);
    switch (what->protocol) {
    case PROTOCOL_TCP:
        at[12] = 5 << 4;
        at[13] = 0x02;
        return 20;
    case PROTOCOL_UDP:
        frame_put16(at + 4, (guint16)(8 + what->length));
        return 8;
    default:
        frame_put32(at, 0);
        at[0] = ICMP_ECHO_REQUEST;
        return 8;
    }
}

void
put_packet(phony_frame *out, const phony_packet *what)
{
    guint8 *ip = out->bytes + FRAME_HEAD;
    gsize head;

    memset(out, 0, sizeof *out);
    frame_put_head(out->bytes, what->to, what->from, FRAME_TYPE_IPV4);
    ip[0] = 0x45;
    ip[8] = 64;
    ip[9] = what->protocol;
    frame_put32(ip + 12, what->source);
    frame_put32(ip + 16, what->destination);
    head = put_transport(ip + 20, what);
    if (what->payload != NULL)
        memcpy(ip + 20 + head, what->payload, what->length);
    frame_put16(ip + 2, (guint16)(20 + head + what->length));
    out->length = FRAME_HEAD + 20 + head + what->length;
    mend_packet(out);
}

void
put_arp_request(phony_frame *out, const guint8 *from, guint32 sender, guint32 target)
{
    static const guint8 arp[] = {0, 1, 8, 0, 6, 4, 0, ARP_REQUEST};
    guint8 *at = out->bytes + FRAME_HEAD;

    memset(out, 0, sizeof *out);
    frame_put_head(out->bytes, everybody, from, FRAME_TYPE_ARP);
    memcpy(at, arp, sizeof arp);
    memcpy(at + 8, from, 6);
    frame_put32(at + 14, sender);
    frame_put32(at + 24, target);
    out->length = FRAME_ARP_SIZE;
}

static guint8 *
put_number(guint8 *at, guint8 code, guint32 value)
{
    if (value == 0)
        return at;
    at[0] = code;
    at[1] = 4;
    frame_put32(at + 2, value);
    return at + 6;
}

void
put_dhcp(phony_frame *out, const phony_dhcp *what)
{
    guint8 message[300] = {1, 1, 6, 0, 0x12, 0x34, 0x56, 0x78};
    guint8 *at = message + 240;

    frame_put16(message + 10, what->broadcast ? 0x8000 : 0);
    frame_put32(message + 12, what->client);
    memcpy(message + 28, what->mac, 6);
    if (what->kind != 0) {
        frame_put32(message + 236, 0x63825363u);
        *at++ = 53;
        *at++ = 1;
        *at++ = what->kind;
        at = put_number(at, 50, what->requested);
        at = put_number(at, 54, what->server);
        *at = 255;
    }
    put_packet(out, &(phony_packet){.to = everybody,
                                    .from = what->mac,
                                    .source = what->client,
                                    .destination = what->client != 0 ? SUBNET_GATEWAY : 0xffffffff,
                                    .protocol = PROTOCOL_UDP,
                                    .source_port = 68,
                                    .destination_port = 67,
                                    .payload = message,
                                    .length = sizeof message});
}
