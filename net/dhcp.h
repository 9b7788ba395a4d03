/* The DHCP server of an instance: its one client gets its one address. Pure.
 * Source: RFC 2131, 2132, 951 and 1542; Amazon VPC User Guide, "DHCP option sets". */
#ifndef NET_DHCP_H
#define NET_DHCP_H

#include "net/frame.h"

#define DHCP_LEASE_SECONDS 3600
#define DHCP_MTU 1500

/* What the client is to have. */
typedef struct {
    guint32 address;
    guint8 mac[6];
    const char *host_name; /* "ip-172-31-0-4" */
    const char *domain;    /* "ec2.internal" */
} dhcp_lease;

/* Writes into OUT, which has room for FRAME_MOST bytes, the frame that answers the request in
 * BYTES, a frame that was read as WHAT and is for a DHCP server. How long it is; 0: there is no
 * answer to that. */
gsize dhcp_answer(const guint8 *bytes, const frame *what, const dhcp_lease *lease, guint8 *out);

#endif
