/* Product codes: whose terms come with an image. */
#ifndef LAUNCHER_IMAGE_CODES_H
#define LAUNCHER_IMAGE_CODES_H

#include "launcher/internal.h"

/* The codes that SPECS (NULL: none) name, each "CODE" or "CODE:KIND" with a kind of "marketplace",
 * which is what is meant without one, or "devpay": product_code* without a resource.
 * InvalidParameterValue. */
GPtrArray *product_codes_parse(const char *const *specs, GError **error);

/* Gives CODES to a resource, but those that it has. To be called within a transaction. */
gboolean product_codes_put(store *db, const char *resource, const GPtrArray *codes, GError **error);

/* Gives an instance (VIEW) the codes of the image that it is launched from, and each of its volumes
 * those of its snapshot, and the image's if the image has that snapshot. Within a transaction. */
gboolean image_codes_of_launch(store *db, const image_view *source, instance_view *view,
                               GError **error);

/* Tells who launches an image what comes with it: whose terms apply, and that it is deprecated. */
void image_tell_terms(launcher *self, const image_view *source);

#endif
