/* dom0 from its first process to where a guest can be built. */
#ifndef APPLIANCE_BOOT_H
#define APPLIANCE_BOOT_H

#include <stdbool.h>

#define XENSTORED_SOCKET "/run/xenstored/socket"

/* Mounts, modules, xenstored. False if something needed is missing; it was said. */
bool boot_begin(void);

/* Modules and bridges, if there is a NIC. */
void boot_network(void);

/* For ever. */
void boot_power_off(void) __attribute__((noreturn));

#endif
