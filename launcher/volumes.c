/* Volumes in a life of their own: made, listed, modified, deleted. */
#include "common/error.h"
#include "common/ids.h"
#include "common/times.h"
#include "images/volume.h"
#include "launcher/attach.h"
#include "launcher/claim_volumes.h"
#include "launcher/map_spec.h"
#include "launcher/plan.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/scope.h"
#include "launcher/secrets.h"
#include "launcher/snapshot_collect.h"
#include "launcher/tagging.h"
#include "launcher/teardown.h"
#include "launcher/zone.h"

#define GIB (G_GUINT64_CONSTANT(1) << 30)
#define DEFAULT_TYPE "gp2"

static gboolean
check_size(gint64 size_gib, GError **error)
{
    if (size_gib >= 0 && size_gib <= MOST_VOLUME_GIB)
        return TRUE;
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "The parameter size must be between 1 and %d GiB, not %" G_GINT64_FORMAT,
                     MOST_VOLUME_GIB, size_gib);
}

/* ---- create ---- */

static gboolean
check_create(const volume_request *request, GError **error)
{
    if (request->snapshot == NULL && request->size_gib == 0)
        return error_set(error, ERROR_PARAMETER_MISSING,
                         "The request must contain the parameter size or snapshotId");
    if (request->snapshot != NULL && !scope_check_snapshot_id(request->snapshot, error))
        return FALSE;
    return check_size(request->size_gib, error) &&
           (request->type == NULL || volume_type_check(request->type, error));
}

static gboolean
can_be_source(const snapshot *source, GError **error)
{
    return source->state == SNAPSHOT_COMPLETED ||
           error_set(error, ERROR_VOLUME_STATE,
                     "The snapshot '%s' is %s: a volume can be made of it when it is completed",
                     source->id, snapshot_state_words[source->state]);
}

static gboolean
fill_from_snapshot(launcher *self, volume *what, const char *id, GError **error)
{
    g_autoptr(snapshot) source = scope_snapshot(self, id, error);

    if (source == NULL || !can_be_source(source, error))
        return FALSE;
    if (what->size_gib == 0)
        what->size_gib = source->size_gib;
    if (what->size_gib < source->size_gib)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "Volume of size %" G_GINT64_FORMAT
                         "GB is smaller than snapshot '%s', expect size >= %" G_GINT64_FORMAT "GB",
                         what->size_gib, id, source->size_gib);
    what->snapshot = g_strdup(id);
    what->backing = g_strdup(id);
    what->secret = g_strdup(source->secret);
    return TRUE;
}

static volume *
volume_of_request(launcher *self, const volume_request *request, GError **error)
{
    g_autoptr(volume) what = g_new0(volume, 1);

    what->zone = zone_choose(self->conf->region, request->zone, error);
    if (what->zone == NULL)
        return NULL;
    what->id = id_new("vol");
    what->state = VOLUME_CREATING;
    what->size_gib = request->size_gib;
    what->type = g_strdup(request->type != NULL ? request->type : DEFAULT_TYPE);
    what->owner = g_strdup(self->conf->account);
    what->created = time_now();
    if (request->snapshot != NULL && !fill_from_snapshot(self, what, request->snapshot, error))
        return NULL;
    if (request->encrypted && what->secret == NULL)
        what->secret = g_uuid_string_random();
    return g_steal_pointer(&what);
}

/* The snapshot is looked at within the transaction: once the volume's row names it, it stays. */
static volume *
record_create(launcher *self, const volume_request *request, const GPtrArray *tags, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);
    g_autoptr(volume) what = intent != NULL ? volume_of_request(self, request, error) : NULL;

    if (what == NULL)
        return NULL;
    what->operation = operation_begin(self->db, "volume-create", error);
    if (what->operation == 0 || !volume_insert(self->db, what, error) ||
        !tags_put(self->db, what->id, tags, error) ||
        (what->snapshot != NULL && !product_code_copy(self->db, what->snapshot, what->id, error)) ||
        !transaction_commit(intent, error))
        return NULL;
    return g_steal_pointer(&what);
}

static gboolean
record_created(launcher *self, volume *what, GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);
    gint64 done = what->operation;

    what->state = VOLUME_AVAILABLE;
    what->operation = 0;
    return result != NULL && volume_update(self->db, what, error) &&
           operation_end(self->db, done, error) && transaction_commit(result, error);
}

volume *
launcher_volume_create(launcher *self, const volume_request *request, GError **error)
{
    g_autoptr(GPtrArray) tags = tags_parse(request->tags, error);
    g_autoptr(volume) what = NULL;
    gint64 number;

    if (tags == NULL || !check_create(request, error) || !reconcile(self, error))
        return NULL;
    what = record_create(self, request, tags, error);
    if (what == NULL)
        return NULL;
    number = what->operation;
    if (secret_make_volume_file(self, what, error) && record_created(self, what, error))
        return g_steal_pointer(&what);
    if (!teardown_volume(self, what, NULL) || !snapshots_collect(self, NULL) ||
        !operation_end(self->db, number, NULL))
        operation_abandon(self->db, number);
    return NULL;
}

/* ---- list ---- */

static GPtrArray *
load(launcher *self, const char *const *ids, GError **error)
{
    g_autoptr(GPtrArray) loaded = NULL;

    if (ids == NULL)
        return scope_volumes(self, error);
    loaded = g_ptr_array_new_with_free_func((GDestroyNotify)volume_free);
    for (gsize i = 0; ids[i] != NULL; i++) {
        volume *what = scope_volume(self, ids[i], error);
        if (what == NULL)
            return NULL;
        g_ptr_array_add(loaded, what);
    }
    return g_steal_pointer(&loaded);
}

GPtrArray *
launcher_volumes(launcher *self, const char *const *ids, GError **error)
{
    g_autoptr(GPtrArray) loaded = NULL;

    if ((ids != NULL && !claim_check_volume_ids(ids, error)) || !reconcile(self, error))
        return NULL;
    loaded = load(self, ids, error);
    for (guint i = 0; loaded != NULL && i < loaded->len; i++) {
        volume *what = g_ptr_array_index(loaded, i);
        gboolean settled = what->state == VOLUME_AVAILABLE || what->state == VOLUME_IN_USE;
        if (settled && !volume_file_exists(self->home, what->id))
            what->state = VOLUME_ERROR;
    }
    return g_steal_pointer(&loaded);
}

/* ---- delete ---- */

static gboolean
check_delete(launcher *self G_GNUC_UNUSED, volume_claim *made, gpointer data G_GNUC_UNUSED,
             GError **error)
{
    for (guint i = 0; i < made->volumes->len; i++) {
        volume *what = g_ptr_array_index(made->volumes, i);
        if (what->instance != NULL)
            return error_set(error, ERROR_VOLUME_IN_USE, "Volume %s is currently attached to %s",
                             what->id, what->instance);
        if (what->state != VOLUME_AVAILABLE)
            return error_set(error, ERROR_VOLUME_STATE, "The volume '%s' is in the '%s' state.",
                             what->id, volume_state_words[what->state]);
        what->state = VOLUME_DELETING;
    }
    return TRUE;
}

/* There is no way back from the first file on: what can't be removed now is by the next command. */
static gboolean
delete_all(launcher *self, volume_claim *mine, GError **error)
{
    for (guint i = 0; i < mine->volumes->len; i++)
        if (!teardown_volume(self, g_ptr_array_index(mine->volumes, i), error))
            return FALSE;
    return snapshots_collect(self, error) && operation_end(self->db, mine->operation, error);
}

gboolean
launcher_volume_delete(launcher *self, const char *const *ids, GError **error)
{
    g_autoptr(volume_claim) mine = NULL;

    if (!claim_check_volume_ids(ids, error) || !reconcile(self, error))
        return FALSE;
    mine = claim_volumes(self, ids, NULL, "volume-delete", check_delete, NULL, error);
    if (mine == NULL)
        return FALSE;
    if (delete_all(self, mine, error))
        return TRUE;
    operation_abandon(self->db, mine->operation);
    return FALSE;
}

/* ---- modify ---- */

typedef struct {
    gint64 size_gib; /* 0: as it is */
    const char *type;
} modification;

static gboolean
check_modify(launcher *self G_GNUC_UNUSED, volume_claim *made, gpointer data, GError **error)
{
    const modification *asked = data;
    const volume *what = g_ptr_array_index(made->volumes, 0);
    const char *id = what->id;

    if (what->state != VOLUME_AVAILABLE && what->state != VOLUME_IN_USE)
        return error_set(error, ERROR_VOLUME_STATE, "The volume '%s' is in the '%s' state.", id,
                         volume_state_words[what->state]);
    if (asked->size_gib != 0 && asked->size_gib < what->size_gib)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "New size cannot be smaller than existing size");
    return made->vm == NULL || asked->size_gib == what->size_gib || asked->size_gib == 0 ||
           attach_is_settled(made->vm, error);
}

/* A size that has no whole number of GiB was given by somebody else's tool, and is rounded up as
 * for an imported disk. */
static gboolean
record_size(launcher *self, volume_claim *mine, GError **error)
{
    volume *what = g_ptr_array_index(mine->volumes, 0);
    guint64 bytes;

    if (volume_file_exists(self->home, what->id)) {
        if (!volume_file_size(self->home, what->id, &bytes, error))
            return FALSE;
        what->size_gib = (gint64)((bytes + GIB - 1) / GIB);
    }
    return claim_volumes_settle(self, mine, NULL, NULL, error);
}

static gboolean
grow(launcher *self, const volume_claim *mine, gint64 size_gib, GError **error)
{
    const volume *what = g_ptr_array_index(mine->volumes, 0);
    g_autofree char *alias = plan_alias_of_volume(what->id);
    hypervisor *driver;

    if (size_gib == 0 || size_gib == what->size_gib)
        return TRUE;
    if (mine->vm == NULL || mine->vm->state != INSTANCE_RUNNING)
        return volume_file_grow(self->home, what, size_gib, error);
    driver = launcher_hypervisor(self, error);
    return driver != NULL &&
           hypervisor_resize(driver, mine->vm->id, alias, (guint64)size_gib * GIB, error);
}

volume *
launcher_volume_modify(launcher *self, const char *id, gint64 size_gib, const char *type,
                       GError **error)
{
    const char *const ids[] = {id, NULL};
    modification asked = {size_gib, type};
    g_autoptr(volume_claim) mine = NULL;
    gboolean grown;
    volume *what;

    if (size_gib == 0 && type == NULL) {
        error_set(error, ERROR_PARAMETER_MISSING,
                  "The request must contain the parameter size or volumeType");
        return NULL;
    }
    if (!claim_check_volume_ids(ids, error) || !check_size(size_gib, error) ||
        (type != NULL && !volume_type_check(type, error)) || !reconcile(self, error))
        return NULL;
    mine = claim_volumes(self, ids, NULL, "volume-modify", check_modify, &asked, error);
    if (mine == NULL)
        return NULL;
    what = g_ptr_array_index(mine->volumes, 0);
    grown = grow(self, mine, size_gib, error);
    if (grown && type != NULL) {
        g_free(what->type);
        what->type = g_strdup(type);
    }
    /* Whether it grew or not, the file says how large it is now. */
    if (!record_size(self, mine, grown ? error : NULL)) {
        operation_abandon(self->db, mine->operation);
        return NULL;
    }
    return grown ? g_ptr_array_steal_index(mine->volumes, 0) : NULL;
}

/* ---- what was cut off ---- */

/* Nobody was told the new volume's id, and nobody sees any more one that is to be deleted: both go.
 */
static gboolean
recover_by_deleting(launcher *self, const operation *cut, GError **error)
{
    g_autoptr(volume_claim) mine = claim_volumes_of_operation(self, cut, error);

    return mine != NULL && delete_all(self, mine, error);
}

gboolean
recover_volume_create(launcher *self, const operation *cut, GError **error)
{
    return recover_by_deleting(self, cut, error);
}

gboolean
recover_volume_delete(launcher *self, const operation *cut, GError **error)
{
    return recover_by_deleting(self, cut, error);
}

gboolean
recover_volume_modify(launcher *self, const operation *cut, GError **error)
{
    g_autoptr(volume_claim) mine = claim_volumes_of_operation(self, cut, error);

    if (mine == NULL)
        return FALSE;
    return mine->volumes->len > 0 ? record_size(self, mine, error)
                                  : operation_end(self->db, cut->id, error);
}
