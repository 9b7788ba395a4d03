/* A snapshot: a disk's content at one moment, in HOME/snapshots/ID.qcow2, never written again. It
 * may itself be an overlay over an older one, its parent.
 *
 * The copy of a snapshot is a record of its own, with the same parent and passphrase, whose file is
 * another name of the same file (a hard link). So each can be deleted by itself, and each counts by
 * itself as one that stands on their parent. Nobody may change such a file where it is: who wants
 * it to be another, of the same content, puts a new file in place of one of its names (rename) and
 * writes down that record's new parent; the other name and its record stay as they were. */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "store/store.h"

typedef enum {
    SNAPSHOT_PENDING,
    SNAPSHOT_COMPLETED,
    SNAPSHOT_ERROR,
    SNAPSHOT_RECOVERABLE, /* in the recycle bin */
    SNAPSHOT_DELETED,     /* nobody sees it any more, but something still stands on its file */
} snapshot_state;

typedef struct {
    char *id;
    int state; /* snapshot_state */
    gint64 size_gib;
    gint64 started; /* seconds since 1970 */
    char *description;
    char *owner; /* account id */
    char *region;
    gint64 operation; /* that is making it; 0 for none */
    char *volume;     /* it was taken of; NULL for an imported one. It may be gone */
    char *parent;     /* the snapshot that its file stands on; NULL for none */
    char *secret;  /* UUID of its file's LUKS passphrase (HOME/secrets/UUID); NULL: not encrypted */
    char *content; /* key of what is known of it, as image.content; NULL: nothing is */
    gint64 public; /* everybody may make volumes of it */
    gint64 binned; /* since when it is in the recycle bin; 0: it isn't */
    gint64 bin_until; /* when it leaves the bin for good */
    char *source;     /* what it is a copy of, where; NULL: it isn't one */
    char *source_region;
} snapshot;

extern const char *const snapshot_state_words[];

void snapshot_free(snapshot *self);
gboolean snapshot_insert(store *db, const snapshot *self, GError **error);
gboolean snapshot_update(store *db, const snapshot *self, GError **error);
gboolean snapshot_delete(store *db, const char *id, GError **error);

/* NULL with InvalidSnapshot.NotFound if there is none. The caller frees it. */
snapshot *snapshot_get(store *db, const char *id, GError **error);

/* All of a region that are not deleted, oldest first; all that are deleted, youngest first, so that
 * what stands on another comes before it: snapshot*. NULL on failure. */
GPtrArray *snapshot_list(store *db, const char *region, GError **error);
GPtrArray *snapshot_list_deleted(store *db, GError **error);

/* Every one, of any region and state: snapshot*. NULL on failure. */
GPtrArray *snapshot_list_every(store *db, GError **error);

/* What is in the recycle bin, of a region, the first to leave it first; and what has to leave it
 * NOW, of all: snapshot*. NULL on failure. */
GPtrArray *snapshot_list_binned(store *db, const char *region, GError **error);
GPtrArray *snapshot_list_due(store *db, gint64 now, GError **error);

/* Those that an operation is making: snapshot*. NULL on failure. */
GPtrArray *snapshot_list_of_operation(store *db, gint64 operation, GError **error);

/* What refers to a snapshot. */
typedef struct {
    gboolean stood_on; /* a volume's or another snapshot's file is an overlay over it */
    gboolean named;    /* a volume's record says that it was made of it */
} snapshot_use;

gboolean snapshot_find_use(store *db, const char *id, snapshot_use *use, GError **error);

/* Whether an operation is making a copy of a snapshot. */
gboolean snapshot_is_being_copied(store *db, const char *id, gboolean *copied, GError **error);

/* Those of any state whose files are encrypted with a passphrase: snapshot*. NULL on failure. */
GPtrArray *snapshot_list_of_secret(store *db, const char *secret, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(snapshot, snapshot_free)

#endif
