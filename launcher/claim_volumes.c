#include "launcher/claim_volumes.h"
#include "common/error.h"
#include "common/ids.h"
#include "launcher/scope.h"

static volume_claim *
volume_claim_new(void)
{
    volume_claim *self = g_new0(volume_claim, 1);

    self->volumes = g_ptr_array_new_with_free_func((GDestroyNotify)volume_free);
    return self;
}

void
volume_claim_free(volume_claim *self)
{
    if (self == NULL)
        return;
    instance_free(self->vm);
    g_ptr_array_unref(self->volumes);
    g_free(self);
}

gboolean
claim_check_volume_ids(const char *const *ids, GError **error)
{
    for (gsize i = 0; ids[i] != NULL; i++) {
        if (!id_is("vol", ids[i]))
            return error_set(error, ERROR_VOLUME_MALFORMED,
                             "Invalid id: \"%s\" (expecting \"vol-...\")", ids[i]);
        for (gsize j = 0; j < i; j++)
            if (g_str_equal(ids[i], ids[j]))
                return error_set(error, ERROR_PARAMETER_VALUE, "'%s' is given twice", ids[i]);
    }
    return TRUE;
}

/* Whose volumes can be claimed. */
typedef volume *(*finder)(launcher *self, const char *id, GError **error);

static volume *
find_anybodys(launcher *self, const char *id, GError **error)
{
    return volume_get(self->db, id, error);
}

static gboolean
load_volumes(launcher *self, volume_claim *made, const char *const *ids, finder find,
             const char *instance_id, GError **error)
{
    if (ids == NULL) {
        g_ptr_array_unref(made->volumes);
        made->volumes = volume_list_of_instance(self->db, instance_id, error);
        return made->volumes != NULL;
    }
    for (gsize i = 0; ids[i] != NULL; i++) {
        volume *what = find(self, ids[i], error);
        if (what == NULL)
            return FALSE;
        g_ptr_array_add(made->volumes, what);
    }
    return TRUE;
}

static gboolean
load_instance(launcher *self, volume_claim *made, const char *instance_id, GError **error)
{
    const volume *only = made->volumes->len == 1 ? g_ptr_array_index(made->volumes, 0) : NULL;

    if (instance_id != NULL)
        made->vm = scope_instance(self, instance_id, error);
    else if (only != NULL && only->instance != NULL)
        made->vm = instance_get(self->db, only->instance, error);
    else
        return TRUE;
    return made->vm != NULL;
}

static gboolean
nobody_at_work(const volume_claim *made, GError **error)
{
    if (made->vm != NULL && made->vm->operation != 0)
        return error_set(
            error, ERROR_INSTANCE_STATE,
            "The instance '%s' is %s: another command is at work on it. Try again when "
            "it is done.",
            made->vm->id, instance_state_words[made->vm->state]);
    for (guint i = 0; i < made->volumes->len; i++) {
        const volume *what = g_ptr_array_index(made->volumes, i);
        if (what->operation != 0)
            return error_set(error, ERROR_VOLUME_STATE,
                             "The volume '%s' is %s: another command is at work on it. Try again "
                             "when it is done.",
                             what->id, volume_state_words[what->state]);
    }
    return TRUE;
}

static gboolean
record(launcher *self, volume_claim *what, gint64 number, GError **error)
{
    if (what->vm != NULL) {
        what->vm->operation = number;
        if (!instance_update(self->db, what->vm, error))
            return FALSE;
    }
    for (guint i = 0; i < what->volumes->len; i++) {
        volume *one = g_ptr_array_index(what->volumes, i);
        one->operation = number;
        if (!volume_update(self->db, one, error))
            return FALSE;
    }
    return TRUE;
}

static volume_claim *
claim_them(launcher *self, const char *const *ids, finder find, const char *instance_id,
           const char *kind, volume_check check, gpointer data, GError **error)
{
    g_autoptr(volume_claim) made = volume_claim_new();
    g_autoptr(transaction) intent = NULL;

    if ((ids != NULL && !claim_check_volume_ids(ids, error)) || launcher_store(self, error) == NULL)
        return NULL;
    intent = transaction_begin(self->db, error);
    if (intent == NULL || !load_volumes(self, made, ids, find, instance_id, error) ||
        !load_instance(self, made, instance_id, error) || !nobody_at_work(made, error))
        return NULL;
    made->operation = operation_begin(self->db, kind, error);
    if (made->operation == 0 || (check != NULL && !check(self, made, data, error)) ||
        !record(self, made, made->operation, error) || !transaction_commit(intent, error))
        return NULL;
    return g_steal_pointer(&made);
}

volume_claim *
claim_volumes(launcher *self, const char *const *ids, const char *instance_id, const char *kind,
              volume_check check, gpointer data, GError **error)
{
    return claim_them(self, ids, scope_volume, instance_id, kind, check, data, error);
}

volume_claim *
claim_volume_of_anybody(launcher *self, const char *id, const char *kind, volume_check check,
                        gpointer data, GError **error)
{
    const char *const ids[] = {id, NULL};

    return claim_them(self, ids, find_anybodys, NULL, kind, check, data, error);
}

volume_claim *
claim_volumes_of_operation(launcher *self, const operation *cut, GError **error)
{
    g_autoptr(volume_claim) made = volume_claim_new();
    g_autoptr(GPtrArray) instances = instance_list_of_operation(self->db, cut->id, error);

    if (instances == NULL)
        return NULL;
    if (instances->len > 0)
        made->vm = g_ptr_array_steal_index(instances, 0);
    made->operation = cut->id;
    g_ptr_array_unref(made->volumes);
    made->volumes = volume_list_of_operation(self->db, cut->id, error);
    return made->volumes != NULL ? g_steal_pointer(&made) : NULL;
}

gboolean
claim_volumes_settle(launcher *self, volume_claim *what, volume_check more, gpointer data,
                     GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);

    return result != NULL && (more == NULL || more(self, what, data, error)) &&
           record(self, what, 0, error) && operation_end(self->db, what->operation, error) &&
           transaction_commit(result, error);
}
