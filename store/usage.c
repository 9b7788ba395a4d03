#include "store/usage.h"
#include "common/times.h"
#include "store/database.h"
#include "store/table.h"

#define IN_ORDER "ORDER BY instr('instance volume snapshot bundle', kind), resource, id"
#define GOES_ON "WHERE resource = ?1 AND ended IS NULL"

const char *const usage_kind_words[] = {"instance", "volume", "snapshot", "bundle", NULL};

static const field fields[] = {
    FIELD_REF(usage, id),
    FIELD_TEXT(usage, resource),
    FIELD_WORD(usage, kind, usage_kind_words),
    FIELD_TEXT(usage, type),
    FIELD_TEXT(usage, instance),
    FIELD_TEXT(usage, owner),
    FIELD_TEXT(usage, region),
    FIELD_INT(usage, amount),
    FIELD_INT(usage, begun),
    FIELD_REF(usage, ended),
};

static const table usages = TABLE("usage", usage, fields, usage_free);

void
usage_free(usage *self)
{
    table_row_free(&usages, self);
}

GPtrArray *
usage_list(store *db, const char *owner, GError **error)
{
    return table_select(db, &usages, "owner = ?1 " IN_ORDER, owner, error);
}

GPtrArray *
usage_list_of_instance(store *db, const char *instance, GError **error)
{
    return table_select(db, &usages, "resource = ?1 OR instance = ?1 " IN_ORDER, instance, error);
}

GPtrArray *
usage_list_unmeasured(store *db, GError **error)
{
    return table_select(db, &usages, "amount < 0 AND ended IS NULL ORDER BY id LIMIT 100", NULL,
                        error);
}

static gboolean
run(store *db, const char *sql, const char *resource, gint64 bytes, GError **error)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(db, sql, error);

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_text(statement, 1, resource, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, bytes);
    sqlite3_bind_int64(statement, 3, time_now());
    return database_finish(db, statement, error);
}

gboolean
usage_measure(store *db, const char *resource, gint64 bytes, GError **error)
{
    return run(db, "UPDATE usage SET amount = ?2 " GOES_ON " AND amount < 0", resource, bytes,
               error) &&
           run(db,
               "INSERT INTO usage (resource, kind, type, instance, owner, region, amount, begun)"
               " SELECT resource, kind, type, instance, owner, region, ?2, ?3 FROM usage " GOES_ON
               " AND amount != ?2",
               resource, bytes, error) &&
           run(db, "UPDATE usage SET ended = ?3 " GOES_ON " AND amount != ?2", resource, bytes,
               error);
}

gboolean
usage_forget(store *db, const char *resource, GError **error)
{
    g_autoptr(sqlite3_stmt) statement =
        database_prepare(db, "DELETE FROM usage WHERE resource = ?1", error);

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_text(statement, 1, resource, -1, SQLITE_STATIC);
    return database_finish(db, statement, error);
}
