/* A volume (EBS-style): a block device in HOME/volumes/ID.qcow2, an overlay over its snapshot. */
#ifndef STORE_VOLUME_H
#define STORE_VOLUME_H

#include "store/store.h"

typedef enum {
    VOLUME_CREATING,
    VOLUME_AVAILABLE,
    VOLUME_IN_USE,
    VOLUME_DELETING,
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
} volume;

void volume_free(volume *self);
gboolean volume_insert(store *db, const volume *self, GError **error);
gboolean volume_update(store *db, const volume *self, GError **error);
gboolean volume_delete(store *db, const char *id, GError **error);

/* Those attached to an instance, by device name: volume*. NULL on failure. */
GPtrArray *volume_list_of_instance(store *db, const char *instance, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(volume, volume_free)

#endif
