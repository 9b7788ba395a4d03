/* Claiming volumes, and the instance that has them or is to have them, for an operation: as claim.h
 * does it for instances. Whoever holds an instance's claim has its volumes' too: nobody else may
 * start anything with either. */
#ifndef LAUNCHER_CLAIM_VOLUMES_H
#define LAUNCHER_CLAIM_VOLUMES_H

#include "launcher/internal.h"
#include "store/operation.h"

typedef struct {
    gint64 operation;
    instance *vm;       /* NULL for none */
    GPtrArray *volumes; /* volume* */
} volume_claim;

/* Decides in the claim's transaction whether MADE may be, and may change what is recorded of it.
 * FALSE with EC2's refusal. */
typedef gboolean (*volume_check)(launcher *self, volume_claim *made, gpointer data, GError **error);

/* TRUE if IDS are well formed and not repeated; else InvalidVolumeID.Malformed. */
gboolean claim_check_volume_ids(const char *const *ids, GError **error);

/* Claims the asking account's volumes IDS (NULL: all of INSTANCE) and INSTANCE (NULL: the one that
 * the only volume is attached to, if any) under an operation KIND. IncorrectState or
 * IncorrectInstanceState if somebody is at work on one of them. NULL on failure, and nothing has
 * changed. */
volume_claim *claim_volumes(launcher *self, const char *const *ids, const char *instance,
                            const char *kind, volume_check check, gpointer data, GError **error);

/* The same for one volume, whosever it is: for what is done to all of HOME. */
volume_claim *claim_volume_of_anybody(launcher *self, const char *id, const char *kind,
                                      volume_check check, gpointer data, GError **error);

/* The claim that an operation that was cut off had. */
volume_claim *claim_volumes_of_operation(launcher *self, const operation *cut, GError **error);

/* Records the result, as it is in SELF, and ends the operation. With MORE (may be NULL) other rows
 * can be written in the same transaction. */
gboolean claim_volumes_settle(launcher *self, volume_claim *what, volume_check more, gpointer data,
                              GError **error);

void volume_claim_free(volume_claim *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(volume_claim, volume_claim_free)

#endif
