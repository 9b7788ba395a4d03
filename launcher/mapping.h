/* Block device mappings: which disks an instance gets. Pure.
 * Source: Amazon EC2 User Guide, "Block device mappings". */
#ifndef LAUNCHER_MAPPING_H
#define LAUNCHER_MAPPING_H

#include "conf/types.h"
#include "store/image.h"
#include "store/instance.h"

typedef struct {
    char *device;       /* "/dev/sda1" */
    char *virtual_name; /* "ephemeral0", "root" for a root there; NULL for an EBS volume */
    gint64 position;    /* N of ephemeralN; -1 for the root */
    gint64 size;        /* bytes */
    char *snapshot;     /* EBS: made from; NULL for an empty one */
    char *volume_type;  /* EBS */
    gboolean delete_on_termination;
    gboolean encrypted; /* EBS */
    char *secret;       /* EBS: SNAPSHOT's, which the volume has, too; NULL: not encrypted */
    gboolean mapped;    /* instance store: a mapping named it; else it came with the type */
} block_device;

void block_device_free(block_device *self);

/* TRUE for a root on instance store, which is made of the image's template, not blank. */
gboolean block_device_is_store_root(const block_device *self);

/* What a launch's disks depend on. */
typedef struct {
    const image *ami;
    const GPtrArray *entries; /* image_mapping*: the image's */
    const GPtrArray *specs;   /* map_spec*: the launch's */
    GHashTable *snapshots;    /* id -> snapshot*: what ENTRIES and SPECS name, if it exists */
    const instance_type *type;
    gboolean only_mapped; /* instance-store disks that nobody mapped don't come by themselves */
} mapping_input;

/* The disks of a launch, in the order in which the guest finds them: block_device*, the root first,
 * then all others by device name. The image's entries are overridden one by one by the launch's of
 * the same device; instance-store disks that the type doesn't have are dropped. STORE_MAPPING gets
 * what mapping_add_store_disks() must know at every later start; the caller frees it.
 *
 * InvalidBlockDeviceMapping, InvalidSnapshot.NotFound, IncorrectState, AttachmentLimitExceeded. */
GPtrArray *mapping_of_launch(const mapping_input *input, char **store_mapping, GError **error);

/* TRUE if one instance can have all of NAMES (char *) as its devices; InvalidBlockDeviceMapping. */
gboolean mapping_check_names(const GPtrArray *names, virtualization kind, GError **error);

/* Adds to MAPPED (block_device*) the instance-store disks that TYPE has and STORE_MAPPING names, as
 * "/dev/sdb=ephemeral0 /dev/sdc=ephemeral1"; with NULL, and on types with NVMe disks, all that TYPE
 * has. Those that nobody mapped keep the devices that they had BEFORE (store_disk*, NULL: none);
 * where a device is in use, a free one is chosen. */
void mapping_add_store_disks(GPtrArray *mapped, const instance_type *type,
                             const char *store_mapping, const GPtrArray *before);

/* The root, which is at ROOT_DEVICE, first; the others by device name. */
void mapping_sort(GPtrArray *mapped, const char *root_device);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(block_device, block_device_free)

#endif
