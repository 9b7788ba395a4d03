#include "store/product_code.h"
#include "store/database.h"
#include "store/table.h"

static const field fields[] = {
    FIELD_TEXT(product_code, resource),
    FIELD_TEXT(product_code, code),
    FIELD_TEXT(product_code, kind),
};

static const table codes = TABLE("product_code", product_code, fields, product_code_free);

void
product_code_free(product_code *self)
{
    table_row_free(&codes, self);
}

gboolean
product_code_insert(store *db, const product_code *self, GError **error)
{
    return table_insert(db, &codes, self, error);
}

gboolean
product_code_copy(store *db, const char *from, const char *to, GError **error)
{
    g_autoptr(sqlite3_stmt) statement =
        database_prepare(db,
                         "INSERT INTO product_code (resource, code, kind)"
                         " SELECT ?2, code, kind FROM product_code WHERE resource = ?1"
                         " ON CONFLICT DO NOTHING",
                         error);

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_text(statement, 1, from, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, to, -1, SQLITE_STATIC);
    return database_finish(db, statement, error);
}

GPtrArray *
product_code_list(store *db, const char *resource, GError **error)
{
    return table_select(db, &codes, "resource = ?1 ORDER BY code", resource, error);
}

GHashTable *
product_code_list_of_many(store *db, const GPtrArray *resources, GError **error)
{
    return table_select_of_many(db, &codes, resources, "code", error);
}
