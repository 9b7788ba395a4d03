/* Claiming instances for an operation: in one transaction it is checked that nobody else is at work
 * on any of them and that the action is legal for all, and the intended state is recorded. Two
 * commands at once on one instance: one wins, the other gets IncorrectInstanceState. */
#ifndef LAUNCHER_CLAIM_H
#define LAUNCHER_CLAIM_H

#include "launcher/internal.h"
#include "launcher/states.h"

typedef struct {
    gint64 operation;     /* 0 if nothing needs to be done */
    GPtrArray *instances; /* instance*, in their intended state: those that have to be acted on */
    GPtrArray *changes;   /* state_change*: all that were named */
} claim;

/* TRUE if IDS are well formed and not repeated; else InvalidInstanceID.Malformed. */
gboolean claim_check_ids(const char *const *ids, GError **error);

/* TRUE if no command is at work on VM; else IncorrectInstanceState. */
gboolean claim_check_idle(const instance *vm, GError **error);

/* Claims IDS, the asking account's, for ACTION under an operation of that KIND. None of them may be
 * protected from it. KIND NULL: the intended state needs no owner (stopping: whoever sees the guest
 * off finishes it). PREPARE, if not NULL, may change each instance before it is recorded. NULL on
 * failure, and nothing has changed. */
claim *claim_instances(launcher *self, const char *const *ids, instance_action action,
                       const char *kind, void (*prepare)(launcher *, instance *), GError **error);

/* Claims one instance whose record is still in state EXPECTED and whose guest hasn't been started
 * since WANTED was read, to take it where WANTED says (its state, its reason, how far its stop is,
 * whether it is hibernated) under an operation KIND; NULL for none. NULL without an error if that
 * isn't so any more or somebody else is at work on it. */
claim *claim_found(launcher *self, const instance *wanted, instance_state expected,
                   const char *kind, GError **error);

/* Records the result of an operation on VM, and ends the operation if that was its last instance.
 */
gboolean claim_settle(launcher *self, instance *vm, GError **error);

/* The same for a VM of which nothing is left: it is terminated from now on. */
gboolean claim_settle_ended(launcher *self, instance *vm, GError **error);

void claim_free(claim *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(claim, claim_free)

#endif
