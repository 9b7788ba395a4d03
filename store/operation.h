/* An operation is an act on the host that takes several steps. Its row is written, together with
 * the intended state of all that it touches, before the first step, and goes with the result after
 * the last one. A row whose owner is dead is therefore an act that was cut off: someone has to
 * adopt it and take it on or back.
 *
 * "Dead" is exact: the owner holds an open-file-description lock on byte ID of HOME/amilaunch.lock,
 * which the kernel drops when the process ends, however it ends. */
#ifndef STORE_OPERATION_H
#define STORE_OPERATION_H

#include "store/store.h"

typedef struct {
    gint64 id;
    char *kind;
    gint64 started;
} operation;

void operation_free(operation *self);

/* Begins an operation of this process; to be called within a transaction. 0 on failure. */
gint64 operation_begin(store *self, const char *kind, GError **error);

/* Ends it; to be called within the transaction that records the result. */
gboolean operation_end(store *self, gint64 id, GError **error);

/* All operations under way, of any process, oldest first: operation*. NULL on failure. */
GPtrArray *operation_list(store *self, GError **error);

/* TRUE if the operation's owner is dead and it is this process's now. */
gboolean operation_adopt(store *self, gint64 id);

/* Forgets the ownership of ID without ending it, so that anybody can adopt it: for an act that
 * failed half way and could not be undone now. */
void operation_abandon(store *self, gint64 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(operation, operation_free)

#endif
