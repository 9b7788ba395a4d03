#include "store/permission.h"
#include "store/database.h"

/* One statement with its ?1 and, if it has one, its ?2. */
static sqlite3_stmt *
prepare(store *db, const char *sql, const char *first, const char *second, GError **error)
{
    sqlite3_stmt *statement = database_prepare(db, sql, error);

    if (statement == NULL)
        return NULL;
    sqlite3_bind_text(statement, 1, first, -1, SQLITE_STATIC);
    if (second != NULL)
        sqlite3_bind_text(statement, 2, second, -1, SQLITE_STATIC);
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

typedef void (*take)(gpointer to, char *text);

/* Gives each text that STATEMENT has to ADD, which takes it over. */
static gboolean
each_text(store *db, sqlite3_stmt *statement, take add, gpointer to, GError **error)
{
    int got;

    while ((got = sqlite3_step(statement)) == SQLITE_ROW)
        add(to, g_strdup((const char *)sqlite3_column_text(statement, 0)));
    return got == SQLITE_DONE || database_error(db, "amilaunch.db", error);
}

static void
add_to_list(gpointer list, char *text)
{
    g_ptr_array_add(list, text);
}

static void
add_to_set(gpointer set, char *text)
{
    g_hash_table_add(set, text);
}

GPtrArray *
permission_list(store *db, const char *resource, GError **error)
{
    g_autoptr(sqlite3_stmt) statement =
        prepare(db, "SELECT account FROM permission WHERE resource = ?1 ORDER BY account", resource,
                NULL, error);
    g_autoptr(GPtrArray) accounts = g_ptr_array_new_with_free_func(g_free);

    if (statement == NULL || !each_text(db, statement, add_to_list, accounts, error))
        return NULL;
    return g_steal_pointer(&accounts);
}

GHashTable *
permission_set_of_account(store *db, const char *account, GError **error)
{
    g_autoptr(sqlite3_stmt) statement =
        prepare(db, "SELECT resource FROM permission WHERE account = ?1", account, NULL, error);
    g_autoptr(GHashTable) set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (statement == NULL || !each_text(db, statement, add_to_set, set, error))
        return NULL;
    return g_steal_pointer(&set);
}
