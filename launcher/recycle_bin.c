#include "launcher/recycle_bin.h"
#include "common/error.h"
#include "common/times.h"
#include "launcher/deregister.h"
#include "launcher/id_list.h"
#include "launcher/reconcile.h"
#include "store/operation.h"
#include "store/tag.h"

#define DAY_S (24 * 60 * 60)

/* ---- by which rule ---- */

static gboolean
has_tag(const GPtrArray *tags, const retention_rule *rule)
{
    for (guint i = 0; i < tags->len; i++) {
        const tag *one = g_ptr_array_index(tags, i);
        if (g_strcmp0(one->key, rule->tag_key) == 0 &&
            (rule->tag_value == NULL || g_strcmp0(one->value, rule->tag_value) == 0))
            return TRUE;
    }
    return FALSE;
}

gboolean
bin_time(launcher *self, retained_type type, const char *id, const char *owner, const char *region,
         gint64 now, gint64 *until, GError **error)
{
    g_autoptr(GPtrArray) rules = retention_rule_list(self->db, owner, region, error);
    g_autoptr(GPtrArray) tags = rules != NULL ? tag_list(self->db, id, error) : NULL;
    gint64 days = 0;

    if (tags == NULL)
        return FALSE;
    for (guint i = 0; i < rules->len; i++) {
        const retention_rule *rule = g_ptr_array_index(rules, i);
        if (rule->resource_type == (int)type && (rule->tag_key == NULL || has_tag(tags, rule)))
            days = MAX(days, rule->days);
    }
    *until = days > 0 ? now + days * DAY_S : 0;
    return TRUE;
}

gboolean
bin_discard_snapshot(launcher *self, snapshot *what, GError **error)
{
    gint64 now = time_now();
    gint64 until;

    if (!bin_time(self, RETAINS_SNAPSHOTS, what->id, what->owner, what->region, now, &until, error))
        return FALSE;
    what->state = until != 0 ? SNAPSHOT_RECOVERABLE : SNAPSHOT_DELETED;
    what->binned = until != 0 ? now : 0;
    what->bin_until = until;
    return snapshot_update(self->db, what, error);
}

/* ---- what is in it ---- */

static gboolean
is_mine(launcher *self, const char *owner)
{
    return g_strcmp0(owner, self->conf->account) == 0;
}

GPtrArray *
launcher_bin_images(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;

    if (!reconcile_images(self, error))
        return NULL;
    all = image_list_binned(self->db, self->conf->region, error);
    for (guint i = 0; all != NULL && i < all->len;)
        if (is_mine(self, ((image *)g_ptr_array_index(all, i))->owner))
            i++;
        else
            g_ptr_array_remove_index(all, i);
    return g_steal_pointer(&all);
}

GPtrArray *
launcher_bin_snapshots(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;

    if (!reconcile_images(self, error))
        return NULL;
    all = snapshot_list_binned(self->db, self->conf->region, error);
    for (guint i = 0; all != NULL && i < all->len;)
        if (is_mine(self, ((snapshot *)g_ptr_array_index(all, i))->owner))
            i++;
        else
            g_ptr_array_remove_index(all, i);
    return g_steal_pointer(&all);
}

/* ---- out of it, and back ---- */

static gboolean
restore_image(launcher *self, const char *id, GError **error)
{
    g_autoptr(image) ami = image_get(self->db, id, self->conf->region, error);

    if (ami == NULL)
        return FALSE;
    /* Nobody learns of what isn't theirs. */
    if (!is_mine(self, ami->owner))
        return error_set(error, ERROR_AMI_NOT_FOUND, "The image id '[%s]' does not exist", id);
    if (ami->binned == 0 || ami->operation != 0)
        return error_set(error, ERROR_AMI_NOT_FOUND,
                         "The image id '[%s]' does not exist in the recycle bin: `amilaunch image "
                         "ls --bin` lists what does",
                         id);
    if (image_name_taken(self->db, ami->owner, ami->region, ami->name))
        return error_set(error, ERROR_AMI_NAME_DUPLICATE,
                         "AMI name %s is already in use by another AMI: %s stays in the recycle "
                         "bin until that one is deregistered",
                         ami->name, id);
    ami->state = ami->was_disabled ? IMAGE_DISABLED : IMAGE_AVAILABLE;
    ami->was_disabled = FALSE;
    ami->binned = 0;
    ami->bin_until = 0;
    return image_update(self->db, ami, error);
}

static gboolean
restore_snapshot(launcher *self, const char *id, GError **error)
{
    g_autoptr(snapshot) what = snapshot_get(self->db, id, error);

    if (what == NULL)
        return FALSE;
    if (!is_mine(self, what->owner) || g_strcmp0(what->region, self->conf->region) != 0)
        return error_set(error, ERROR_SNAPSHOT_NOT_FOUND, "The snapshot '%s' does not exist.", id);
    if (what->state != SNAPSHOT_RECOVERABLE)
        return error_set(error, ERROR_SNAPSHOT_NOT_FOUND,
                         "The snapshot '%s' does not exist in the recycle bin: `amilaunch "
                         "snapshot ls --bin` lists what does",
                         id);
    what->state = SNAPSHOT_COMPLETED;
    what->binned = 0;
    what->bin_until = 0;
    return snapshot_update(self->db, what, error);
}

static gboolean
restore_all(launcher *self, const char *const *ids,
            gboolean (*restore)(launcher *, const char *, GError **), GError **error)
{
    g_autoptr(transaction) change = NULL;

    if (!reconcile_images(self, error))
        return FALSE;
    change = transaction_begin(self->db, error);
    if (change == NULL)
        return FALSE;
    for (gsize i = 0; ids[i] != NULL; i++)
        if (!restore(self, ids[i], error))
            return FALSE;
    return transaction_commit(change, error);
}

gboolean
launcher_image_restore(launcher *self, const char *const *ids, GError **error)
{
    return id_list_check("ami", ids, error) && restore_all(self, ids, restore_image, error);
}

gboolean
launcher_snapshot_restore(launcher *self, const char *const *ids, GError **error)
{
    return id_list_check("snap", ids, error) && restore_all(self, ids, restore_snapshot, error);
}

/* ---- when its time is over ---- */

static gboolean
take_images(launcher *self, gint64 number, gint64 now, GError **error)
{
    g_autoptr(GPtrArray) due = image_list_due(self->db, now, error);

    for (guint i = 0; due != NULL && i < due->len; i++) {
        image *ami = g_ptr_array_index(due, i);
        ami->operation = number;
        if (!image_update(self->db, ami, error))
            return FALSE;
    }
    return due != NULL;
}

static gboolean
take_snapshots(launcher *self, gint64 now, GError **error)
{
    g_autoptr(GPtrArray) due = snapshot_list_due(self->db, now, error);

    for (guint i = 0; due != NULL && i < due->len; i++) {
        snapshot *what = g_ptr_array_index(due, i);
        what->state = SNAPSHOT_DELETED;
        what->binned = 0;
        what->bin_until = 0;
        if (!snapshot_update(self->db, what, error))
            return FALSE;
    }
    return due != NULL;
}

static gint64
intend_emptying(launcher *self, gint64 now, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);
    gint64 number = intent != NULL ? operation_begin(self->db, "bin-empty", error) : 0;

    return number != 0 && take_images(self, number, now, error) &&
                   take_snapshots(self, now, error) && transaction_commit(intent, error)
               ? number
               : 0;
}

gboolean
bin_empty(launcher *self, GError **error)
{
    gint64 now = time_now();
    gboolean due;
    gint64 number;

    if (!retention_is_due(self->db, now, &due, error))
        return FALSE;
    if (!due)
        return TRUE;
    number = intend_emptying(self, now, error);
    return number != 0 && deregister_finish(self, number, FALSE, NULL, error);
}
