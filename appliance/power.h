/* The power button, by which QEMU says that the guest is to go off. */
#ifndef APPLIANCE_POWER_H
#define APPLIANCE_POWER_H

#include <stdbool.h>

/* Finds it; for poll(), -1 if there is none. */
int power_open(void);

/* True if it was pressed since the last call. */
bool power_pressed(void);

#endif
