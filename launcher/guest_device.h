/* Devices as a guest names them. Pure.
 * Sources: Linux, drivers/block/xen-blkfront.c (xlvbd_alloc_gendisk: an sd or hd that Xen gives is
 * an xvd since 2.6.36), drivers/block/virtio_blk.c, Documentation/admin-guide/devices.txt. */
#ifndef LAUNCHER_GUEST_DEVICE_H
#define LAUNCHER_GUEST_DEVICE_H

#include "drivers/boot_plan.h"
#include "images/facts.h"

typedef enum { GUEST_DEVICE_THERE, GUEST_DEVICE_ABSENT, GUEST_DEVICE_UNKNOWN } guest_device;

/* Whether the guest of PLAN, whose disks have their names, will have the device NAME ("/dev/sda1").
 * FACTS tell the root disk's partitions. Names that say what is on a disk, or that a guest makes up
 * (/dev/disk/..., /dev/mapper/...), and anything that isn't a disk are unknown. */
guest_device guest_device_find(const boot_plan *plan, const image_facts *facts, const char *name);

/* The disk of PLAN that a paravirtual guest's NAME means, with the rest of the name (its
 * partition's number, or "") in *REST, which points into NAME; NULL if none does. */
const boot_disk *guest_device_of_xen(const boot_plan *plan, const char *name, const char **rest);

#endif
