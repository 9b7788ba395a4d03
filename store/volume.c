#include "store/volume.h"
#include "common/error.h"
#include "store/table.h"

const char *const volume_state_words[] = {"creating", "available", "in-use",
                                          "deleting", "error",     NULL};

static const field fields[] = {
    FIELD_TEXT(volume, id),
    FIELD_WORD(volume, state, volume_state_words),
    FIELD_INT(volume, size_gib),
    FIELD_TEXT(volume, type),
    FIELD_TEXT(volume, snapshot),
    FIELD_TEXT(volume, zone),
    FIELD_INT(volume, created),
    FIELD_TEXT(volume, instance),
    FIELD_TEXT(volume, device),
    FIELD_INT(volume, attached),
    FIELD_INT(volume, delete_on_termination),
    FIELD_TEXT(volume, backing),
    FIELD_TEXT(volume, secret),
    FIELD_REF(volume, operation),
    FIELD_TEXT(volume, owner),
};

static const table volumes = TABLE("volume", volume, fields, volume_free);

void
volume_free(volume *self)
{
    table_row_free(&volumes, self);
}

gboolean
volume_insert(store *db, const volume *self, GError **error)
{
    return table_insert(db, &volumes, self, error);
}

gboolean
volume_update(store *db, const volume *self, GError **error)
{
    return table_update(db, &volumes, self, error);
}

gboolean
volume_delete(store *db, const char *id, GError **error)
{
    return table_delete(db, &volumes, "id = ?1", id, error);
}

GPtrArray *
volume_list_of_instance(store *db, const char *instance, GError **error)
{
    return table_select(db, &volumes, "instance = ?1 ORDER BY device", instance, error);
}

volume *
volume_get(store *db, const char *id, GError **error)
{
    g_autoptr(GError) problem = NULL;
    volume *found = table_get(db, &volumes, id, &problem);

    if (problem != NULL)
        g_propagate_error(error, g_steal_pointer(&problem));
    else if (found == NULL)
        error_set(error, ERROR_VOLUME_NOT_FOUND, "The volume '%s' does not exist.", id);
    return found;
}

GPtrArray *
volume_list(store *db, GError **error)
{
    return table_select(db, &volumes, "1 ORDER BY created, id", NULL, error);
}

GPtrArray *
volume_list_of_secret(store *db, const char *secret, GError **error)
{
    return table_select(db, &volumes, "secret = ?1 ORDER BY id", secret, error);
}

GPtrArray *
volume_list_of_operation(store *db, gint64 operation, GError **error)
{
    g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, operation);

    return table_select(db, &volumes, "operation = CAST(?1 AS INTEGER) ORDER BY id", key, error);
}
