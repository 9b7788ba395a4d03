#include "store/tag.h"
#include "store/database.h"
#include "store/table.h"

static const field fields[] = {
    FIELD_TEXT(tag, resource),
    FIELD_TEXT(tag, key),
    FIELD_TEXT(tag, value),
};

static const table tags = TABLE("tag", tag, fields, tag_free);

void
tag_free(tag *self)
{
    table_row_free(&tags, self);
}

/* One statement whose ?1, ?2 and ?3, as far as it has them, are these. */
static gboolean
change(store *db, const char *sql, const char *first, const char *second, const char *third,
       GError **error)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(db, sql, error);

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_text(statement, 1, first, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, second, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, third, -1, SQLITE_STATIC);
    return database_finish(db, statement, error);
}

gboolean
tag_set(store *db, const char *resource, const char *key, const char *value, GError **error)
{
    return change(db,
                  "INSERT INTO tag (resource, key, value) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (resource, key) DO UPDATE SET value = excluded.value",
                  resource, key, value, error);
}

gboolean
tag_remove(store *db, const char *resource, const char *key, const char *value, GError **error)
{
    return change(db,
                  "DELETE FROM tag WHERE resource = ?1 AND key = ?2"
                  " AND (?3 IS NULL OR value = ?3)",
                  resource, key, value, error);
}

gboolean
tag_clear(store *db, const char *resource, GError **error)
{
    return table_delete(db, &tags, "resource = ?1", resource, error);
}

gboolean
tag_copy(store *db, const char *from, const char *to, GError **error)
{
    return change(db,
                  "INSERT OR REPLACE INTO tag (resource, key, value)"
                  " SELECT ?2, key, value FROM tag WHERE resource = ?1",
                  from, to, NULL, error);
}

GPtrArray *
tag_list(store *db, const char *resource, GError **error)
{
    return table_select(db, &tags, "resource = ?1 ORDER BY key", resource, error);
}

GHashTable *
tag_list_of_many(store *db, const GPtrArray *resources, GError **error)
{
    return table_select_of_many(db, &tags, resources, "key", error);
}
