/* Changing what is inside a disk, without starting it: virt-customize does that in libguestfs'
 * appliance. Scripts and commands run there, in the image's own root, never on the host. */
#ifndef IMAGES_CUSTOMIZE_H
#define IMAGES_CUSTOMIZE_H

#include "images/appliance.h"

typedef enum {
    CUSTOMIZE_RUN,      /* a script on the host */
    CUSTOMIZE_COMMAND,  /* for the image's shell */
    CUSTOMIZE_COPY_IN,  /* FILE:FOLDER */
    CUSTOMIZE_INSTALL,  /* PACKAGE[,PACKAGE...] */
    CUSTOMIZE_UPDATE,   /* no argument: all packages */
    CUSTOMIZE_DELETE,   /* a path or shell pattern; this and all that follow: in the image */
    CUSTOMIZE_MKDIR,    /* with its parents */
    CUSTOMIZE_WRITE,    /* FILE:CONTENT */
    CUSTOMIZE_TRUNCATE, /* a file */
    CUSTOMIZE_CHMOD,    /* MODE:FILE */
    CUSTOMIZE_LOCK,     /* a user, who then has no password */
    CUSTOMIZE_HOSTNAME,
} customize_verb;

typedef struct {
    customize_verb verb;
    char *argument; /* NULL for those that have none */
} customize_step;

/* ARGUMENT is copied. */
customize_step *customize_step_new(customize_verb verb, const char *argument);
void customize_step_free(customize_step *self);

/* TRUE if STEPS (customize_step*, at least one) can be taken as far as the host can tell: scripts
 * and files are there, arguments have their form. InvalidParameterValue, MissingParameter. */
gboolean customize_check(const GPtrArray *steps, GError **error);

/* TRUE if one of STEPS needs the network and a package manager in the image. */
gboolean customize_needs_packages(const GPtrArray *steps);

/* Takes STEPS, in order, on the disk at PATH, a qcow2 that nobody else uses. NETWORK: commands
 * there reach the network, as this process could. CustomizationFailed with the last lines that were
 * said, and PATH is then in no good state; Host.Inspection if virt-customize isn't there. */
gboolean customize_disk(const char *path, const GPtrArray *steps, gboolean network,
                        const appliance_place *place, GError **error);

#endif
