/* Making an image of another one with something changed inside, without starting it. */
#ifndef LAUNCHER_CUSTOMIZING_H
#define LAUNCHER_CUSTOMIZING_H

#include "images/customize.h"
#include "launcher/launcher.h"

typedef struct {
    const char *image;
    const char *name;
    const char *description; /* NULL: says of which image it was made */
    const GPtrArray *steps;  /* customize_step*, taken in order */
    gboolean network;        /* scripts and commands may use it; packages always do */
    const char *const *tags; /* as for tags_parse(); NULL: none */
} customize_request;

/* The new image's id, which the caller frees. Its root is an overlay over the old one's, or, on
 * instance store, a new template; all else is as in the old one, which stays as it is. It is the
 * asking account's, shared with nobody. On failure NULL, and nothing is left: InvalidAMIID.*,
 * InvalidAMIName.*, InvalidParameterValue, UnsupportedOperation for an encrypted root or for
 * packages without a package manager, CustomizationFailed, Host.*. */
char *launcher_image_customize(launcher *self, const customize_request *request, GError **error);

#endif
