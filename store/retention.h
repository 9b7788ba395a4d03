/* Retention rules: how long what is deregistered or deleted stays in the recycle bin. A rule is for
 * one account in one region. */
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include "store/store.h"

typedef enum { RETAINS_IMAGES, RETAINS_SNAPSHOTS } retained_type;

extern const char *const retained_type_words[]; /* "image", "snapshot" */

typedef struct {
    char *id;          /* 11 letters and digits */
    int resource_type; /* retained_type */
    gint64 days;
    char *tag_key;   /* it is for what has this tag; NULL: for all of that type */
    char *tag_value; /* NULL: whatever the tag's value */
    char *description;
    char *owner;
    char *region;
    gint64 created;
} retention_rule;

void retention_rule_free(retention_rule *self);

/* Within a transaction. */
gboolean retention_rule_insert(store *db, const retention_rule *self, GError **error);
gboolean retention_rule_update(store *db, const retention_rule *self, GError **error);
gboolean retention_rule_delete(store *db, const char *id, GError **error);

/* OWNER's rules of REGION, oldest first for each type: retention_rule*. NULL on failure. */
GPtrArray *retention_rule_list(store *db, const char *owner, const char *region, GError **error);

/* Whether something in the bin has to leave it NOW. */
gboolean retention_is_due(store *db, gint64 now, gboolean *due, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(retention_rule, retention_rule_free)

#endif
