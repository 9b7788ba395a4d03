#include "launcher/deregister.h"
#include "common/error.h"
#include "common/times.h"
#include "images/boot_files.h"
#include "images/template.h"
#include "launcher/id_list.h"
#include "launcher/image_life.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/recycle_bin.h"
#include "launcher/scope.h"
#include "launcher/snapshot_collect.h"
#include "store/operation.h"

/* The kind tells whether the images' snapshots go with them. */
#define KIND "deregister"
#define KIND_SNAPSHOTS "deregister-snapshots"

static void
snapshot_fate_free(snapshot_fate *self)
{
    g_free(self->id);
    g_free(self->used_by);
    g_free(self);
}

void
image_fate_free(image_fate *self)
{
    if (self == NULL)
        return;
    g_free(self->id);
    g_clear_pointer(&self->snapshots, g_ptr_array_unref);
    g_free(self);
}

static image_fate *
image_fate_new(const image *ami)
{
    image_fate *self = g_new0(image_fate, 1);

    self->id = g_strdup(ami->id);
    self->bin_until = ami->bin_until;
    self->snapshots = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_fate_free);
    return self;
}

/* ---- the intent ---- */

static gboolean
may_go(const image *ami, gint64 now, GError **error)
{
    if (ami->operation != 0 || ami->state == IMAGE_PENDING)
        return error_set(error, ERROR_AMI_UNAVAILABLE,
                         "The image ID '%s' is pending: try again when it is available", ami->id);
    return image_check_unprotected(ami, now, error);
}

/* EC2's bin takes images whose root is on EBS only. */
static gboolean
find_time(launcher *self, const image *ami, gint64 now, gint64 *until, GError **error)
{
    *until = 0;
    return ami->root_device_type != ROOT_EBS ||
           bin_time(self, RETAINS_IMAGES, ami->id, ami->owner, ami->region, now, until, error);
}

/* From then on nobody sees it. It goes into the bin, or it is the operation's. */
static gboolean
take_image(launcher *self, const char *id, gint64 number, GPtrArray *fates, GError **error)
{
    g_autoptr(image) ami = scope_own_image(self, id, error);
    gint64 now = time_now();
    image_fate *fate;

    if (ami == NULL || !may_go(ami, now, error) ||
        !find_time(self, ami, now, &ami->bin_until, error))
        return FALSE;
    fate = image_fate_new(ami);
    g_ptr_array_add(fates, fate);
    ami->was_disabled = ami->state == IMAGE_DISABLED;
    ami->state = IMAGE_DEREGISTERED;
    ami->binned = now;
    if (fate->bin_until == 0) {
        ami->bin_until = now;
        ami->operation = number;
    }
    return image_update(self->db, ami, error);
}

static gint64
intend(launcher *self, const char *const *ids, gboolean with_snapshots, GPtrArray *fates,
       GError **error)
{
    const char *kind = with_snapshots ? KIND_SNAPSHOTS : KIND;
    g_autoptr(transaction) intent = transaction_begin(self->db, error);
    gint64 number = intent != NULL ? operation_begin(self->db, kind, error) : 0;

    if (number == 0)
        return 0;
    for (gsize i = 0; ids[i] != NULL; i++)
        if (!take_image(self, ids[i], number, fates, error))
            return 0;
    return transaction_commit(intent, error) ? number : 0;
}

/* ---- the act ---- */

static snapshot_fate *
snapshot_fate_new(const char *id, const GPtrArray *users)
{
    snapshot_fate *self = g_new0(snapshot_fate, 1);

    self->id = g_strdup(id);
    if (users->len > 0)
        self->used_by = g_strdup(((image_mapping *)g_ptr_array_index(users, 0))->image);
    return self;
}

/* To be called when the image's own mapping has gone; one that is there twice is deleted once. */
static gboolean
discard_snapshot(launcher *self, const image *ami, const char *id, image_fate *told, GError **error)
{
    g_autoptr(GPtrArray) users = image_mapping_list_of_snapshot(self->db, id, error);
    g_autoptr(snapshot) what = users != NULL ? snapshot_get(self->db, id, error) : NULL;
    snapshot_fate *fate;

    if (what == NULL)
        return FALSE;
    if (what->state == SNAPSHOT_DELETED || what->state == SNAPSHOT_RECOVERABLE)
        return TRUE;
    fate = snapshot_fate_new(id, users);
    if (users->len == 0 && what->state == SNAPSHOT_COMPLETED &&
        g_strcmp0(what->owner, ami->owner) == 0) {
        fate->deleted = TRUE;
        if (!bin_discard_snapshot(self, what, error)) {
            snapshot_fate_free(fate);
            return FALSE;
        }
        fate->bin_until = what->bin_until;
    }
    if (told != NULL)
        g_ptr_array_add(told->snapshots, fate);
    else
        snapshot_fate_free(fate);
    return TRUE;
}

static gboolean
discard_snapshots(launcher *self, const image *ami, const GPtrArray *entries, image_fate *told,
                  GError **error)
{
    for (guint i = 0; i < entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(entries, i);
        if (entry->snapshot != NULL && !discard_snapshot(self, ami, entry->snapshot, told, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
remove_image(launcher *self, const image *ami, gboolean with_snapshots, image_fate *told,
             GError **error)
{
    g_autoptr(transaction) change = transaction_begin(self->db, error);
    g_autoptr(GPtrArray) entries =
        change != NULL ? image_mapping_list(self->db, ami->id, error) : NULL;

    if (entries == NULL || !image_delete(self->db, ami->id, error))
        return FALSE;
    if (with_snapshots && !discard_snapshots(self, ami, entries, told, error))
        return FALSE;
    if (ami->root_device_type == ROOT_INSTANCE_STORE &&
        !template_remove(self->db, self->home, ami->content, error))
        return FALSE;
    if (!boot_files_remove(self->db, self->home, ami->content, error))
        return FALSE;
    return transaction_commit(change, error);
}

static image_fate *
find_fate(const GPtrArray *fates, const char *id)
{
    for (guint i = 0; fates != NULL && i < fates->len; i++) {
        image_fate *fate = g_ptr_array_index(fates, i);
        if (g_str_equal(fate->id, id))
            return fate;
    }
    return NULL;
}

static gboolean
finish(launcher *self, gint64 number, gboolean with_snapshots, const GPtrArray *fates,
       GError **error)
{
    g_autoptr(GPtrArray) doomed = image_list_of_operation(self->db, number, error);

    for (guint i = 0; doomed != NULL && i < doomed->len; i++) {
        const image *ami = g_ptr_array_index(doomed, i);
        if (!remove_image(self, ami, with_snapshots, find_fate(fates, ami->id), error))
            return FALSE;
    }
    return doomed != NULL && snapshots_collect(self, error) &&
           operation_end(self->db, number, error);
}

gboolean
deregister_finish(launcher *self, gint64 number, gboolean with_snapshots, const GPtrArray *fates,
                  GError **error)
{
    if (finish(self, number, with_snapshots, fates, error))
        return TRUE;
    operation_abandon(self->db, number);
    return FALSE;
}

/* One in the bin still uses all of its snapshots. */
static gboolean
tell_of_binned(launcher *self, image_fate *fate, GError **error)
{
    g_autoptr(GPtrArray) entries = image_mapping_list(self->db, fate->id, error);

    for (guint i = 0; entries != NULL && i < entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(entries, i);
        snapshot_fate *kept;
        if (entry->snapshot == NULL)
            continue;
        kept = g_new0(snapshot_fate, 1);
        kept->id = g_strdup(entry->snapshot);
        kept->used_by = g_strdup(fate->id);
        g_ptr_array_add(fate->snapshots, kept);
    }
    return entries != NULL;
}

GPtrArray *
launcher_image_deregister(launcher *self, const char *const *ids, gboolean with_snapshots,
                          GError **error)
{
    g_autoptr(GPtrArray) fates = g_ptr_array_new_with_free_func((GDestroyNotify)image_fate_free);
    gint64 number;

    if (!id_list_check("ami", ids, error) || !reconcile_images(self, error))
        return NULL;
    number = intend(self, ids, with_snapshots, fates, error);
    if (number == 0)
        return NULL;
    for (guint i = 0; with_snapshots && i < fates->len; i++) {
        image_fate *fate = g_ptr_array_index(fates, i);
        if (fate->bin_until != 0 && !tell_of_binned(self, fate, NULL))
            break;
    }
    return deregister_finish(self, number, with_snapshots, fates, error) ? g_steal_pointer(&fates)
                                                                         : NULL;
}

gboolean
recover_deregister(launcher *self, const operation *cut, GError **error)
{
    return finish(self, cut->id, g_str_equal(cut->kind, KIND_SNAPSHOTS), NULL, error);
}
