/* Block device mappings: which disks an instance gets. Pure.
 * Source: Amazon EC2 User Guide, "Block device mappings". */
#ifndef LAUNCHER_MAPPING_H
#define LAUNCHER_MAPPING_H

#include "conf/types.h"
#include "store/image.h"

typedef struct {
    char *device;       /* "/dev/sda1" */
    char *virtual_name; /* "ephemeral0"; NULL for an EBS volume */
    gint64 position;    /* N of ephemeralN */
    gint64 size;        /* bytes */
    char *snapshot;     /* EBS: made from; NULL for an empty one */
    char *volume_type;  /* EBS */
    gboolean delete_on_termination;
} block_device;

void block_device_free(block_device *self);

/* The disks of a launch of AMI on TYPE: block_device*, the root first, then EBS volumes, then a
 * disk for each instance-store disk of the type. Ephemeral entries of the image beyond what the
 * type has are dropped, as on EC2. InvalidBlockDeviceMapping if the image has no root entry. */
GPtrArray *mapping_of_launch(const image *ami, const GPtrArray *image_mappings,
                             const instance_type *type, GError **error);

/* The instance-store disks that TYPE has, with the device names that MAPPED (block_device*, may be
 * empty) gives them or else free ones; appended to MAPPED. */
void mapping_add_store_disks(GPtrArray *mapped, const instance_type *type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(block_device, block_device_free)

#endif
