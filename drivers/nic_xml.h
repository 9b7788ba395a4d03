/* The guest's network card, as arguments of QEMU: libvirt knows nothing of network that comes in
 * frames at a UNIX socket. */
#ifndef DRIVERS_NIC_XML_H
#define DRIVERS_NIC_XML_H

#include "drivers/boot_plan.h"

/* char*, which are the array's; empty if PLAN has no NIC. The card has a slot of its own, so high
 * that libvirt, which places what it knows from the lowest slot on, doesn't come to it; and no
 * option ROM: guests don't boot from the network. */
GPtrArray *nic_arguments(const boot_plan *plan);

/* TRUE if libvirt would come to it, so many disks are there: the card is behind a bridge then,
 * which has to be at this slot of bus 0. */
#define NIC_BRIDGE_SLOT "0x1f"
gboolean nic_needs_bridge(const boot_plan *plan);

#endif
