/* Tags: a key and a value that somebody has put on an image, a snapshot, a volume or an instance. A
 * row that goes takes its tags with it. */
#ifndef STORE_TAG_H
#define STORE_TAG_H

#include "store/store.h"

typedef struct {
    char *resource; /* the id of what it is on */
    char *key;
    char *value; /* may be "" */
} tag;

void tag_free(tag *self);

/* Instead of the value that the key has, if it has one. */
gboolean tag_set(store *db, const char *resource, const char *key, const char *value,
                 GError **error);

/* VALUE: only if that is its value; NULL: whatever it is. Fine if there is no such tag. */
gboolean tag_remove(store *db, const char *resource, const char *key, const char *value,
                    GError **error);

/* All of one resource. */
gboolean tag_clear(store *db, const char *resource, GError **error);

/* Gives TO the tags of FROM. Within a transaction. */
gboolean tag_copy(store *db, const char *from, const char *to, GError **error);

/* Those of one resource, by key: tag*. NULL on failure. */
GPtrArray *tag_list(store *db, const char *resource, GError **error);

/* Those of each of RESOURCES (char*), in one query: its id -> GPtrArray of tag*, by key; what has
 * none isn't in it. The caller unrefs the map, which owns all. NULL on failure. */
GHashTable *tag_list_of_many(store *db, const GPtrArray *resources, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(tag, tag_free)

#endif
