#include "net/frame.h"

#include <string.h>

#define IP_HEAD 20
#define IP_FLAGS_AND_OFFSET 6
#define IP_MORE_OR_OFFSET 0x3fff
#define IP_CHECKSUM 10
#define IP_SOURCE 12
#define IP_DESTINATION 16
#define TCP_HEAD 20
#define TCP_FLAGS 13
#define TCP_CHECKSUM 16
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10
#define UDP_HEAD 8
#define ICMP_HEAD 8

guint16
frame_get16(const guint8 *at)
{
    return (guint16)(at[0] << 8 | at[1]);
}

guint32
frame_get32(const guint8 *at)
{
    return (guint32)frame_get16(at) << 16 | frame_get16(at + 2);
}

void
frame_put16(guint8 *at, guint16 value)
{
    at[0] = value >> 8;
    at[1] = value & 0xff;
}

void
frame_put32(guint8 *at, guint32 value)
{
    frame_put16(at, value >> 16);
    frame_put16(at + 2, value & 0xffff);
}

void
frame_put_head(guint8 *bytes, const guint8 *to, const guint8 *from, guint16 type)
{
    memcpy(bytes, to, 6);
    memcpy(bytes + 6, from, 6);
    frame_put16(bytes + 12, type);
}

static gboolean
read_arp(const guint8 *bytes, gsize length, frame *out)
{
    const guint8 *arp = bytes + FRAME_HEAD;
    static const guint8 ethernet_and_ipv4[] = {0, 1, 8, 0, 6, 4};

    if (length < FRAME_ARP_SIZE || memcmp(arp, ethernet_and_ipv4, sizeof ethernet_and_ipv4) != 0)
        return FALSE;
    out->kind = FRAME_ARP;
    out->operation = frame_get16(arp + 6);
    out->sender_mac = arp + 8;
    out->source = frame_get32(arp + 14);
    out->destination = frame_get32(arp + 24);
    return TRUE;
}

static void
read_tcp(const guint8 *head, gsize length, frame *out)
{
    gsize own = length >= TCP_HEAD ? (gsize)(head[12] >> 4) * 4 : 0;

    if (own < TCP_HEAD || own > length)
        return;
    out->has_head = TRUE;
    out->source_port = frame_get16(head);
    out->destination_port = frame_get16(head + 2);
    out->is_opening = (head[TCP_FLAGS] & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    out->has_syn = (head[TCP_FLAGS] & TCP_SYN) != 0;
    out->is_reset = (head[TCP_FLAGS] & TCP_RST) != 0;
    out->sequence = frame_get32(head + 4);
    out->acknowledged = frame_get32(head + 8);
    out->data_length = length - own;
}

static void
read_udp(const guint8 *head, gsize length, frame *out)
{
    gsize own = length >= UDP_HEAD ? frame_get16(head + 4) : 0;

    if (own < UDP_HEAD || own > length)
        return;
    out->has_head = TRUE;
    out->source_port = frame_get16(head);
    out->destination_port = frame_get16(head + 2);
}

static void
read_protocol(const guint8 *bytes, frame *out)
{
    const guint8 *head = bytes + out->payload;
    gsize length = out->end - out->payload;

    if (out->protocol == PROTOCOL_TCP)
        read_tcp(head, length, out);
    else if (out->protocol == PROTOCOL_UDP)
        read_udp(head, length, out);
    else if (out->protocol == PROTOCOL_ICMP && length >= ICMP_HEAD) {
        out->has_head = TRUE;
        out->icmp_type = head[0];
    }
}

static gboolean
read_ipv4(const guint8 *bytes, gsize length, frame *out)
{
    const guint8 *ip = bytes + FRAME_HEAD;
    gsize head, whole;

    if (length < FRAME_HEAD + IP_HEAD || ip[0] >> 4 != 4)
        return FALSE;
    head = (gsize)(ip[0] & 0xf) * 4;
    whole = frame_get16(ip + 2);
    if (head < IP_HEAD || whole < head || whole > length - FRAME_HEAD)
        return FALSE;
    out->kind = FRAME_IPV4;
    out->source = frame_get32(ip + IP_SOURCE);
    out->destination = frame_get32(ip + IP_DESTINATION);
    out->protocol = ip[9];
    out->has_options = head > IP_HEAD;
    out->is_fragment = (frame_get16(ip + IP_FLAGS_AND_OFFSET) & IP_MORE_OR_OFFSET) != 0;
    out->payload = FRAME_HEAD + head;
    out->end = FRAME_HEAD + whole;
    if (!out->is_fragment)
        read_protocol(bytes, out);
    return TRUE;
}

gboolean
frame_read(const guint8 *bytes, gsize length, frame *out)
{
    memset(out, 0, sizeof *out);
    if (length < FRAME_HEAD)
        return FALSE;
    out->to = bytes;
    out->from = bytes + 6;
    switch (frame_get16(bytes + 12)) {
    case FRAME_TYPE_ARP:
        return read_arp(bytes, length, out);
    case FRAME_TYPE_IPV4:
        return read_ipv4(bytes, length, out);
    default:
        return FALSE;
    }
}

guint16
frame_checksum(const guint8 *bytes, gsize length, guint32 first)
{
    guint32 sum = first;

    for (; length >= 2; length -= 2, bytes += 2)
        sum += frame_get16(bytes);
    if (length > 0)
        sum += (guint32)bytes[0] << 8;
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (guint16)~sum;
}

/* RFC 1624, equation 3, for two halves at once. */
static void
mend_checksum(guint8 *at, guint32 old, guint32 new)
{
    guint32 sum = (guint16)~frame_get16(at);

    sum += (guint16) ~(old >> 16) + (guint32)(guint16) ~(old & 0xffff);
    sum += (new >> 16) + (new & 0xffff);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    frame_put16(at, (guint16)~sum);
}

static void
set_address(guint8 *bytes, const frame *what, gsize at, guint32 address)
{
    guint8 *ip = bytes + FRAME_HEAD;
    guint32 old = frame_get32(ip + at);

    mend_checksum(ip + IP_CHECKSUM, old, address);
    if (what->protocol == PROTOCOL_TCP && what->has_head)
        mend_checksum(bytes + what->payload + TCP_CHECKSUM, old, address);
    frame_put32(ip + at, address);
}

void
frame_set_source(guint8 *bytes, const frame *what, guint32 address)
{
    set_address(bytes, what, IP_SOURCE, address);
}

void
frame_set_destination(guint8 *bytes, const frame *what, guint32 address)
{
    set_address(bytes, what, IP_DESTINATION, address);
}
