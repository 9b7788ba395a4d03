/* What is remembered: one SQLite database for each HOME, shared by all commands that run at once.
 *
 * Every change of state is one transaction; readers never wait for writers (WAL). Errors are
 * Host.Disk when the disk is full, Host.Permission when the file can't be written, and
 * Host.Database for the rest. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <glib.h>

typedef struct store store;

/* Opens HOME/amilaunch.db, made or migrated as needed. HOME must exist. NULL on failure. A database
 * that a newer version wrote is refused. */
store *store_open(const char *home, GError **error);
void store_free(store *self);

/* From now on SELF, in which nothing is open or under way, can only be read: what this process has
 * open of the database won't let it write to that, whatever becomes of the process. FALSE on
 * failure; then it is good for nothing but store_free(). */
gboolean store_only_read(store *self, GError **error);

/* A write transaction. Freed without transaction_commit() it is rolled back. Only one can be open
 * on a store; another process's makes this one wait. */
typedef struct transaction transaction;

transaction *transaction_begin(store *self, GError **error);
gboolean transaction_commit(transaction *self, GError **error);
void transaction_free(transaction *self);

/* Until moment_end() all that is read is of one moment, and SQLite looks at its locks once and not
 * for each row; nothing may be written. Within a transaction it is part of that. */
typedef struct moment moment;

moment *moment_begin(store *self, GError **error);

/* NULL is fine. */
void moment_end(moment *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(moment, moment_end)

/* A number that changes when somebody else has changed the database; 0 on failure. */
gint64 store_version(store *self);

/* Small facts about this host, e.g. a measured verdict. host_fact_get() gives NULL if KEY was never
 * set; the caller frees the value. */
char *host_fact_get(store *self, const char *key);
gboolean host_fact_set(store *self, const char *key, const char *value, GError **error);

/* What an image of this content (DIGEST names it) was found to be, as text. NULL if it was never
 * inspected. The caller frees it. */
char *content_facts_get(store *self, const char *digest);
gboolean content_facts_set(store *self, const char *digest, const char *facts, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(store, store_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(transaction, transaction_free)

#endif
