/* The one network interface of an instance: its address is its own from its launch to its end. */
#ifndef LAUNCHER_NIC_H
#define LAUNCHER_NIC_H

#include "launcher/internal.h"

/* Chooses a free address for the instance ID and records its interface; to be called within a
 * transaction. NULL with InsufficientFreeAddressesInSubnet if there is none. The caller frees it.
 */
interface *nic_take(launcher *self, const char *id, GError **error);

/* That of an instance that is recorded; one that is older than interfaces are gets one now. */
interface *nic_of(launcher *self, const char *id, GError **error);

/* TRUE if COUNT more instances can have an address; else that error. */
gboolean nic_check_room(launcher *self, guint count, GError **error);

#endif
