#include "store/retention.h"
#include "store/database.h"
#include "store/table.h"

const char *const retained_type_words[] = {"image", "snapshot", NULL};

static const field fields[] = {
    FIELD_TEXT(retention_rule, id),
    FIELD_WORD(retention_rule, resource_type, retained_type_words),
    FIELD_INT(retention_rule, days),
    FIELD_TEXT(retention_rule, tag_key),
    FIELD_TEXT(retention_rule, tag_value),
    FIELD_TEXT(retention_rule, description),
    FIELD_TEXT(retention_rule, owner),
    FIELD_TEXT(retention_rule, region),
    FIELD_INT(retention_rule, created),
};

static const table rules = TABLE("retention_rule", retention_rule, fields, retention_rule_free);

void
retention_rule_free(retention_rule *self)
{
    table_row_free(&rules, self);
}

gboolean
retention_rule_insert(store *db, const retention_rule *self, GError **error)
{
    return table_insert(db, &rules, self, error);
}

gboolean
retention_rule_update(store *db, const retention_rule *self, GError **error)
{
    return table_update(db, &rules, self, error);
}

gboolean
retention_rule_delete(store *db, const char *id, GError **error)
{
    return table_delete(db, &rules, "id = ?1", id, error);
}

GPtrArray *
retention_rule_list(store *db, const char *owner, const char *region, GError **error)
{
    g_autofree char *place = g_strdup_printf("%s %s", owner, region);

    return table_select(db, &rules,
                        "owner || ' ' || region = ?1 ORDER BY resource_type, created, id", place,
                        error);
}

gboolean
retention_is_due(store *db, gint64 now, gboolean *due, GError **error)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(
        db,
        "SELECT EXISTS (SELECT 1 FROM image WHERE binned != 0 AND bin_until <= ?1 AND"
        " operation IS NULL) OR EXISTS (SELECT 1 FROM snapshot WHERE binned != 0 AND"
        " bin_until <= ?1)",
        error);

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_int64(statement, 1, now);
    if (sqlite3_step(statement) != SQLITE_ROW)
        return database_error(db, "amilaunch.db", error);
    *due = sqlite3_column_int(statement, 0) != 0;
    return TRUE;
}
