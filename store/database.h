/* SQLite behind a thin wrapper, for this folder's own use. */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include "store/store.h"

#include <sqlite3.h>

struct store {
    sqlite3 *db;
    int lock_fd;       /* HOME/amilaunch.lock: see store/operation.h */
    GHashTable *owned; /* ids of the operations that this process carries out */
    gint64 begun;      /* the operation that the open transaction has begun; 0 for none */
    GHashTable *idle;  /* SQL -> prepared statement that nobody uses just now */
};

/* Sets *error from the connection's last problem, with WHAT in front. FALSE always. */
gboolean database_error(store *self, const char *what, GError **error);

/* Runs SQL that gives no rows and takes no values. */
gboolean database_run(store *self, const char *sql, GError **error);

/* A prepared statement, for database_release(); NULL on failure. Lists ask the same for each of
 * their rows, and to prepare a statement takes ten times as long as to run it: those that were
 * released are kept. */
sqlite3_stmt *database_prepare(store *self, const char *sql, GError **error);

/* Ends a statement, with its values. NULL is fine. */
void database_release(sqlite3_stmt *statement);

/* Frees all statements that nobody uses, as has to be before the database is closed. */
void database_forget_statements(store *self);

/* Steps a statement that gives no rows. */
gboolean database_finish(store *self, sqlite3_stmt *statement, GError **error);

/* Makes the tables of a new database, or brings those of an older version up to date. */
gboolean schema_migrate(store *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3_stmt, database_release)

#endif
