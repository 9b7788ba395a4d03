/* What becomes of a frame that a guest sends. Pure, and all that keeps guests from what isn't
 * theirs: the records alone say which MAC and which address an interface has, so nothing is learned
 * from frames, and nothing is sent to who isn't meant. */
#ifndef NET_VERDICT_H
#define NET_VERDICT_H

#include "net/frame.h"

/* An instance's end of the network. */
typedef struct {
    guint32 address;
    guint8 mac[6];
} station;

/* Who has ADDRESS among the instances of this HOME; NULL: nobody. */
typedef const station *(*station_find)(guint32 address, gpointer data);

typedef enum {
    VERDICT_DROP,
    VERDICT_ARP,      /* is to be answered: the address asked for is at WHO, or at the gateway */
    VERDICT_DHCP,     /* is for the DHCP server */
    VERDICT_PEER,     /* is for the instance WHO */
    VERDICT_METADATA, /* is for the metadata service */
    VERDICT_OUTSIDE   /* is for the gateway, the DNS server or what is beyond them */
} verdict_kind;

typedef struct {
    verdict_kind kind;
    const station *who; /* FIND's; NULL: the gateway */
} verdict;

/* Of the LENGTH bytes that FROM has sent; WHAT is what frame_read() made of them. */
verdict verdict_of(const frame *what, gsize length, const station *from, station_find find,
                   gpointer data);

/* The gateway's MAC, which is the DNS server's and the metadata service's, too. libslirp makes it
 * of the gateway's address. */
extern const guint8 gateway_mac[6];

#endif
