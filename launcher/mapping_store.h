/* The part of a block device mapping that is about instance-store disks. Only for mapping.c. */
#ifndef LAUNCHER_MAPPING_STORE_H
#define LAUNCHER_MAPPING_STORE_H

#include "launcher/mapping.h"

/* The instance-store disks that INPUT's two mappings name, whether the type has them or not:
 * block_device*, without a size. NULL if they say nothing at all about such disks, and the type's
 * come as they do by themselves. */
GPtrArray *mapping_stores(const mapping_input *input);

/* Whether an instance of this type gets the disk because a mapping names it. */
gboolean mapping_store_counts(const block_device *disk, const instance_type *type);

/* mapping_add_store_disks() that leaves the devices RESERVED (char *) alone. */
void mapping_add_stores(GPtrArray *mapped, const instance_type *type, const char *store_mapping,
                        const GPtrArray *before, const GPtrArray *reserved);

/* The text of mapping_stores() for mapping_add_store_disks(); STORES may be NULL. */
char *mapping_stores_text(const GPtrArray *stores);

#endif
