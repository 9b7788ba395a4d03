/* Whether a kernel image (AKI) can start what it is named for. */
#ifndef LAUNCHER_KERNEL_CHECK_H
#define LAUNCHER_KERNEL_CHECK_H

#include "conf/kernel_images.h"

/* The kernel image called ID, which has to be one of REGION for kernels of ARCHITECTURE (NULL: of
 * which isn't known yet), with
 * RAMDISK (ari-..., NULL: none), which PV-GRUB can't take. Owned by KNOWN. NULL with
 * InvalidAMIID.NotFound, as EC2 calls a kernel image that isn't there, with
 * InvalidParameterValue for another architecture, or with InvalidParameterCombination for a
 * ramdisk; each names the way out. Pure. */
const kernel_image *kernel_check(const kernel_images *known, const char *id, const char *region,
                                 const char *architecture, const char *ramdisk, GError **error);

#endif
