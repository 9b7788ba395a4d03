#include "net/verdict.h"

#include "launcher/subnet.h"

#include <string.h>

#define PORT_HTTP 80
#define PORT_DNS 53
#define PORT_DHCP_CLIENT 68
#define PORT_DHCP_SERVER 67
#define EVERYBODY 0xffffffffu

const guint8 gateway_mac[6] = {0x52,
                               0x55,
                               SUBNET_GATEWAY >> 24,
                               SUBNET_GATEWAY >> 16 & 0xff,
                               SUBNET_GATEWAY >> 8 & 0xff,
                               SUBNET_GATEWAY & 0xff};

static const guint8 broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static gboolean
same_mac(const guint8 *mac, const guint8 *other)
{
    return memcmp(mac, other, 6) == 0;
}

static const verdict drop = {VERDICT_DROP, NULL};

static verdict
to(verdict_kind kind, gboolean may)
{
    return may ? (verdict){kind, NULL} : drop;
}

static gboolean
is_ours(guint32 address)
{
    return address == SUBNET_GATEWAY || address == SUBNET_DNS || address == IMDS_ADDRESS;
}

/* A guest that looks whether its own address is free (RFC 5227) mustn't be told that it isn't. */
static verdict
verdict_of_arp(const frame *what, const station *from, station_find find, gpointer data)
{
    const station *peer;

    if (what->operation != ARP_REQUEST || !same_mac(what->sender_mac, from->mac) ||
        (what->source != from->address && what->source != 0) || what->destination == from->address)
        return drop;
    if (is_ours(what->destination))
        return to(VERDICT_ARP, TRUE);
    peer = find(what->destination, data);
    return peer != NULL ? (verdict){VERDICT_ARP, peer} : drop;
}

static gboolean
is_dhcp(const frame *what, const station *from)
{
    return what->protocol == PROTOCOL_UDP && what->has_head &&
           what->destination_port == PORT_DHCP_SERVER && what->source_port == PORT_DHCP_CLIENT &&
           (what->source == 0 || what->source == from->address) &&
           (what->destination == EVERYBODY || what->destination == SUBNET_GATEWAY) &&
           (same_mac(what->to, broadcast) || same_mac(what->to, gateway_mac));
}

/* Packets for these would reach the host itself, or what is its network's own. */
static gboolean
is_never_outside(guint32 address)
{
    guint32 first = address >> 24;

    return first == 0 || first == 127 || first >= 224 || address >> 16 == IMDS_ADDRESS >> 16 ||
           (address & SUBNET_MASK) == SUBNET_NETWORK;
}

static gboolean
is_echo(const frame *what)
{
    return what->protocol == PROTOCOL_ICMP && what->has_head &&
           what->icmp_type == ICMP_ECHO_REQUEST;
}

/* Whoever comes by a published port comes from the gateway, for a guest. Where libslirp knows of no
 * such connection it resets it. */
static gboolean
is_answer(const frame *what)
{
    return what->protocol == PROTOCOL_TCP && what->has_head && !what->is_opening;
}

static gboolean
has_ports(const frame *what)
{
    return what->has_head && (what->protocol == PROTOCOL_TCP || what->protocol == PROTOCOL_UDP);
}

/* What isn't an instance's. No fragments, whose ports can't be seen, and no options, which are good
 * for nothing but choosing a route. */
static verdict
verdict_of_routed(const frame *what)
{
    if (!same_mac(what->to, gateway_mac) || what->is_fragment || what->has_options)
        return drop;
    switch (what->destination) {
    case IMDS_ADDRESS:
        return to(VERDICT_METADATA, what->protocol == PROTOCOL_TCP && what->has_head &&
                                        what->destination_port == PORT_HTTP);
    case SUBNET_GATEWAY:
        return to(VERDICT_OUTSIDE, is_echo(what) || is_answer(what));
    case SUBNET_DNS:
        return to(VERDICT_OUTSIDE,
                  is_echo(what) || (has_ports(what) && what->destination_port == PORT_DNS));
    default:
        return to(VERDICT_OUTSIDE,
                  !is_never_outside(what->destination) && (is_echo(what) || has_ports(what)));
    }
}

verdict
verdict_of(const frame *what, gsize length, const station *from, station_find find, gpointer data)
{
    const station *peer;

    if (length > FRAME_MOST || !same_mac(what->from, from->mac))
        return drop;
    if (what->kind == FRAME_ARP)
        return verdict_of_arp(what, from, find, data);
    if (is_dhcp(what, from))
        return to(VERDICT_DHCP, TRUE);
    if (what->source != from->address)
        return drop;
    peer = find(what->destination, data);
    if (peer == NULL)
        return verdict_of_routed(what);
    if (peer->address == from->address || !same_mac(what->to, peer->mac))
        return drop;
    return (verdict){VERDICT_PEER, peer};
}
