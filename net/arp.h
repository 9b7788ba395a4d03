/* Answers to "who has this address?". Pure. */
#ifndef NET_ARP_H
#define NET_ARP_H

#include "net/frame.h"

/* Writes into OUT, which has room for FRAME_ARP_SIZE bytes, the answer to the ARP request ASKED:
 * the address asked for is at MAC. */
void arp_answer(const frame *asked, const guint8 *mac, guint8 *out);

/* Writes into OUT, as long, what a host that is new tells all: ADDRESS is at MAC. */
void arp_announcement(guint32 address, const guint8 *mac, guint8 *out);

#endif
