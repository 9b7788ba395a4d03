/* A snapshot: a disk's content at one moment, in HOME/snapshots/ID.qcow2, never written again. */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "store/store.h"

typedef enum { SNAPSHOT_PENDING, SNAPSHOT_COMPLETED, SNAPSHOT_ERROR } snapshot_state;

typedef struct {
    char *id;
    int state; /* snapshot_state */
    gint64 size_gib;
    gint64 started; /* seconds since 1970 */
    char *description;
    char *owner; /* account id */
    char *region;
    gint64 operation; /* that is making it; 0 for none */
} snapshot;

extern const char *const snapshot_state_words[];

void snapshot_free(snapshot *self);
gboolean snapshot_insert(store *db, const snapshot *self, GError **error);
gboolean snapshot_update(store *db, const snapshot *self, GError **error);
gboolean snapshot_delete(store *db, const char *id, GError **error);

/* NULL with InvalidSnapshot.NotFound if there is none. The caller frees it. */
snapshot *snapshot_get(store *db, const char *id, GError **error);

/* Those that an operation is making: snapshot*. NULL on failure. */
GPtrArray *snapshot_list_of_operation(store *db, gint64 operation, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(snapshot, snapshot_free)

#endif
