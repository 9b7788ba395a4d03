/* An image's later life: deprecated, disabled, protected. What ends it is in deregister.h. All are
 * for its owner only (AuthFailure), and each returns the image afterwards, which the caller frees.
 * InvalidAMIID.Unavailable for one that is being made. */
#ifndef LAUNCHER_IMAGE_LIFE_H
#define LAUNCHER_IMAGE_LIFE_H

#include "launcher/launcher.h"

#define COOLDOWN_S (24 * 60 * 60)

/* From TIME on (ISO 8601, in UTC unless it says otherwise; to the minute), only its owner finds it
 * in lists; everybody who may can still launch it by its id. NULL: never. InvalidParameterValue for
 * what isn't in the future, or more than ten years ahead; of a public image, more than two years
 * after it was made. */
image *launcher_image_deprecate(launcher *self, const char *id, const char *time, GError **error);

/* Nobody can launch it until it is enabled again. What shared it ends for good. Both fine if it is
 * so already. */
image *launcher_image_disable(launcher *self, const char *id, GError **error);
image *launcher_image_enable(launcher *self, const char *id, GError **error);

/* Until that is taken back it can't be deregistered; with PROTECTION_COOLDOWN, for 24 hours after
 * that, either. PROTECTION_OFF takes it back. */
image *launcher_image_protect(launcher *self, const char *id, image_protection protection,
                              GError **error);

/* ---- for the engine ---- */

/* TRUE if it is available; else InvalidAMIID.Unavailable. */
gboolean image_check_launchable(const image *ami, GError **error);

/* Whether AMI is protected NOW. */
image_protection image_protected(const image *ami, gint64 now);

/* TRUE unless AMI is protected NOW: OperationNotPermitted. */
gboolean image_check_unprotected(const image *ami, gint64 now, GError **error);

#endif
