#include "store/key_pair.h"
#include "common/error.h"
#include "store/table.h"

const char *const key_type_words[] = {"rsa", "ed25519", NULL};

static const field fields[] = {
    FIELD_TEXT(key_pair, id),
    FIELD_TEXT(key_pair, name),
    FIELD_TEXT(key_pair, owner),
    FIELD_TEXT(key_pair, region),
    FIELD_WORD(key_pair, type, key_type_words),
    FIELD_TEXT(key_pair, fingerprint),
    FIELD_TEXT(key_pair, public_key),
    FIELD_INT(key_pair, created),
};

static const table key_pairs = TABLE("key_pair", key_pair, fields, key_pair_free);

void
key_pair_free(key_pair *self)
{
    table_row_free(&key_pairs, self);
}

/* At most one, as names are unique. */
static GPtrArray *
select_named(store *db, const char *owner, const char *region, const char *name, GError **error)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new();

    g_ptr_array_add(values, (gpointer)owner);
    g_ptr_array_add(values, (gpointer)region);
    g_ptr_array_add(values, (gpointer)name);
    return table_select_bound(db, &key_pairs,
                              "owner = ?1 AND region = ?2 AND (?3 IS NULL OR name = ?3)"
                              " ORDER BY name",
                              values, error);
}

gboolean
key_pair_insert(store *db, const key_pair *self, GError **error)
{
    g_autoptr(GPtrArray) same = select_named(db, self->owner, self->region, self->name, error);

    if (same == NULL)
        return FALSE;
    if (same->len > 0)
        return error_set(error, ERROR_KEY_DUPLICATE, "The keypair '%s' already exists.",
                         self->name);
    return table_insert(db, &key_pairs, self, error);
}

key_pair *
key_pair_find(store *db, const char *owner, const char *region, const char *name, GError **error)
{
    g_autoptr(GPtrArray) found = select_named(db, owner, region, name, error);

    if (found == NULL)
        return NULL;
    if (found->len == 0) {
        error_set(error, ERROR_KEY_NOT_FOUND, "The key pair '%s' does not exist", name);
        return NULL;
    }
    return g_ptr_array_steal_index(found, 0);
}

GPtrArray *
key_pair_list(store *db, const char *owner, const char *region, GError **error)
{
    return select_named(db, owner, region, NULL, error);
}

GPtrArray *
key_pair_list_every(store *db, GError **error)
{
    return table_select(db, &key_pairs, "1 ORDER BY id", NULL, error);
}

gboolean
key_pair_delete(store *db, const char *id, GError **error)
{
    return table_delete(db, &key_pairs, "id = ?1", id, error);
}
