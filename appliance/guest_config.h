/* xl's configuration of the guest, of what was told and what is there. */
#ifndef APPLIANCE_GUEST_CONFIG_H
#define APPLIANCE_GUEST_CONFIG_H

#include "appliance/disks.h"
#include "appliance/words.h"

#include <stddef.h>

/* Writes it to PATH; false if that fails. The root disk comes first: it is PV-GRUB's hd0. */
bool guest_config_write(const char *path, const words *told);

/* A disk as xl names it: "phy:/dev/vda,sda1,w". */
void guest_config_disk(char *text, size_t size, const disk *which);

#endif
