/* Prepared statements, kept for the next who asks the same. */
#include "store/database.h"

#include <string.h>

#define KEPT_MOST 64
#define KEPT_BYTES 4096 /* of SQL: a longer one has a list in it that won't come again */

static GSList *stores; /* those with statements: one, but in tests */

static store *
store_of(sqlite3_stmt *statement)
{
    for (GSList *at = stores; at != NULL; at = at->next)
        if (((store *)at->data)->db == sqlite3_db_handle(statement))
            return at->data;
    return NULL;
}

static void
finalize(gpointer statement)
{
    sqlite3_finalize(statement);
}

/* A statement's text is its key, and lives as long as it does. */
static sqlite3_stmt *
take_idle(store *self, const char *sql)
{
    gpointer statement = NULL;

    if (self->idle == NULL) {
        self->idle = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, finalize);
        stores = g_slist_prepend(stores, self);
    }
    g_hash_table_steal_extended(self->idle, sql, NULL, &statement);
    return statement;
}

sqlite3_stmt *
database_prepare(store *self, const char *sql, GError **error)
{
    sqlite3_stmt *statement = take_idle(self, sql);

    if (statement == NULL && sqlite3_prepare_v2(self->db, sql, -1, &statement, NULL) != SQLITE_OK)
        database_error(self, "amilaunch.db", error);
    return statement;
}

/* Two of the same may have been in use at once. */
static gboolean
is_worth_keeping(const store *self, sqlite3_stmt *statement)
{
    return self != NULL && self->idle != NULL && g_hash_table_size(self->idle) < KEPT_MOST &&
           strlen(sqlite3_sql(statement)) <= KEPT_BYTES &&
           !g_hash_table_contains(self->idle, sqlite3_sql(statement));
}

void
database_release(sqlite3_stmt *statement)
{
    store *self = statement != NULL ? store_of(statement) : NULL;

    if (!is_worth_keeping(self, statement)) {
        sqlite3_finalize(statement);
        return;
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    g_hash_table_insert(self->idle, (gpointer)sqlite3_sql(statement), statement);
}

void
database_forget_statements(store *self)
{
    stores = g_slist_remove(stores, self);
    g_clear_pointer(&self->idle, g_hash_table_destroy);
}
