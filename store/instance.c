#include "store/instance.h"
#include "common/error.h"
#include "store/image.h"
#include "store/table.h"

const char *const instance_state_words[] = {
    "pending", "running", "shutting-down", "terminated", "stopping", "stopped", NULL};
const char *const shutdown_behavior_words[] = {"stop", "terminate", NULL};
const char *const imds_words[] = {"optional", "required", "disabled", NULL};
const char *const hibernated_words[] = {"no", "memory", "guest", NULL};

static const field instance_fields[] = {
    FIELD_TEXT(instance, id),
    FIELD_TEXT(instance, reservation),
    FIELD_INT(instance, launch_index),
    FIELD_TEXT(instance, uuid),
    FIELD_TEXT(instance, image),
    FIELD_TEXT(instance, type),
    FIELD_WORD(instance, state, instance_state_words),
    FIELD_TEXT(instance, reason_code),
    FIELD_TEXT(instance, reason_message),
    FIELD_TEXT(instance, transition),
    FIELD_INT(instance, created),
    FIELD_INT(instance, launched),
    FIELD_INT(instance, starts),
    FIELD_INT(instance, ended),
    FIELD_INT(instance, stop_deadline),
    FIELD_INT(instance, stop_pressed),
    FIELD_TEXT(instance, host_boot),
    FIELD_TEXT(instance, owner),
    FIELD_TEXT(instance, region),
    FIELD_TEXT(instance, zone),
    FIELD_TEXT(instance, architecture),
    FIELD_WORD(instance, virtualization, virtualization_words),
    FIELD_WORD(instance, root_device_type, root_device_type_words),
    FIELD_TEXT(instance, root_device),
    FIELD_TEXT(instance, kernel),
    FIELD_TEXT(instance, pv),
    FIELD_TEXT(instance, boot_mode),
    FIELD_TEXT(instance, content),
    FIELD_WORD(instance, shutdown_behavior, shutdown_behavior_words),
    FIELD_INT(instance, memory_limit_mib),
    FIELD_REF(instance, operation),
    FIELD_TEXT(instance, ramdisk),
    FIELD_INT(instance, ebs_optimized),
    FIELD_INT(instance, no_api_termination),
    FIELD_INT(instance, no_api_stop),
    FIELD_INT(instance, hibernation_configured),
    FIELD_WORD(instance, hibernated, hibernated_words),
    FIELD_TEXT(instance, saved_by),
    FIELD_TEXT(instance, store_mapping),
    FIELD_TEXT(instance, key_name),
    FIELD_TEXT(instance, public_key),
    FIELD_WORD(instance, imds, imds_words),
    FIELD_INT(instance, imds_hop_limit),
    FIELD_INT(instance, imds_tags),
    FIELD_INT(instance, seed),
};

static const field disk_fields[] = {
    FIELD_TEXT(store_disk, instance), FIELD_INT(store_disk, position),
    FIELD_TEXT(store_disk, device),   FIELD_TEXT(store_disk, virtual_name),
    FIELD_INT(store_disk, size),      FIELD_INT(store_disk, mapped),
};

typedef struct {
    char *instance;
    char *data;
} user_data;

static const field user_data_fields[] = {
    FIELD_TEXT(user_data, instance),
    FIELD_TEXT(user_data, data),
};

static void user_data_free(user_data *self);
static const table user_datas = TABLE("user_data", user_data, user_data_fields, user_data_free);
static const table instances = TABLE("instance", instance, instance_fields, instance_free);
static const table disks = TABLE("store_disk", store_disk, disk_fields, store_disk_free);

void
instance_free(instance *self)
{
    table_row_free(&instances, self);
}

void
store_disk_free(store_disk *self)
{
    table_row_free(&disks, self);
}

static void
user_data_free(user_data *self)
{
    table_row_free(&user_datas, self);
}

gboolean
instance_insert(store *db, const instance *self, GError **error)
{
    return table_insert(db, &instances, self, error);
}

gboolean
instance_update(store *db, const instance *self, GError **error)
{
    return table_update(db, &instances, self, error);
}

gboolean
instance_delete(store *db, const char *id, GError **error)
{
    return table_delete(db, &instances, "id = ?1", id, error);
}

gboolean
store_disk_insert(store *db, const store_disk *self, GError **error)
{
    return table_insert(db, &disks, self, error);
}

instance *
instance_get(store *db, const char *id, GError **error)
{
    g_autoptr(GError) problem = NULL;
    instance *found = table_get(db, &instances, id, &problem);

    if (problem != NULL)
        g_propagate_error(error, g_steal_pointer(&problem));
    else if (found == NULL)
        error_set(error, ERROR_INSTANCE_NOT_FOUND, "The instance ID '%s' does not exist", id);
    return found;
}

GPtrArray *
instance_list(store *db, GError **error)
{
    return table_select(db, &instances, "1 ORDER BY created, reservation, launch_index", NULL,
                        error);
}

GPtrArray *
instance_list_of_operation(store *db, gint64 operation, GError **error)
{
    g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, operation);

    return table_select(db, &instances, "operation = CAST(?1 AS INTEGER) ORDER BY launch_index",
                        key, error);
}

GPtrArray *
store_disk_list(store *db, const char *id, GError **error)
{
    return table_select(db, &disks, "instance = ?1 ORDER BY position", id, error);
}

gboolean
store_disk_delete_all(store *db, const char *id, GError **error)
{
    return table_delete(db, &disks, "instance = ?1", id, error);
}

gboolean
instance_forget_ended(store *db, gint64 when, GError **error)
{
    g_autofree char *limit = g_strdup_printf("%" G_GINT64_FORMAT, when);

    return table_delete(
        db, &instances,
        "state = 'terminated' AND operation IS NULL AND ended < CAST(?1 AS INTEGER)", limit, error);
}

char *
user_data_get(store *db, const char *id, GError **error)
{
    user_data *found = table_get(db, &user_datas, id, error);
    char *data = found != NULL ? g_steal_pointer(&found->data) : NULL;

    user_data_free(found);
    return data;
}

gboolean
user_data_set(store *db, const char *id, const char *base64, GError **error)
{
    const user_data row = {.instance = (char *)id, .data = (char *)base64};

    return table_delete(db, &user_datas, "instance = ?1", id, error) &&
           (base64 == NULL || table_insert(db, &user_datas, &row, error));
}
