#include "store/image.h"
#include "common/error.h"
#include "store/database.h"
#include "store/table.h"

const char *const image_state_words[] = {"pending",  "available",    "failed",
                                         "disabled", "deregistered", NULL};
const char *const virtualization_words[] = {"hvm", "paravirtual", NULL};
const char *const root_device_type_words[] = {"ebs", "instance-store", NULL};

static const field image_fields[] = {
    FIELD_TEXT(image, id),
    FIELD_TEXT(image, name),
    FIELD_TEXT(image, description),
    FIELD_WORD(image, state, image_state_words),
    FIELD_TEXT(image, architecture),
    FIELD_WORD(image, virtualization, virtualization_words),
    FIELD_WORD(image, root_device_type, root_device_type_words),
    FIELD_TEXT(image, root_device),
    FIELD_TEXT(image, kernel),
    FIELD_TEXT(image, ramdisk),
    FIELD_TEXT(image, content),
    FIELD_TEXT(image, source),
    FIELD_TEXT(image, owner),
    FIELD_TEXT(image, region),
    FIELD_INT(image, created),
    FIELD_TEXT(image, boot_mode),
    FIELD_TEXT(image, platform),
    FIELD_TEXT(image, location),
    FIELD_INT(image, public),
    FIELD_INT(image, deprecated),
    FIELD_INT(image, protected),
    FIELD_INT(image, binned),
    FIELD_INT(image, bin_until),
    FIELD_INT(image, was_disabled),
    FIELD_TEXT(image, source_image),
    FIELD_TEXT(image, source_region),
    FIELD_REF(image, operation),
};

static const field mapping_fields[] = {
    FIELD_TEXT(image_mapping, image),       FIELD_INT(image_mapping, position),
    FIELD_TEXT(image_mapping, device),      FIELD_TEXT(image_mapping, virtual_name),
    FIELD_TEXT(image_mapping, snapshot),    FIELD_INT(image_mapping, size_gib),
    FIELD_TEXT(image_mapping, volume_type), FIELD_INT(image_mapping, delete_on_termination),
    FIELD_INT(image_mapping, encrypted),
};

static const table images = TABLE("image", image, image_fields, image_free);
static const table mappings =
    TABLE("image_mapping", image_mapping, mapping_fields, image_mapping_free);

void
image_free(image *self)
{
    table_row_free(&images, self);
}

void
image_mapping_free(image_mapping *self)
{
    table_row_free(&mappings, self);
}

gboolean
image_mapping_is_nothing(const image_mapping *self)
{
    return g_strcmp0(self->virtual_name, MAPPED_TO_NOTHING) == 0;
}

gboolean
image_insert(store *db, const image *self, GError **error)
{
    if (image_name_taken(db, self->owner, self->region, self->name))
        return error_set(error, ERROR_AMI_NAME_DUPLICATE,
                         "AMI name %s is already in use by another AMI", self->name);
    return table_insert(db, &images, self, error);
}

gboolean
image_update(store *db, const image *self, GError **error)
{
    return table_update(db, &images, self, error);
}

gboolean
image_delete(store *db, const char *id, GError **error)
{
    return table_delete(db, &images, "id = ?1", id, error);
}

gboolean
image_mapping_insert(store *db, const image_mapping *self, GError **error)
{
    return table_insert(db, &mappings, self, error);
}

image *
image_get(store *db, const char *id, const char *region, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(image) found = table_get(db, &images, id, &problem);

    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    if (found == NULL || g_strcmp0(found->region, region) != 0) {
        error_set(error, ERROR_AMI_NOT_FOUND, "The image id '[%s]' does not exist", id);
        return NULL;
    }
    return g_steal_pointer(&found);
}

GPtrArray *
image_list(store *db, const char *region, GError **error)
{
    return table_select(db, &images, "region = ?1 ORDER BY created DESC, id", region, error);
}

GPtrArray *
image_list_where(store *db, const char *where, const GPtrArray *values, GError **error)
{
    return table_select_bound(db, &images, where, values, error);
}

GPtrArray *
image_list_of_root(store *db, root_device_type type, GError **error)
{
    return table_select(db, &images, "root_device_type = ?1 ORDER BY id",
                        root_device_type_words[type], error);
}

GPtrArray *
image_list_of_operation(store *db, gint64 operation, GError **error)
{
    g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, operation);

    return table_select(db, &images, "operation = CAST(?1 AS INTEGER) ORDER BY id", key, error);
}

/* By what is in the bin, not by the region, which may have many images. */
GPtrArray *
image_list_binned(store *db, const char *region, GError **error)
{
    return table_select(
        db, &images,
        "binned != 0 AND operation IS NULL AND +region = ?1 ORDER BY bin_until, created DESC, id",
        region, error);
}

GPtrArray *
image_list_due(store *db, gint64 now, GError **error)
{
    g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, now);

    return table_select(db, &images,
                        "binned != 0 AND operation IS NULL AND bin_until <= CAST(?1 AS INTEGER)",
                        key, error);
}

gboolean
image_was_deregistered(store *db, const char *id, const char *owner, const char *region)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(
        db, "SELECT 1 FROM deregistered_image WHERE id = ? AND owner = ? AND region = ?", NULL);

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, owner, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, region, -1, SQLITE_STATIC);
    return sqlite3_step(statement) == SQLITE_ROW;
}

#define IMAGE_OF_CONTENT                                                                           \
    "EXISTS (SELECT 1 FROM image WHERE content = ?1 AND root_device_type = 'instance-store')"

/* What SQL says of CONTENT, ?1 in it. */
static gboolean
find_use(store *db, const char *sql, const char *content, gboolean *used, GError **error)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(db, sql, error);

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_text(statement, 1, content, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_ROW)
        return database_error(db, "amilaunch.db", error);
    *used = sqlite3_column_int(statement, 0) != 0;
    return TRUE;
}

gboolean
image_find_content_use(store *db, const char *content, gboolean *used, GError **error)
{
    return find_use(db, "SELECT " IMAGE_OF_CONTENT, content, used, error);
}

gboolean
image_find_template_use(store *db, const char *content, gboolean *used, GError **error)
{
    return find_use(db,
                    "SELECT " IMAGE_OF_CONTENT " OR EXISTS (SELECT 1 FROM instance"
                    " WHERE state != 'terminated' AND content = ?1"
                    " AND root_device_type = 'instance-store')",
                    content, used, error);
}

gboolean
image_find_boot_use(store *db, const char *content, gboolean *used, GError **error)
{
    return find_use(db,
                    "SELECT EXISTS (SELECT 1 FROM image WHERE content = ?1)"
                    " OR EXISTS (SELECT 1 FROM instance"
                    " WHERE state != 'terminated' AND content = ?1)",
                    content, used, error);
}

GPtrArray *
image_mapping_list(store *db, const char *id, GError **error)
{
    return table_select(db, &mappings, "image = ?1 ORDER BY position", id, error);
}

GHashTable *
image_mapping_list_of_many(store *db, const GPtrArray *ids, GError **error)
{
    return table_select_of_many(db, &mappings, ids, "position", error);
}

GPtrArray *
image_mapping_list_of_snapshot(store *db, const char *id, GError **error)
{
    return table_select(db, &mappings, "snapshot = ?1 ORDER BY image, position", id, error);
}

gboolean
image_name_taken(store *db, const char *owner, const char *region, const char *name)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(
        db, "SELECT 1 FROM image WHERE owner = ? AND region = ? AND name = ? AND binned = 0", NULL);

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_text(statement, 1, owner, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, region, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, name, -1, SQLITE_STATIC);
    return sqlite3_step(statement) == SQLITE_ROW;
}
