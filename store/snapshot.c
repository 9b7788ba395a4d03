#include "store/snapshot.h"
#include "common/error.h"
#include "store/database.h"
#include "store/table.h"

const char *const snapshot_state_words[] = {"pending",     "completed", "error",
                                            "recoverable", "deleted",   NULL};

static const field fields[] = {
    FIELD_TEXT(snapshot, id),
    FIELD_WORD(snapshot, state, snapshot_state_words),
    FIELD_INT(snapshot, size_gib),
    FIELD_INT(snapshot, started),
    FIELD_TEXT(snapshot, owner),
    FIELD_TEXT(snapshot, description),
    FIELD_TEXT(snapshot, region),
    FIELD_REF(snapshot, operation),
    FIELD_TEXT(snapshot, volume),
    FIELD_TEXT(snapshot, parent),
    FIELD_TEXT(snapshot, secret),
    FIELD_TEXT(snapshot, content),
    FIELD_INT(snapshot, public),
    FIELD_INT(snapshot, binned),
    FIELD_INT(snapshot, bin_until),
    FIELD_TEXT(snapshot, source),
    FIELD_TEXT(snapshot, source_region),
};

static const table snapshots = TABLE("snapshot", snapshot, fields, snapshot_free);

void
snapshot_free(snapshot *self)
{
    table_row_free(&snapshots, self);
}

gboolean
snapshot_insert(store *db, const snapshot *self, GError **error)
{
    return table_insert(db, &snapshots, self, error);
}

gboolean
snapshot_update(store *db, const snapshot *self, GError **error)
{
    return table_update(db, &snapshots, self, error);
}

gboolean
snapshot_delete(store *db, const char *id, GError **error)
{
    return table_delete(db, &snapshots, "id = ?1", id, error);
}

snapshot *
snapshot_get(store *db, const char *id, GError **error)
{
    g_autoptr(GError) problem = NULL;
    snapshot *found = table_get(db, &snapshots, id, &problem);

    if (problem != NULL)
        g_propagate_error(error, g_steal_pointer(&problem));
    else if (found == NULL)
        error_set(error, ERROR_SNAPSHOT_NOT_FOUND, "The snapshot '%s' does not exist.", id);
    return found;
}

GPtrArray *
snapshot_list(store *db, const char *region, GError **error)
{
    return table_select(
        db, &snapshots,
        "region = ?1 AND state NOT IN ('recoverable', 'deleted') ORDER BY started, id", region,
        error);
}

GPtrArray *
snapshot_list_deleted(store *db, GError **error)
{
    return table_select(db, &snapshots, "state = 'deleted' ORDER BY started DESC, id", NULL, error);
}

GPtrArray *
snapshot_list_every(store *db, GError **error)
{
    return table_select(db, &snapshots, "1 ORDER BY started, id", NULL, error);
}

GPtrArray *
snapshot_list_binned(store *db, const char *region, GError **error)
{
    return table_select(db, &snapshots,
                        "binned != 0 AND +region = ?1 ORDER BY bin_until, started, id", region,
                        error);
}

GPtrArray *
snapshot_list_due(store *db, gint64 now, GError **error)
{
    g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, now);

    return table_select(db, &snapshots, "binned != 0 AND bin_until <= CAST(?1 AS INTEGER)", key,
                        error);
}

GPtrArray *
snapshot_list_of_operation(store *db, gint64 operation, GError **error)
{
    g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, operation);

    return table_select(db, &snapshots, "operation = CAST(?1 AS INTEGER)", key, error);
}

/* Whether the query QUESTION, in which ? stands for VALUE, has a row. */
static gboolean
ask(store *db, const char *question, const char *value, gboolean *answer, GError **error)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(db, question, error);
    int result;

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_text(statement, 1, value, -1, SQLITE_STATIC);
    result = sqlite3_step(statement);
    *answer = result == SQLITE_ROW;
    return result == SQLITE_ROW || result == SQLITE_DONE ||
           database_error(db, "amilaunch.db", error);
}

gboolean
snapshot_find_use(store *db, const char *id, snapshot_use *use, GError **error)
{
    return ask(db,
               "SELECT 1 FROM volume WHERE backing = ?1 UNION ALL"
               " SELECT 1 FROM snapshot WHERE parent = ?1",
               id, &use->stood_on, error) &&
           ask(db, "SELECT 1 FROM volume WHERE snapshot = ?", id, &use->named, error);
}

gboolean
snapshot_is_being_copied(store *db, const char *id, gboolean *copied, GError **error)
{
    return ask(
        db,
        "SELECT 1 FROM snapshot WHERE operation IS NOT NULL AND state = 'pending' AND source = ?",
        id, copied, error);
}

GPtrArray *
snapshot_list_of_secret(store *db, const char *secret, GError **error)
{
    return table_select(db, &snapshots, "secret = ?1 ORDER BY id", secret, error);
}
