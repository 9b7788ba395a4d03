#include "launcher/scope.h"
#include "common/error.h"
#include "common/ids.h"
#include "common/times.h"
#include "launcher/zone.h"
#include "store/permission.h"

static gboolean
is_mine(const launcher *self, const char *owner)
{
    return g_strcmp0(owner, self->conf->account) == 0;
}

static gboolean
is_shared(launcher *self, const char *id, gboolean public, gboolean *shared, GError **error)
{
    *shared = public;
    return public || permission_find(self->db, id, self->conf->account, shared, error);
}

typedef gboolean (*predicate)(const launcher *self, gconstpointer row, gconstpointer data);

/* Those of ALL for which IS holds, in their order; NULL if ALL is that. */
static GPtrArray *
only(const launcher *self, GPtrArray *all, predicate is, gconstpointer data)
{
    guint kept = 0;

    for (guint i = 0; all != NULL && i < all->len; i++) {
        gpointer row = all->pdata[i];
        if (!is(self, row, data))
            continue;
        all->pdata[i] = all->pdata[kept];
        all->pdata[kept++] = row;
    }
    if (all != NULL)
        g_ptr_array_set_size(all, (int)kept);
    return all;
}

/* ---- images ---- */

gboolean
scope_check_image_id(const char *id, GError **error)
{
    return id_is("ami", id) ||
           error_set(error, ERROR_AMI_MALFORMED, "Invalid id: \"%s\" (expecting \"ami-...\")", id);
}

static gboolean
can_see_image(launcher *self, const image *ami, gboolean *visible, GError **error)
{
    *visible = FALSE;
    if (ami->binned != 0)
        return TRUE;
    if (is_mine(self, ami->owner)) {
        *visible = TRUE;
        return TRUE;
    }
    return ami->state != IMAGE_AVAILABLE ||
           is_shared(self, ami->id, ami->public != 0, visible, error);
}

/* Its owner may know that it was there, and how to get it back. */
static void
refuse_image(launcher *self, const char *id, const char *region, const image *hidden,
             GError **error)
{
    g_autofree char *until = NULL;
    gboolean binned = hidden != NULL && is_mine(self, hidden->owner) && hidden->binned != 0;

    if (binned && hidden->operation == 0) {
        until = time_spelled(hidden->bin_until);
        error_set(error, ERROR_AMI_UNAVAILABLE,
                  "The image ID '%s' is no longer available: it is in the recycle bin until %s; "
                  "`amilaunch image restore %s` brings it back",
                  id, until, id);
    } else if (binned || image_was_deregistered(self->db, id, self->conf->account, region)) {
        error_set(error, ERROR_AMI_UNAVAILABLE, "The image ID '%s' is no longer available", id);
    } else {
        error_set(error, ERROR_AMI_NOT_FOUND, "The image id '[%s]' does not exist", id);
    }
}

image *
scope_image_in(launcher *self, const char *id, const char *region, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(image) ami = image_get(self->db, id, region, &problem);
    gboolean visible = FALSE;

    if (problem != NULL && !error_is(problem, ERROR_AMI_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    if (ami != NULL && !can_see_image(self, ami, &visible, error))
        return NULL;
    if (visible)
        return g_steal_pointer(&ami);
    refuse_image(self, id, region, ami, error);
    return NULL;
}

image *
scope_image(launcher *self, const char *id, GError **error)
{
    return scope_image_in(self, id, self->conf->region, error);
}

image *
scope_own_image(launcher *self, const char *id, GError **error)
{
    g_autoptr(image) ami = scope_image(self, id, error);

    if (ami == NULL || is_mine(self, ami->owner))
        return g_steal_pointer(&ami);
    error_set(error, ERROR_AUTH_FAILURE, "Not authorized for image:%s", id);
    return NULL;
}

/* ---- snapshots ---- */

gboolean
scope_check_snapshot_id(const char *id, GError **error)
{
    return id_is("snap", id) || error_set(error, ERROR_SNAPSHOT_MALFORMED,
                                          "Invalid id: \"%s\" (expecting \"snap-...\")", id);
}

static gboolean
can_see_snapshot(launcher *self, const snapshot *what, gboolean *visible, GError **error)
{
    *visible = FALSE;
    if (what->state == SNAPSHOT_RECOVERABLE || what->state == SNAPSHOT_DELETED)
        return TRUE;
    if (is_mine(self, what->owner)) {
        *visible = TRUE;
        return TRUE;
    }
    return what->state != SNAPSHOT_COMPLETED ||
           is_shared(self, what->id, what->public != 0, visible, error);
}

snapshot *
scope_snapshot_in(launcher *self, const char *id, const char *region, GError **error)
{
    g_autoptr(snapshot) found = snapshot_get(self->db, id, error);
    gboolean visible;

    if (found == NULL || !can_see_snapshot(self, found, &visible, error))
        return NULL;
    if (visible && g_strcmp0(found->region, region) == 0)
        return g_steal_pointer(&found);
    error_set(error, ERROR_SNAPSHOT_NOT_FOUND, "The snapshot '%s' does not exist.", id);
    return NULL;
}

snapshot *
scope_snapshot(launcher *self, const char *id, GError **error)
{
    return scope_snapshot_in(self, id, self->conf->region, error);
}

snapshot *
scope_own_snapshot(launcher *self, const char *id, GError **error)
{
    g_autoptr(snapshot) found = scope_snapshot(self, id, error);

    if (found == NULL || is_mine(self, found->owner))
        return g_steal_pointer(&found);
    error_set(error, ERROR_AUTH_FAILURE, "Not authorized for snapshot:%s", id);
    return NULL;
}

static gboolean
is_listed(const launcher *self, gconstpointer row, gconstpointer data)
{
    const snapshot *what = row;
    GHashTable *shared = (GHashTable *)data;

    return is_mine(self, what->owner) ||
           (what->state == SNAPSHOT_COMPLETED && g_hash_table_contains(shared, what->id));
}

GPtrArray *
scope_snapshots(launcher *self, GError **error)
{
    g_autoptr(GHashTable) shared = permission_set_of_account(self->db, self->conf->account, error);

    return shared == NULL
               ? NULL
               : only(self, snapshot_list(self->db, self->conf->region, error), is_listed, shared);
}

/* ---- volumes and instances ---- */

static gboolean
is_my_volume(const launcher *self, gconstpointer row, gconstpointer unused G_GNUC_UNUSED)
{
    const volume *what = row;

    return is_mine(self, what->owner) && zone_is_in(what->zone, self->conf->region);
}

static gboolean
is_my_instance(const launcher *self, gconstpointer row, gconstpointer unused G_GNUC_UNUSED)
{
    const instance *vm = row;

    return is_mine(self, vm->owner) && g_strcmp0(vm->region, self->conf->region) == 0;
}

volume *
scope_volume(launcher *self, const char *id, GError **error)
{
    g_autoptr(volume) found = volume_get(self->db, id, error);

    if (found == NULL || is_my_volume(self, found, NULL))
        return g_steal_pointer(&found);
    error_set(error, ERROR_VOLUME_NOT_FOUND, "The volume '%s' does not exist.", id);
    return NULL;
}

instance *
scope_instance(launcher *self, const char *id, GError **error)
{
    g_autoptr(instance) found = instance_get(self->db, id, error);

    if (found == NULL || is_my_instance(self, found, NULL))
        return g_steal_pointer(&found);
    error_set(error, ERROR_INSTANCE_NOT_FOUND, "The instance ID '%s' does not exist", id);
    return NULL;
}

GPtrArray *
scope_volumes(launcher *self, GError **error)
{
    return only(self, volume_list(self->db, error), is_my_volume, NULL);
}

GPtrArray *
scope_instances(launcher *self, GError **error)
{
    return only(self, instance_list(self->db, error), is_my_instance, NULL);
}

/* ---- key pairs ---- */

key_pair *
scope_key_pair(launcher *self, const char *id, GError **error)
{
    g_autoptr(GPtrArray) pairs =
        key_pair_list(self->db, self->conf->account, self->conf->region, error);

    if (pairs == NULL)
        return NULL;
    for (guint i = 0; i < pairs->len; i++)
        if (g_str_equal(((key_pair *)g_ptr_array_index(pairs, i))->id, id))
            return g_ptr_array_steal_index(pairs, i);
    error_set(error, ERROR_KEY_NOT_FOUND, "The key pair '%s' does not exist", id);
    return NULL;
}
