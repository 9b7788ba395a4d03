/* Snapshots, as a face asks for them. */
#include "common/error.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/recycle_bin.h"
#include "launcher/scope.h"
#include "launcher/snapshot_collect.h"
#include "launcher/snapshot_own.h"
#include "launcher/snapshot_take.h"
#include "launcher/tagging.h"

/* ---- create ---- */

typedef struct {
    snapshot_set *set;
    const char *description;
    const GPtrArray *tags; /* tag* */
    snapshot_hearer hear;  /* NULL: nobody */
    gpointer hearer;
} creation;

static gboolean
put_tags(launcher *self, const creation *what, GError **error)
{
    for (guint i = 0; i < what->set->made->len; i++) {
        const snapshot *made = g_ptr_array_index(what->set->made, i);
        if (!tags_put(self->db, made->id, what->tags, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
tell(const creation *what, GError **error)
{
    for (guint i = 0; what->hear != NULL && i < what->set->made->len; i++) {
        const snapshot *made = g_ptr_array_index(what->set->made, i);
        if (!what->hear(made->id, what->hearer, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
intend(launcher *self, volume_claim *claim, gpointer data, GError **error)
{
    const creation *what = data;

    return snapshots_allowed(claim, error) &&
           snapshots_intend(self, what->set, claim, what->description, error) &&
           put_tags(self, what, error) && tell(what, error);
}

static gboolean
record(launcher *self, volume_claim *claim G_GNUC_UNUSED, gpointer data, GError **error)
{
    return snapshots_record(self, data, error);
}

/* Puts right what the steps have left, and ends the operation; what can't be done now is left for
 * the next command. */
static gboolean
settle(launcher *self, snapshot_set *set, GError **error)
{
    return snapshots_settle(self, set, error) &&
           claim_volumes_settle(self, set->claim, record, set, error);
}

static gboolean
take_and_settle(launcher *self, snapshot_set *set, GError **error)
{
    g_autoptr(GError) problem = NULL;
    gboolean done = snapshots_prepare(self, set, &problem) && snapshots_take(self, set, &problem);

    if (!settle(self, set, done ? error : NULL)) {
        operation_abandon(self->db, set->claim->operation);
        if (done)
            return FALSE;
    } else if (set->taken) {
        return TRUE;
    }
    if (problem != NULL)
        g_propagate_error(error, g_steal_pointer(&problem));
    else
        error_set(error, ERROR_INSTANCE_STATE, "The guest changed while the snapshot was taken");
    return FALSE;
}

static snapshot *
create(launcher *self, const char *id, creation *what, GError **error)
{
    const char *const ids[] = {id, NULL};
    g_auto(snapshot_set) set = {0};
    g_autoptr(volume_claim) claim = NULL;

    what->set = &set;
    if (!claim_check_volume_ids(ids, error) || !reconcile(self, error))
        return NULL;
    claim = claim_volumes(self, ids, NULL, "snapshot", intend, what, error);
    if (claim == NULL || !take_and_settle(self, &set, error))
        return NULL;
    return g_ptr_array_steal_index(set.made, 0);
}

snapshot *
launcher_snapshot_create(launcher *self, const char *id, const char *description,
                         const char *const *tags, GError **error)
{
    g_autoptr(GPtrArray) parsed = tags_parse(tags, error);
    creation what = {.description = description, .tags = parsed};

    return parsed != NULL ? create(self, id, &what, error) : NULL;
}

snapshot *
snapshot_create_heard(launcher *self, const char *id, const char *description, snapshot_hearer hear,
                      gpointer hearer, GError **error)
{
    g_autoptr(GPtrArray) none = tags_parse(NULL, error);
    creation what = {.description = description, .tags = none, .hear = hear, .hearer = hearer};

    return none != NULL ? create(self, id, &what, error) : NULL;
}

gboolean
recover_snapshot(launcher *self, const operation *cut, GError **error)
{
    g_autoptr(volume_claim) claim = claim_volumes_of_operation(self, cut, error);
    g_auto(snapshot_set) set = {0};

    if (claim == NULL || !snapshots_of_operation(self, &set, claim, error) ||
        !settle(self, &set, error))
        return FALSE;
    for (guint i = 0; i < set.made->len; i++) {
        const snapshot *made = g_ptr_array_index(set.made, i);
        progress_note(self->listener, "%s: the snapshot %s was interrupted; %s", made->volume,
                      made->id, set.taken ? "it is completed" : "undone");
    }
    return TRUE;
}

/* ---- look ---- */

static gboolean
check_ids(const char *const *ids, GError **error)
{
    for (gsize i = 0; ids[i] != NULL; i++) {
        if (!scope_check_snapshot_id(ids[i], error))
            return FALSE;
        for (gsize j = 0; j < i; j++)
            if (g_str_equal(ids[i], ids[j]))
                return error_set(error, ERROR_PARAMETER_VALUE, "'%s' is given twice", ids[i]);
    }
    return TRUE;
}

typedef snapshot *(*finder)(launcher *self, const char *id, GError **error);

static gboolean
load(launcher *self, const char *const *ids, finder find, GPtrArray *found, GError **error)
{
    for (gsize i = 0; ids[i] != NULL; i++) {
        snapshot *one = find(self, ids[i], error);
        if (one == NULL)
            return FALSE;
        g_ptr_array_add(found, one);
    }
    return TRUE;
}

GPtrArray *
launcher_snapshots(launcher *self, const char *const *ids, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_free);

    if ((ids != NULL && !check_ids(ids, error)) || !reconcile_images(self, error))
        return NULL;
    if (ids == NULL)
        return scope_snapshots(self, error);
    return load(self, ids, scope_snapshot, found, error) ? g_steal_pointer(&found) : NULL;
}

/* ---- delete ---- */

static gboolean
may_go(launcher *self, const snapshot *what, GError **error)
{
    g_autoptr(GPtrArray) entries = image_mapping_list_of_snapshot(self->db, what->id, error);
    g_autoptr(image) ami = NULL;
    const image_mapping *entry;

    if (entries == NULL)
        return FALSE;
    if (what->state == SNAPSHOT_PENDING)
        return error_set(error, ERROR_VOLUME_STATE,
                         "The snapshot '%s' is pending: try again when it is completed.", what->id);
    if (entries->len == 0)
        return TRUE;
    entry = g_ptr_array_index(entries, 0);
    ami = image_get(self->db, entry->image, what->region, NULL);
    return error_set(error, ERROR_SNAPSHOT_IN_USE, "The snapshot %s is currently in use by %s%s",
                     what->id, entry->image,
                     ami != NULL && ami->binned != 0
                         ? ", which is in the recycle bin: see `amilaunch image ls --bin`"
                         : "");
}

/* Marks all as deleted, or puts them into the recycle bin; or none. 0 on failure. */
static gint64
intend_deletion(launcher *self, const char *const *ids, GError **error)
{
    g_autoptr(GPtrArray) doomed = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_free);
    g_autoptr(transaction) intent = transaction_begin(self->db, error);
    gint64 number = 0;

    if (intent == NULL || !load(self, ids, scope_own_snapshot, doomed, error))
        return 0;
    for (guint i = 0; i < doomed->len; i++) {
        snapshot *what = g_ptr_array_index(doomed, i);
        if (!may_go(self, what, error))
            return 0;
        if (!bin_discard_snapshot(self, what, error))
            return 0;
    }
    number = operation_begin(self->db, "snapshot-delete", error);
    return number != 0 && transaction_commit(intent, error) ? number : 0;
}

static gboolean
finish_deletion(launcher *self, gint64 number, GError **error)
{
    return snapshots_collect(self, error) && operation_end(self->db, number, error);
}

gboolean
launcher_snapshot_delete(launcher *self, const char *const *ids, GError **error)
{
    gint64 number;

    if (!check_ids(ids, error) || !reconcile_images(self, error))
        return FALSE;
    number = intend_deletion(self, ids, error);
    if (number == 0)
        return FALSE;
    if (finish_deletion(self, number, error))
        return TRUE;
    operation_abandon(self->db, number);
    return FALSE;
}

gboolean
recover_snapshot_delete(launcher *self, const operation *cut, GError **error)
{
    return finish_deletion(self, cut->id, error);
}
