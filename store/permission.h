/* Which accounts, besides the owner, may use an image or a snapshot. That everybody may is said by
 * the row of the image or the snapshot itself (PUBLIC). A row that goes takes its permissions with
 * it. */
#ifndef STORE_PERMISSION_H
#define STORE_PERMISSION_H

#include "store/store.h"

/* Both are fine if it is so already. Within a transaction. */
gboolean permission_add(store *db, const char *resource, const char *account, GError **error);
gboolean permission_remove(store *db, const char *resource, const char *account, GError **error);

/* All of one resource. */
gboolean permission_clear(store *db, const char *resource, GError **error);

/* Whether ACCOUNT is among them. */
gboolean permission_find(store *db, const char *resource, const char *account, gboolean *found,
                         GError **error);

/* The accounts, in order: char*. NULL on failure. */
GPtrArray *permission_list(store *db, const char *resource, GError **error);

/* The resources of others that ACCOUNT may use: a set of char *, which it owns. NULL on failure. */
GHashTable *permission_set_of_account(store *db, const char *account, GError **error);

#endif
