/* dom0's virtio disks. A disk's serial is the name of the device that the guest is to have. */
#ifndef APPLIANCE_DISKS_H
#define APPLIANCE_DISKS_H

#include <stdbool.h>

#define DISKS_MOST 64

typedef struct {
    char node[16];   /* "vda" */
    char device[24]; /* "sda1" */
    unsigned long sectors;
    bool read_only;
    bool attached; /* the guest has it, or was told of it */
    bool leaving;  /* it was detached: not to be given again while it is there */
    bool there;
} disk;

/* Looks at /sys/block anew. What is gone is forgotten; what is new is neither attached nor leaving.
 * True if something came, went or has another size. */
bool disks_scan(void);

/* The number of disks that are there, and one of them. */
int disks_count(void);
disk *disks_at(int index);

/* The one for DEVICE; NULL if it isn't there. */
disk *disks_find(const char *device);

#endif
