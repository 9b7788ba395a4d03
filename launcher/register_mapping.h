/* The block device mapping of an image that is registered. Pure.
 * Source: Amazon EC2 API Reference, RegisterImage and EbsBlockDevice. */
#ifndef LAUNCHER_REGISTER_MAPPING_H
#define LAUNCHER_REGISTER_MAPPING_H

#include "launcher/map_spec.h"

/* What SPECS (map_spec*) say, the root at ROOT_DEVICE first: image_mapping* without an image.
 * SNAPSHOTS: id -> snapshot*, those that SPECS name. The root has to be there once, of a snapshot;
 * no volume is smaller than its snapshot; what is made of a snapshot is encrypted as that is.
 * InvalidBlockDeviceMapping, IncorrectState, InvalidParameterCombination. */
GPtrArray *register_mapping(const GPtrArray *specs, GHashTable *snapshots, const char *root_device,
                            GError **error);

/* TRUE if instances of this kind can have these devices; else InvalidBlockDeviceMapping. */
gboolean register_mapping_check_names(const GPtrArray *entries, const char *root_device,
                                      virtualization kind, GError **error);

#endif
