/* From when to when something was there that costs something. The database notes that by itself
 * (triggers in schema.c), and keeps it for 400 days after the end. */
#ifndef STORE_USAGE_H
#define STORE_USAGE_H

#include "store/store.h"

typedef enum {
    USAGE_INSTANCE, /* runs, or is on its way into hibernation */
    USAGE_VOLUME,
    USAGE_SNAPSHOT,
    USAGE_BUNDLE, /* of an image with its root on instance store */
} usage_kind;

extern const char *const usage_kind_words[];

typedef struct {
    gint64 id;
    char *resource; /* an instance's id, a volume's, a snapshot's, an image's; it may be gone */
    int kind;       /* usage_kind */
    char *type;     /* of an instance or a volume; else NULL */
    char *instance; /* that a volume is attached to; NULL for none */
    char *owner;
    char *region;
    gint64 amount; /* a volume's GiB; bytes stored for a snapshot or a bundle, -1: not known */
    gint64 begun;
    gint64 ended; /* 0: it goes on */
} usage;

void usage_free(usage *self);

/* An account's, by what they are of and in time: usage*. NULL on failure. */
GPtrArray *usage_list(store *db, const char *owner, GError **error);

/* What is of one instance: its own, and that of volumes while they were attached to it. */
GPtrArray *usage_list_of_instance(store *db, const char *instance, GError **error);

/* What goes on of snapshots and bundles and has no amount yet, a hundred at most: usage*. NULL on
 * failure. */
GPtrArray *usage_list_unmeasured(store *db, GError **error);

/* From now on RESOURCE, which goes on, is of BYTES; since its begin, if that wasn't known. Within a
 * transaction. */
gboolean usage_measure(store *db, const char *resource, gint64 bytes, GError **error);

/* As if there never had been anything RESOURCE: for what was nobody's. Within a transaction. */
gboolean usage_forget(store *db, const char *resource, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(usage, usage_free)

#endif
