/* A volume (EBS-style): a block device in HOME/volumes/ID.qcow2, an overlay over a snapshot, or
 * empty. */
#ifndef STORE_VOLUME_H
#define STORE_VOLUME_H

#include "store/store.h"

typedef enum {
    VOLUME_CREATING,
    VOLUME_AVAILABLE,
    VOLUME_IN_USE,
    VOLUME_DELETING,
    VOLUME_ERROR, /* its file is gone */
} volume_state;

extern const char *const volume_state_words[];

typedef struct {
    char *id;
    int state; /* volume_state */
    gint64 size_gib;
    char *type;     /* "gp2" */
    char *snapshot; /* what it is made from; NULL for an empty one */
    char *zone;
    gint64 created;
    char *instance; /* it is attached to; NULL for none */
    char *device;   /* as which device */
    gint64 attached;
    gint64 delete_on_termination;
    char *backing; /* the snapshot that its file stands on: SNAPSHOT, or the last one taken of it */
    char *secret;  /* UUID of its file's LUKS passphrase (HOME/secrets/UUID); NULL: not encrypted */
    gint64 operation; /* under way on it; 0 for none */
    char *owner;      /* account id */
} volume;

void volume_free(volume *self);
gboolean volume_insert(store *db, const volume *self, GError **error);
gboolean volume_update(store *db, const volume *self, GError **error);
gboolean volume_delete(store *db, const char *id, GError **error);

/* NULL with InvalidVolume.NotFound if there is none. The caller frees it. */
volume *volume_get(store *db, const char *id, GError **error);

/* All, in the order in which they were made: volume*. NULL on failure. */
GPtrArray *volume_list(store *db, GError **error);
GPtrArray *volume_list_of_operation(store *db, gint64 operation, GError **error);

/* Those whose files are encrypted with a passphrase: volume*. NULL on failure. */
GPtrArray *volume_list_of_secret(store *db, const char *secret, GError **error);

/* Those attached to an instance, by device name: volume*. NULL on failure. */
GPtrArray *volume_list_of_instance(store *db, const char *instance, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(volume, volume_free)

#endif
