/* Amazon's kernel images (AKI) in the catalogue, as EC2's DescribeImages shows them. They are in no
 * database: each is what conf/kernel-images.conf says. */
#ifndef LAUNCHER_KERNEL_FIND_H
#define LAUNCHER_KERNEL_FIND_H

#include "launcher/internal.h"

/* Whether ID (any text) is to be looked for here: "aki-...". */
gboolean kernel_find_is_id(const char *id);

/* The kernel image called ID in the engine's region. NULL with InvalidAMIID.NotFound. */
image_view *kernel_find_one(launcher *self, const char *id, GError **error);

/* Those of the engine's region that all of FILTERS (filter*) match and one of OWNERS (char*,
 * accounts; NULL: anybody) owns: image_view*. To spare people a list of what nobody asked for, they
 * are there only if OWNERS are named or a filter is for image-type. NULL on failure. */
GPtrArray *kernel_find(launcher *self, const GPtrArray *filters, const GPtrArray *owners,
                       GError **error);

#endif
