#include "store/volume.h"
#include "store/table.h"

const char *const volume_state_words[] = {"creating", "available", "in-use", "deleting", NULL};

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
