#include "common/error.h"
#include "store/database.h"
#include "store/table.h"

static gpointer
member(const field *column, gconstpointer row)
{
    return (char *)row + column->offset;
}

static void
bind(sqlite3_stmt *statement, int place, const field *column, gconstpointer row)
{
    const gint64 *number = member(column, row);

    switch (column->kind) {
    case COLUMN_TEXT:
        sqlite3_bind_text(statement, place, *(char **)member(column, row), -1, SQLITE_STATIC);
        break;
    case COLUMN_WORD:
        sqlite3_bind_text(statement, place, column->words[*(int *)member(column, row)], -1,
                          SQLITE_STATIC);
        break;
    case COLUMN_REF:
        if (*number == 0) {
            sqlite3_bind_null(statement, place);
            break;
        }
        G_GNUC_FALLTHROUGH;
    case COLUMN_INT:
        sqlite3_bind_int64(statement, place, *number);
        break;
    }
}

static gboolean
word_find(const char *const *words, const char *text, int *place)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (g_strcmp0(words[i], text) == 0) {
            *place = i;
            return TRUE;
        }
    }
    return FALSE;
}

/* A word that isn't in the list was written by a newer version, or by hand. */
static gboolean
column_read(sqlite3_stmt *statement, int place, const field *column, gpointer row, GError **error)
{
    const char *text;

    switch (column->kind) {
    case COLUMN_TEXT:
        *(char **)member(column, row) =
            g_strdup((const char *)sqlite3_column_text(statement, place));
        break;
    case COLUMN_WORD:
        text = (const char *)sqlite3_column_text(statement, place);
        if (!word_find(column->words, text, member(column, row)))
            return error_set(error, ERROR_HOST_DATABASE, "amilaunch.db has an unknown %s: %s",
                             column->name, text != NULL ? text : "nothing");
        break;
    case COLUMN_REF:
    case COLUMN_INT:
        *(gint64 *)member(column, row) = sqlite3_column_int64(statement, place);
        break;
    }
    return TRUE;
}

static gpointer
row_read(const table *what, sqlite3_stmt *statement, GError **error)
{
    gpointer row = g_malloc0(what->row_size);

    for (gsize i = 0; i < what->count; i++) {
        if (!column_read(statement, (int)i, &what->fields[i], row, error)) {
            table_row_free(what, row);
            return NULL;
        }
    }
    return row;
}

static void
names_append(GString *sql, const table *what)
{
    for (gsize i = 0; i < what->count; i++)
        g_string_append_printf(sql, "%s%s", i > 0 ? ", " : "", what->fields[i].name);
}

static gboolean
row_write(store *self, const table *what, const char *sql, gconstpointer row, GError **error)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(self, sql, error);

    if (statement == NULL)
        return FALSE;
    for (gsize i = 0; i < what->count; i++)
        bind(statement, (int)i + 1, &what->fields[i], row);
    return database_finish(self, statement, error);
}

gboolean
table_insert(store *self, const table *what, const void *row, GError **error)
{
    g_autoptr(GString) sql = g_string_new(NULL);

    g_string_printf(sql, "INSERT INTO %s (", what->name);
    names_append(sql, what);
    g_string_append(sql, ") VALUES (?");
    for (gsize i = 1; i < what->count; i++)
        g_string_append(sql, ", ?");
    g_string_append_c(sql, ')');
    return row_write(self, what, sql->str, row, error);
}

gboolean
table_update(store *self, const table *what, const void *row, GError **error)
{
    g_autoptr(GString) sql = g_string_new(NULL);

    g_string_printf(sql, "UPDATE %s SET ", what->name);
    for (gsize i = 0; i < what->count; i++)
        g_string_append_printf(sql, "%s%s = ?%d", i > 0 ? ", " : "", what->fields[i].name,
                               (int)i + 1);
    g_string_append_printf(sql, " WHERE %s = ?1", what->fields[0].name);
    if (!row_write(self, what, sql->str, row, error))
        return FALSE;
    if (sqlite3_changes(self->db) != 1)
        return error_set(error, ERROR_HOST_DATABASE, "a row of %s is gone", what->name);
    return TRUE;
}

static sqlite3_stmt *
prepare_where(store *self, GString *sql, const char *value, GError **error)
{
    sqlite3_stmt *statement = database_prepare(self, sql->str, error);

    if (statement != NULL && value != NULL)
        sqlite3_bind_text(statement, 1, value, -1, SQLITE_STATIC);
    return statement;
}

/* All rows of a prepared statement. */
static GPtrArray *
rows_read(store *self, const table *what, sqlite3_stmt *statement, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(what->row_free);
    int got;

    while ((got = sqlite3_step(statement)) == SQLITE_ROW) {
        gpointer row = row_read(what, statement, error);
        if (row == NULL)
            return NULL;
        g_ptr_array_add(rows, row);
    }
    if (got != SQLITE_DONE) {
        database_error(self, "amilaunch.db", error);
        return NULL;
    }
    return g_steal_pointer(&rows);
}

GPtrArray *
table_select_bound(store *self, const table *what, const char *where, const GPtrArray *values,
                   GError **error)
{
    g_autoptr(GString) sql = g_string_new("SELECT ");
    g_autoptr(sqlite3_stmt) statement = NULL;

    names_append(sql, what);
    g_string_append_printf(sql, " FROM %s WHERE %s", what->name, where);
    statement = database_prepare(self, sql->str, error);
    if (statement == NULL)
        return NULL;
    for (guint i = 0; values != NULL && i < values->len; i++)
        sqlite3_bind_text(statement, (int)i + 1, g_ptr_array_index(values, i), -1, SQLITE_STATIC);
    return rows_read(self, what, statement, error);
}

GPtrArray *
table_select(store *self, const table *what, const char *where, const char *value, GError **error)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new();

    if (value != NULL)
        g_ptr_array_add(values, (char *)value);
    return table_select_bound(self, what, where, values, error);
}

/* IDS as a JSON array, so that any number of them is one bound value. */
static char *
ids_text(const GPtrArray *ids)
{
    GString *text = g_string_new("[");

    for (guint i = 0; i < ids->len; i++) {
        g_string_append(text, i > 0 ? ",\"" : "\"");
        for (const char *at = g_ptr_array_index(ids, i); *at != '\0'; at++) {
            if (*at == '"' || *at == '\\')
                g_string_append_c(text, '\\');
            g_string_append_c(text, *at);
        }
        g_string_append_c(text, '"');
    }
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

static void
group_add(GHashTable *groups, const table *what, gpointer row)
{
    const char *id = *(char **)member(&what->fields[0], row);
    GPtrArray *rows = g_hash_table_lookup(groups, id);

    if (rows == NULL) {
        rows = g_ptr_array_new_with_free_func(what->row_free);
        g_hash_table_insert(groups, g_strdup(id), rows);
    }
    g_ptr_array_add(rows, row);
}

GHashTable *
table_select_of_many(store *self, const table *what, const GPtrArray *ids, const char *order,
                     GError **error)
{
    GHashTable *groups =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    g_autofree char *list = ids_text(ids);
    g_autofree char *where =
        g_strdup_printf("%s IN (SELECT value FROM json_each(?1)) ORDER BY %s, %s",
                        what->fields[0].name, what->fields[0].name, order);
    g_autoptr(GPtrArray) rows = table_select(self, what, where, list, error);

    if (rows == NULL) {
        g_hash_table_unref(groups);
        return NULL;
    }
    g_ptr_array_set_free_func(rows, NULL);
    for (guint i = 0; i < rows->len; i++)
        group_add(groups, what, g_ptr_array_index(rows, i));
    return groups;
}

gpointer
table_get(store *self, const table *what, const char *key, GError **error)
{
    g_autofree char *where = g_strdup_printf("%s = ?1", what->fields[0].name);
    g_autoptr(GPtrArray) rows = table_select(self, what, where, key, error);

    if (rows == NULL || rows->len == 0)
        return NULL;
    return g_ptr_array_steal_index(rows, 0);
}

gboolean
table_delete(store *self, const table *what, const char *where, const char *value, GError **error)
{
    g_autoptr(GString) sql = g_string_new(NULL);
    g_autoptr(sqlite3_stmt) statement = NULL;

    g_string_printf(sql, "DELETE FROM %s WHERE %s", what->name, where);
    statement = prepare_where(self, sql, value, error);
    return statement != NULL && database_finish(self, statement, error);
}

void
table_row_free(const table *what, gpointer row)
{
    if (row == NULL)
        return;
    for (gsize i = 0; i < what->count; i++)
        if (what->fields[i].kind == COLUMN_TEXT)
            g_free(*(char **)member(&what->fields[i], row));
    g_free(row);
}
