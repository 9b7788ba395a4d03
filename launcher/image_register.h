/* Registering an image from snapshots, with a block device mapping of one's own. */
#ifndef LAUNCHER_IMAGE_REGISTER_H
#define LAUNCHER_IMAGE_REGISTER_H

#include "launcher/launcher.h"

/* What is asked; NULL means none, or as found. */
typedef struct {
    const char *name; /* must be there */
    const char *description;
    const char *architecture;   /* "x86_64", "i386", "arm64" */
    const char *virtualization; /* "hvm" or "paravirtual" */
    const char *root_device;    /* NULL: /dev/sda1 */
    const char *boot_mode;      /* "legacy-bios", "uefi", "uefi-preferred" */
    const char *kernel;         /* aki-... and ari-..., for paravirtual ones */
    const char *ramdisk;
    const char *const *map;           /* see map_spec.h; one entry is for the root, of a snapshot */
    const char *const *tags;          /* see tagging.h */
    const char *const *product_codes; /* "CODE", "CODE:devpay", "CODE:marketplace" */
    gboolean no_inspect;              /* don't look into a root that isn't known yet */
} register_request;

/* The new image's id, which the caller frees; NULL on failure, and nothing is left. A root whose
 * content isn't known is looked into once, which takes a while; what isn't stated is as it is found
 * there. InvalidAMIName.*, InvalidBlockDeviceMapping, InvalidSnapshot.NotFound, IncorrectState,
 * AuthFailure for a snapshot of another account, InvalidParameterValue, MissingParameter,
 * InvalidParameterCombination. */
char *launcher_image_register(launcher *self, const register_request *request, GError **error);

#endif
