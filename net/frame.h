/* Ethernet frames with ARP or IPv4, as a guest sends them: nothing in one is believed before its
 * length is checked. Pure. Addresses are in host byte order.
 * Source: RFC 826, 791, 768, 793 (9293), 792; 1624 for changing a checksum. */
#ifndef NET_FRAME_H
#define NET_FRAME_H

#include <glib.h>

#define FRAME_HEAD 14
#define FRAME_MOST 1514 /* for an MTU of 1500 */
#define FRAME_ARP_SIZE (FRAME_HEAD + 28)

typedef enum { FRAME_ARP, FRAME_IPV4 } frame_kind;

typedef enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 } frame_protocol;

#define ARP_REQUEST 1
#define ARP_REPLY 2
#define ICMP_ECHO_REQUEST 8

/* What a frame says of itself. */
typedef struct {
    const guint8 *to; /* 6 bytes each, within the frame */
    const guint8 *from;
    frame_kind kind;

    guint16 operation;        /* of ARP */
    const guint8 *sender_mac; /* 6 bytes, within the frame */

    guint32 source; /* IPv4's, or ARP's sender and target */
    guint32 destination;
    guint8 protocol;
    gboolean has_options;
    gboolean is_fragment;
    gsize payload; /* where it begins in the frame, and where it ends: */
    gsize end;     /* not after the frame's own end */

    /* Of an IPv4 packet that isn't a fragment and whose protocol's head is all there. */
    gboolean has_head;
    guint16 source_port; /* TCP, UDP */
    guint16 destination_port;
    gboolean is_opening; /* TCP's SYN without ACK */
    gboolean has_syn;    /* that, or the answer to it */
    gboolean is_reset;   /* TCP's RST */
    guint32 sequence;    /* of TCP */
    guint32 acknowledged;
    gsize data_length;
    guint8 icmp_type;
} frame;

/* Reads LENGTH bytes. FALSE if they aren't a whole frame of ARP or IPv4. OUT refers to BYTES. */
gboolean frame_read(const guint8 *bytes, gsize length, frame *out);

/* Puts another source or destination into the IPv4 frame BYTES, which was read as WHAT; the
 * checksums of IP and TCP, if they were right, are right again. */
void frame_set_source(guint8 *bytes, const frame *what, guint32 address);
void frame_set_destination(guint8 *bytes, const frame *what, guint32 address);

/* Of LENGTH bytes, with FIRST added in, as it is sent. */
guint16 frame_checksum(const guint8 *bytes, gsize length, guint32 first);

/* For numbers that are big-endian and stand anywhere. */
guint16 frame_get16(const guint8 *at);
guint32 frame_get32(const guint8 *at);
void frame_put16(guint8 *at, guint16 value);
void frame_put32(guint8 *at, guint32 value);

/* Writes the 14 bytes of an Ethernet head. */
void frame_put_head(guint8 *bytes, const guint8 *to, const guint8 *from, guint16 type);

#define FRAME_TYPE_IPV4 0x0800
#define FRAME_TYPE_ARP 0x0806

#endif
