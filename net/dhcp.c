#include "net/dhcp.h"

#include "launcher/subnet.h"
#include "net/verdict.h"

#include <string.h>

/* Where things are in a message, and how long it is without options. */
#define HTYPE 1
#define HLEN 2
#define XID 4
#define FLAGS 10
#define CIADDR 12
#define YIADDR 16
#define CHADDR 28
#define COOKIE 236
#define OPTIONS 240
#define BOOTP_SIZE 300

#define BOOT_REQUEST 1
#define BOOT_REPLY 2
#define FLAG_BROADCAST 0x8000
#define MAGIC 0x63825363u

#define OPTION_PAD 0
#define OPTION_MASK 1
#define OPTION_ROUTER 3
#define OPTION_DNS 6
#define OPTION_HOST_NAME 12
#define OPTION_DOMAIN 15
#define OPTION_MTU 26
#define OPTION_BROADCAST 28
#define OPTION_REQUESTED 50
#define OPTION_LEASE 51
#define OPTION_KIND 53
#define OPTION_SERVER 54
#define OPTION_RENEWAL 58
#define OPTION_REBINDING 59
#define OPTION_END 255

#define EVERYBODY 0xffffffffu
#define UDP_HEAD 8
#define IP_HEAD 20
#define MESSAGE (FRAME_HEAD + IP_HEAD + UDP_HEAD)

typedef enum {
    KIND_BOOTP = 0, /* an older client's: it has no such option */
    KIND_DISCOVER = 1,
    KIND_OFFER = 2,
    KIND_REQUEST = 3,
    KIND_ACK = 5,
    KIND_NAK = 6,
    KIND_INFORM = 8
} message_kind;

/* What counts in a request. */
typedef struct {
    guint8 kind;
    guint32 client;    /* the address that the client has already; 0: none */
    guint32 requested; /* that it asks for; 0: any */
    guint32 server;    /* of which server it takes the offer; 0: it doesn't say */
    gboolean broadcast;
} request;

static void
read_option(guint8 code, const guint8 *value, gsize length, request *out)
{
    if (code == OPTION_KIND && length == 1)
        out->kind = value[0];
    else if (code == OPTION_REQUESTED && length == 4)
        out->requested = frame_get32(value);
    else if (code == OPTION_SERVER && length == 4)
        out->server = frame_get32(value);
}

/* Options that are in the fields for names (RFC 2131, 4.1) are none that count. */
static void
read_options(const guint8 *at, gsize length, request *out)
{
    while (length > 0 && *at != OPTION_END) {
        gsize used = 1;
        if (*at != OPTION_PAD) {
            if (length < 2 || length - 2 < at[1])
                return;
            used = 2 + (gsize)at[1];
            read_option(at[0], at + 2, at[1], out);
        }
        at += used;
        length -= used;
    }
}

static gboolean
read_request(const guint8 *message, gsize length, const dhcp_lease *lease, request *out)
{
    memset(out, 0, sizeof *out);
    if (length < COOKIE || message[0] != BOOT_REQUEST || message[HTYPE] != 1 ||
        message[HLEN] != 6 || memcmp(message + CHADDR, lease->mac, 6) != 0)
        return FALSE;
    out->client = frame_get32(message + CIADDR);
    out->broadcast = (frame_get16(message + FLAGS) & FLAG_BROADCAST) != 0;
    if (length < OPTIONS)
        return TRUE;
    if (frame_get32(message + COOKIE) == MAGIC)
        read_options(message + OPTIONS, length - OPTIONS, out);
    /* A client of BOOTP that has nothing to say there leaves it empty (RFC 1542, 2.1). */
    return frame_get32(message + COOKIE) == MAGIC || frame_get32(message + COOKIE) == 0;
}

/* What the answer is, or KIND_BOOTP with *SILENT if there is none. */
static message_kind
choose_answer(const request *asked, const dhcp_lease *lease, gboolean *silent)
{
    guint32 wanted = asked->requested != 0 ? asked->requested : asked->client;

    switch (asked->kind) {
    case KIND_BOOTP:
        return KIND_BOOTP;
    case KIND_DISCOVER:
        return KIND_OFFER;
    case KIND_REQUEST:
        *silent = asked->server != 0 && asked->server != SUBNET_GATEWAY;
        return wanted == lease->address ? KIND_ACK : KIND_NAK;
    case KIND_INFORM:
        *silent = asked->client != lease->address;
        return KIND_ACK;
    default:
        *silent = TRUE;
        return KIND_BOOTP;
    }
}

static guint8 *
put_option(guint8 *at, guint8 code, const void *value, gsize length)
{
    at[0] = code;
    at[1] = (guint8)length;
    memcpy(at + 2, value, length);
    return at + 2 + length;
}

static guint8 *
put_number(guint8 *at, guint8 code, guint32 value, gsize length)
{
    guint8 bytes[4];

    frame_put32(bytes, value);
    return put_option(at, code, bytes + 4 - length, length);
}

/* Names longer than a host's may be aren't told. */
static guint8 *
put_name(guint8 *at, guint8 code, const char *name)
{
    gsize length = strlen(name);

    return length > 0 && length <= 64 ? put_option(at, code, name, length) : at;
}

static guint8 *
put_times(guint8 *at)
{
    at = put_number(at, OPTION_LEASE, DHCP_LEASE_SECONDS, 4);
    at = put_number(at, OPTION_RENEWAL, DHCP_LEASE_SECONDS / 2, 4);
    return put_number(at, OPTION_REBINDING, DHCP_LEASE_SECONDS / 8 * 7, 4);
}

static guint8 *
put_settings(guint8 *at, const dhcp_lease *lease)
{
    at = put_number(at, OPTION_MASK, SUBNET_MASK, 4);
    at = put_number(at, OPTION_ROUTER, SUBNET_GATEWAY, 4);
    at = put_number(at, OPTION_DNS, SUBNET_DNS, 4);
    at = put_name(at, OPTION_HOST_NAME, lease->host_name);
    at = put_name(at, OPTION_DOMAIN, lease->domain);
    at = put_number(at, OPTION_MTU, DHCP_MTU, 2);
    return put_number(at, OPTION_BROADCAST, SUBNET_NETWORK | ~SUBNET_MASK, 4);
}

/* The options of an answer; where they end. */
static guint8 *
put_options(guint8 *at, message_kind kind, const request *asked, const dhcp_lease *lease)
{
    frame_put32(at - 4, MAGIC);
    if (kind != KIND_BOOTP) {
        at = put_number(at, OPTION_KIND, kind, 1);
        at = put_number(at, OPTION_SERVER, SUBNET_GATEWAY, 4);
    }
    if (kind == KIND_OFFER || (kind == KIND_ACK && asked->kind == KIND_REQUEST))
        at = put_times(at);
    if (kind != KIND_NAK)
        at = put_settings(at, lease);
    *at = OPTION_END;
    return at + 1;
}

/* The answer's message at OUT; how long it is. */
static gsize
put_message(const guint8 *message, message_kind kind, const request *asked, const dhcp_lease *lease,
            guint8 *out)
{
    guint8 *end;

    memset(out, 0, BOOTP_SIZE);
    out[0] = BOOT_REPLY;
    out[HTYPE] = 1;
    out[HLEN] = 6;
    memcpy(out + XID, message + XID, 4);
    memcpy(out + FLAGS, message + FLAGS, 2);
    memcpy(out + CHADDR, lease->mac, 6);
    if (kind == KIND_ACK)
        frame_put32(out + CIADDR, asked->client);
    if (kind != KIND_NAK && asked->kind != KIND_INFORM)
        frame_put32(out + YIADDR, lease->address);
    end = put_options(out + OPTIONS, kind, asked, lease);
    return MAX((gsize)(end - out), BOOTP_SIZE);
}

/* The heads of Ethernet, IPv4 and UDP in front of a message of LENGTH bytes. */
static gsize
put_heads(guint8 *out, const guint8 *mac, guint32 address, gsize length)
{
    guint8 *ip = out + FRAME_HEAD, *udp = ip + IP_HEAD;
    gsize datagram = UDP_HEAD + length;
    guint16 checksum;

    frame_put_head(out, mac, gateway_mac, FRAME_TYPE_IPV4);
    memset(ip, 0, IP_HEAD + UDP_HEAD);
    ip[0] = 0x45;
    frame_put16(ip + 2, (guint16)(IP_HEAD + datagram));
    ip[8] = 64;
    ip[9] = PROTOCOL_UDP;
    frame_put32(ip + 12, SUBNET_GATEWAY);
    frame_put32(ip + 16, address);
    frame_put16(ip + 10, frame_checksum(ip, IP_HEAD, 0));
    frame_put16(udp, 67);
    frame_put16(udp + 2, 68);
    frame_put16(udp + 4, (guint16)datagram);
    /* It covers both addresses, too, the protocol and the length; 0 would mean that there is none.
     */
    checksum = frame_checksum(ip + 12, 8 + datagram, PROTOCOL_UDP + (guint32)datagram);
    frame_put16(udp + 6, checksum != 0 ? checksum : 0xffff);
    return FRAME_HEAD + IP_HEAD + datagram;
}

gsize
dhcp_answer(const guint8 *bytes, const frame *what, const dhcp_lease *lease, guint8 *out)
{
    static const guint8 everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    gboolean silent = FALSE, to_all;
    message_kind kind;
    request asked;
    gsize at = what->payload + UDP_HEAD, length;

    if (!what->has_head || what->protocol != PROTOCOL_UDP)
        return 0;
    length = frame_get16(bytes + what->payload + 4) - UDP_HEAD;
    if (!read_request(bytes + at, length, lease, &asked))
        return 0;
    kind = choose_answer(&asked, lease, &silent);
    if (silent)
        return 0;
    length = put_message(bytes + at, kind, &asked, lease, out + MESSAGE);
    to_all = kind == KIND_NAK || (asked.broadcast && asked.client == 0);
    return put_heads(out, to_all ? everybody : lease->mac, to_all ? EVERYBODY : lease->address,
                     length);
}
