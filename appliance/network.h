/* The guest's network: each virtio NIC of dom0 becomes a NIC of the guest with the same address, by
 * a bridge. What QEMU gives the NIC, the guest has. */
#ifndef APPLIANCE_NETWORK_H
#define APPLIANCE_NETWORK_H

#include <stdbool.h>
#include <stdio.h>

/* True if a PCI device is a virtio NIC, whose modules are then needed. */
bool network_is_there(void);

/* Makes a bridge for each NIC, and gives the NICs themselves other addresses. */
void network_begin(void);

/* The guest's NICs, as lines of xl's configuration. */
void network_write_config(FILE *file);

/* Puts the guest's side of a NIC onto its bridge. False if that fails. */
bool network_join(const char *bridge, const char *vif);

#endif
