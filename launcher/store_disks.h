/* The instance-store disks of an instance: blank at every start, lost at every stop. One whose root
 * is among them is never stopped; if it was found off, it goes on with those that it had. */
#ifndef LAUNCHER_STORE_DISKS_H
#define LAUNCHER_STORE_DISKS_H

#include "launcher/internal.h"
#include "launcher/mapping.h"

/* The record of a mapped instance-store disk. The caller frees it. */
store_disk *store_disk_of_device(const block_device *device, const instance *vm);

/* Replaces the records of VM's disks by those that DEVICES (block_device*) has now, which may be
 * others since its type was changed. The new ones (store_disk*), or NULL. */
GPtrArray *store_disks_replace(launcher *self, const instance *vm, const GPtrArray *devices,
                               GError **error);

/* Makes VM's folder and a new file for each of DISKS (store_disk*): blank, but for a root, which is
 * the image's, and for ephemeral0 on types where EC2 puts a file system there. Host.Disk if a root
 * that was in use is gone. */
gboolean store_disks_make(launcher *self, const instance *vm, const GPtrArray *disks,
                          GError **error);

#endif
