/* Frames as a guest would send them, for tests of net/. */
#ifndef TESTS_UNIT_PHONY_FRAME_H
#define TESTS_UNIT_PHONY_FRAME_H

#include "net/frame.h"

typedef struct {
    guint8 bytes[2048];
    gsize length;
} phony_frame;

/* An IPv4 packet with right checksums; PAYLOAD may be NULL (zeroes). The transport's head, 20 bytes
 * of TCP (with SYN) or 8 of UDP or ICMP (an echo request), comes before the payload. */
typedef struct {
    const guint8 *to, *from;
    guint32 source, destination;
    guint8 protocol;
    guint16 source_port, destination_port;
    const guint8 *payload;
    gsize length;
} phony_packet;

void put_packet(phony_frame *out, const phony_packet *what);
void put_arp_request(phony_frame *out, const guint8 *from, guint32 sender, guint32 target);

/* A DHCP client's message of that kind (0: BOOTP); numbers that are 0 are left out. */
typedef struct {
    const guint8 *mac;
    guint8 kind;
    guint32 client, requested, server;
    gboolean broadcast;
} phony_dhcp;

void put_dhcp(phony_frame *out, const phony_dhcp *what);

/* Puts the checksums right after a change. */
void mend_packet(phony_frame *self);

/* TRUE if IP's checksum and the transport's are right. */
gboolean checksums_are_right(const guint8 *bytes, gsize length);

#endif
