#include "launcher/tagging.h"
#include "common/error.h"
#include "common/ids.h"
#include "launcher/scope.h"

#include <string.h>

#define MOST_TAGS 50
#define LONGEST_KEY 127
#define LONGEST_VALUE 255

/* ---- what a tag can be ---- */

static gboolean
text_check(const char *what, const char *text, glong longest, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL))
        return error_set(error, ERROR_PARAMETER_VALUE, "Tag %s is not UTF-8", what);
    if (g_utf8_strlen(text, -1) > longest)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "Tag %s exceeds the maximum length of %ld characters", what, longest);
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)))
            return error_set(error, ERROR_PARAMETER_VALUE, "Tag %s has a control character", what);
    return TRUE;
}

static gboolean
key_check(const char *key, GError **error)
{
    if (*key == '\0')
        return error_set(error, ERROR_PARAMETER_VALUE, "Tag key cannot be empty");
    if (g_ascii_strncasecmp(key, "aws:", 4) == 0)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "Tag keys starting with 'aws:' are reserved for internal use");
    return text_check("key", key, LONGEST_KEY, error);
}

/* KEY=VALUE, or Key=KEY,Value=VALUE. *VALUE is NULL if there is none. */
static void
split(const char *spec, char **key, char **value)
{
    gboolean named = g_str_has_prefix(spec, "Key=");
    const char *begin = named ? spec + strlen("Key=") : spec;
    const char *separator = named ? ",Value=" : "=";
    const char *end = strstr(begin, separator);

    *key = end != NULL ? g_strndup(begin, (gsize)(end - begin)) : g_strdup(begin);
    *value = end != NULL ? g_strdup(end + strlen(separator)) : NULL;
}

static tag *
tag_parse(const char *spec, GError **error)
{
    g_autoptr(tag) made = g_new0(tag, 1);

    split(spec, &made->key, &made->value);
    if (!key_check(made->key, error) ||
        (made->value != NULL && !text_check("value", made->value, LONGEST_VALUE, error)))
        return NULL;
    return g_steal_pointer(&made);
}

/* Tags whose values may be NULL. */
static GPtrArray *
parse_all(const char *const *specs, GError **error)
{
    g_autoptr(GPtrArray) tags = g_ptr_array_new_with_free_func((GDestroyNotify)tag_free);
    g_autoptr(GHashTable) keys = g_hash_table_new(g_str_hash, g_str_equal);

    for (; specs != NULL && *specs != NULL; specs++) {
        tag *made = tag_parse(*specs, error);
        if (made == NULL)
            return NULL;
        g_ptr_array_add(tags, made);
        if (!g_hash_table_add(keys, made->key)) {
            error_set(error, ERROR_PARAMETER_VALUE, "Duplicate tag key '%s' specified.", made->key);
            return NULL;
        }
    }
    return g_steal_pointer(&tags);
}

static gboolean
check_count(guint count, const char *resource, GError **error)
{
    return count <= MOST_TAGS ||
           error_set(error, ERROR_TAG_LIMIT,
                     "The maximum number of Tags for a resource has been reached: %s would have %u "
                     "of at most %d; amilaunch tag rm makes room",
                     resource, count, MOST_TAGS);
}

GPtrArray *
tags_parse(const char *const *specs, GError **error)
{
    g_autoptr(GPtrArray) tags = parse_all(specs, error);

    if (tags == NULL || !check_count(tags->len, "it", error))
        return NULL;
    for (guint i = 0; i < tags->len; i++) {
        tag *one = g_ptr_array_index(tags, i);
        gboolean named = g_str_has_prefix(specs[i], "Key=");
        if (one->value == NULL && named)
            one->value = g_strdup("");
        if (one->value != NULL)
            continue;
        error_set(error, ERROR_PARAMETER_VALUE,
                  "'%s' is no tag: KEY=VALUE, where the value may be empty", specs[i]);
        return NULL;
    }
    return g_steal_pointer(&tags);
}

gboolean
tags_put(store *db, const char *resource, const GPtrArray *tags, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;

    if (tags == NULL || tags->len == 0)
        return TRUE;
    for (guint i = 0; i < tags->len; i++) {
        const tag *one = g_ptr_array_index(tags, i);
        if (!tag_set(db, resource, one->key, one->value, error))
            return FALSE;
    }
    all = tag_list(db, resource, error);
    return all != NULL && check_count(all->len, resource, error);
}

/* ---- on what ---- */

/* TRUE if it is the asking account's own. */
static gboolean
check_own(launcher *self, const char *id, GError **error)
{
    g_autoptr(image) ami = NULL;
    g_autoptr(snapshot) disk = NULL;
    g_autoptr(volume) what = NULL;
    g_autoptr(instance) vm = NULL;
    g_autoptr(key_pair) pair = NULL;

    if (id_is("ami", id))
        return (ami = scope_own_image(self, id, error)) != NULL;
    if (id_is("snap", id))
        return (disk = scope_own_snapshot(self, id, error)) != NULL;
    if (id_is("vol", id))
        return (what = scope_volume(self, id, error)) != NULL;
    if (id_is("i", id))
        return (vm = scope_instance(self, id, error)) != NULL;
    if (id_is("key", id))
        return (pair = scope_key_pair(self, id, error)) != NULL;
    return error_set(error, ERROR_ID_INVALID,
                     "The ID '%s' is not valid: tags are for ami-..., snap-..., vol-..., i-... and "
                     "key-...",
                     id);
}

gboolean
launcher_tag_add(launcher *self, const char *const *ids, const char *const *specs, GError **error)
{
    g_autoptr(GPtrArray) tags = tags_parse(specs, error);
    g_autoptr(transaction) change = NULL;

    if (tags == NULL || launcher_store(self, error) == NULL)
        return FALSE;
    change = transaction_begin(self->db, error);
    if (change == NULL)
        return FALSE;
    for (; *ids != NULL; ids++)
        if (!check_own(self, *ids, error) || !tags_put(self->db, *ids, tags, error))
            return FALSE;
    return transaction_commit(change, error);
}

static gboolean
remove_from(launcher *self, const char *id, const GPtrArray *tags, gboolean all, GError **error)
{
    if (!check_own(self, id, error) || (all && !tag_clear(self->db, id, error)))
        return FALSE;
    for (guint i = 0; i < tags->len; i++) {
        const tag *one = g_ptr_array_index(tags, i);
        if (!tag_remove(self->db, id, one->key, one->value, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
launcher_tag_remove(launcher *self, const char *const *ids, const char *const *specs,
                    GError **error)
{
    g_autoptr(GPtrArray) tags = parse_all(specs, error);
    g_autoptr(transaction) change = NULL;

    if (tags == NULL || launcher_store(self, error) == NULL)
        return FALSE;
    change = transaction_begin(self->db, error);
    if (change == NULL)
        return FALSE;
    for (; *ids != NULL; ids++)
        if (!remove_from(self, *ids, tags, specs == NULL, error))
            return FALSE;
    return transaction_commit(change, error);
}

/* ---- of many ---- */

static gboolean
is_mine(const launcher *self, const char *owner)
{
    return g_strcmp0(owner, self->conf->account) == 0;
}

GHashTable *
launcher_volume_tags(launcher *self, const GPtrArray *volumes, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();

    for (guint i = 0; i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        if (is_mine(self, what->owner))
            g_ptr_array_add(ids, what->id);
    }
    return launcher_store(self, error) != NULL ? tag_list_of_many(self->db, ids, error) : NULL;
}

GHashTable *
launcher_snapshot_tags(launcher *self, const GPtrArray *snapshots, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();

    for (guint i = 0; i < snapshots->len; i++) {
        const snapshot *what = g_ptr_array_index(snapshots, i);
        if (is_mine(self, what->owner))
            g_ptr_array_add(ids, what->id);
    }
    return launcher_store(self, error) != NULL ? tag_list_of_many(self->db, ids, error) : NULL;
}
