/* Who, besides its owner, may launch an image, or make volumes of a snapshot: EC2's launch
 * permissions and create-volume permissions. */
#ifndef LAUNCHER_SHARING_H
#define LAUNCHER_SHARING_H

#include "launcher/launcher.h"

typedef struct {
    gboolean public;     /* everybody */
    GPtrArray *accounts; /* char *: those that were named, in order */
} sharing;

/* What is to be changed. Lists are NULL-terminated, of account ids or "all" for everybody; NULL is
 * an empty one. */
typedef struct {
    const char *const *add;
    const char *const *remove;
    gboolean reset;   /* all that was given before is taken back first */
    gboolean dry_run; /* all is checked, but nothing is changed; what would be so is given */
} share_request;

void sharing_free(sharing *self);

/* Each changes all or nothing, and gives what is so afterwards. Only the owner can: AuthFailure for
 * another who may use it.
 *
 * An image: InvalidAMIAttributeItemValue for what is no account, InvalidAMIID.Unavailable if it is
 * to be given to somebody while it isn't available. One with a product code or with an encrypted
 * snapshot can't be public: UnsupportedOperation. */
sharing *launcher_image_share(launcher *self, const char *id, const share_request *asked,
                              GError **error);

/* A snapshot: InvalidParameterValue, IncorrectState, UnsupportedOperation in the same places. */
sharing *launcher_snapshot_share(launcher *self, const char *id, const share_request *asked,
                                 GError **error);

/* What is so now. NULL if it isn't the asking account's: nobody else is told. */
sharing *launcher_image_sharing(launcher *self, const image *ami);
sharing *launcher_snapshot_sharing(launcher *self, const snapshot *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sharing, sharing_free)

#endif
