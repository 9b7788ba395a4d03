/* The block device mapping of a bundle, and its product codes: what a manifest says of them. */
#ifndef LAUNCHER_BUNDLE_MAPPING_H
#define LAUNCHER_BUNDLE_MAPPING_H

#include "images/manifest.h"
#include "launcher/internal.h"

/* Gives TO the root's entries and the ephemeral disks of VM (NULL: none), then those of MAP, in
 * place of what they name again. InvalidBlockDeviceMapping. */
gboolean bundle_mapping_make(launcher *self, const instance *vm, const char *const *map,
                             manifest *to, GError **error);

/* Gives TO the product codes of VM and of its root volume. */
gboolean bundle_codes_make(launcher *self, const instance *vm, manifest *to, GError **error);

/* The root device that a manifest names. The caller frees it. NULL with InvalidBlockDeviceMapping
 * if "ami" and "root" are two disks. */
char *bundle_mapping_root(const manifest *what, GError **error);

/* The mapping of the image ID that is made of WHAT, its root at ROOT: image_mapping*. What the root
 * has already is left out. */
GPtrArray *bundle_mapping_of_image(const manifest *what, const char *id, const char *root);

#endif
