#include "store/permission.h"
#include "store/database.h"

/* One statement whose ?1 is RESOURCE and whose ?2, if it has one, is ACCOUNT. */
static sqlite3_stmt *
prepare(store *db, const char *sql, const char *resource, const char *account, GError **error)
{
    sqlite3_stmt *statement = database_prepare(db, sql, error);

    if (statement == NULL)
        return NULL;
    sqlite3_bind_text(statement, 1, resource, -1, SQLITE_STATIC);
    if (account != NULL)
        sqlite3_bind_text(statement, 2, account, -1, SQLITE_STATIC);
    return statement;
}

static gboolean
change(store *db, const char *sql, const char *resource, const char *account, GError **error)
{
    g_autoptr(sqlite3_stmt) statement = prepare(db, sql, resource, account, error);

    return statement != NULL && database_finish(db, statement, error);
}

gboolean
permission_add(store *db, const char *resource, const char *account, GError **error)
{
    return change(db, "INSERT INTO permission VALUES (?1, ?2) ON CONFLICT DO NOTHING", resource,
                  account, error);
}

gboolean
permission_remove(store *db, const char *resource, const char *account, GError **error)
{
    return change(db, "DELETE FROM permission WHERE resource = ?1 AND account = ?2", resource,
                  account, error);
}

gboolean
permission_clear(store *db, const char *resource, GError **error)
{
    return change(db, "DELETE FROM permission WHERE resource = ?1", resource, NULL, error);
}

gboolean
permission_find(store *db, const char *resource, const char *account, gboolean *found,
                GError **error)
{
    g_autoptr(sqlite3_stmt) statement =
        prepare(db, "SELECT 1 FROM permission WHERE resource = ?1 AND account = ?2", resource,
                account, error);
    int got;

    if (statement == NULL)
        return FALSE;
    got = sqlite3_step(statement);
    *found = got == SQLITE_ROW;
    return got == SQLITE_ROW || got == SQLITE_DONE || database_error(db, "amilaunch.db", error);
}

GPtrArray *
permission_list(store *db, const char *resource, GError **error)
{
    g_autoptr(sqlite3_stmt) statement =
        prepare(db, "SELECT account FROM permission WHERE resource = ?1 ORDER BY account", resource,
                NULL, error);
    g_autoptr(GPtrArray) accounts = g_ptr_array_new_with_free_func(g_free);
    int got;

    if (statement == NULL)
        return NULL;
    while ((got = sqlite3_step(statement)) == SQLITE_ROW)
        g_ptr_array_add(accounts, g_strdup((const char *)sqlite3_column_text(statement, 0)));
    if (got != SQLITE_DONE) {
        database_error(db, "amilaunch.db", error);
        return NULL;
    }
    return g_steal_pointer(&accounts);
}
