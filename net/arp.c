#include "net/arp.h"

#include <string.h>

static void
put_arp(guint8 *out, guint16 operation)
{
    static const guint8 ethernet_and_ipv4[] = {0, 1, 8, 0, 6, 4};

    memcpy(out + FRAME_HEAD, ethernet_and_ipv4, sizeof ethernet_and_ipv4);
    frame_put16(out + FRAME_HEAD + 6, operation);
}

static void
put_ends(guint8 *out, const guint8 *sender_mac, guint32 sender, const guint8 *target_mac,
         guint32 target)
{
    guint8 *at = out + FRAME_HEAD + 8;

    memcpy(at, sender_mac, 6);
    frame_put32(at + 6, sender);
    memcpy(at + 10, target_mac, 6);
    frame_put32(at + 16, target);
}

void
arp_answer(const frame *asked, const guint8 *mac, guint8 *out)
{
    frame_put_head(out, asked->from, mac, FRAME_TYPE_ARP);
    put_arp(out, ARP_REPLY);
    put_ends(out, mac, asked->destination, asked->sender_mac, asked->source);
}

void
arp_announcement(guint32 address, const guint8 *mac, guint8 *out)
{
    static const guint8 all[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const guint8 nobody[6];

    frame_put_head(out, all, mac, FRAME_TYPE_ARP);
    put_arp(out, ARP_REQUEST);
    put_ends(out, mac, address, nobody, address);
}
