/* What a guest's disks are on, and what follows from that. Pure. */
#ifndef DRIVERS_DISK_BUS_H
#define DRIVERS_DISK_BUS_H

#include <glib.h>

typedef enum {
    DISK_BUS_VIRTIO,
    DISK_BUS_SATA,
    DISK_BUS_IDE,
    DISK_BUS_XEN /* of a host that runs Xen itself */
} disk_bus;

/* libvirt's word for it: "virtio", "sata", "ide", "xen". */
const char *disk_bus_word(disk_bus bus);

/* The bus address of the disk at PLACE, counted from 0: "vda", ..., "vdz", "vdaa", ...; on the
 * others "sda", "hda", "xvda". Linux most likely gives the disk the same name (an IDE disk is an
 * "sda" to it since 2.6.20 or so). The caller frees it. */
char *disk_bus_target(disk_bus bus, guint place);

/* How many disks a guest can have on it; 0: no limit of its own. */
guint disk_bus_places(disk_bus bus);

/* Whether a disk can be plugged into a running guest, or unplugged from it. */
gboolean disk_bus_plugs(disk_bus bus);

/* The bus of a bus address. */
disk_bus disk_bus_of_target(const char *target);

#endif
