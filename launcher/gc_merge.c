#include "launcher/gc_merge.h"
#include "common/copy.h"
#include "common/error.h"
#include "common/files.h"
#include "images/backing.h"
#include "images/home.h"
#include "images/layer.h"
#include "launcher/chain.h"
#include "launcher/claim_volumes.h"
#include "launcher/recover.h"
#include "launcher/snapshot_collect.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#define LOOK_EVERY_US 200000
#define PATIENCE 100 /* looks */

/* What is made anew: a volume, or snapshots that share a file. */
typedef struct {
    launcher *self;
    const gc_step *step;
    gint64 operation;
    volume_claim *claim; /* NULL for snapshots */
    GPtrArray *names;    /* snapshot*; NULL for a volume */
    GPtrArray *below;    /* snapshot*: what it stands on, the nearest first */
    guint base;          /* which of these it is to stand on; below->len: none */
    char *made;          /* the new file's first name */
    gboolean busy;       /* what stands in the way of putting it in place passes by itself */
} merging;

static void
merging_clear(merging *self)
{
    volume_claim_free(self->claim);
    g_clear_pointer(&self->names, g_ptr_array_unref);
    g_clear_pointer(&self->below, g_ptr_array_unref);
    g_free(self->made);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(merging, merging_clear)

static const char *
step_name(const gc_step *step)
{
    return g_ptr_array_index(step->names, 0);
}

static char *
path_of(const merging *work)
{
    const char *home = work->self->home;

    return work->claim != NULL ? home_volume_path(home, step_name(work->step))
                               : home_snapshot_path(home, step_name(work->step));
}

static gboolean
changed_meanwhile(const gc_step *step, GError **error)
{
    return error_set(error, ERROR_VOLUME_STATE,
                     "what %s stands on has changed meanwhile: try again", step_name(step));
}

/* ---- the intent ---- */

/* Adds it to NAMES, which are those that were claimed before it. */
static gboolean
claim_snapshot(launcher *self, const char *id, gint64 number, GPtrArray *names, GError **error)
{
    const snapshot *first = names->len > 0 ? g_ptr_array_index(names, 0) : NULL;
    snapshot *what = snapshot_get(self->db, id, error);

    if (what == NULL)
        return FALSE;
    g_ptr_array_add(names, what);
    if (what->operation != 0 || what->state == SNAPSHOT_PENDING ||
        (first != NULL && g_strcmp0(first->parent, what->parent) != 0))
        return error_set(error, ERROR_VOLUME_STATE,
                         "The snapshot '%s' is %s: another command is at work on it. Try again "
                         "when it is done.",
                         id, snapshot_state_words[what->state]);
    what->operation = number;
    return snapshot_update(self->db, what, error);
}

static gboolean
claim_snapshots(merging *work, GError **error)
{
    store *db = work->self->db;
    g_autoptr(transaction) intent = transaction_begin(db, error);
    gint64 number = intent != NULL ? operation_begin(db, "gc-snapshot", error) : 0;

    if (number == 0)
        return FALSE;
    work->names = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_free);
    for (guint i = 0; i < work->step->names->len; i++)
        if (!claim_snapshot(work->self, g_ptr_array_index(work->step->names, i), number,
                            work->names, error))
            return FALSE;
    work->operation = number;
    return transaction_commit(intent, error);
}

static gboolean
check_volume(launcher *self G_GNUC_UNUSED, volume_claim *made, gpointer data G_GNUC_UNUSED,
             GError **error)
{
    const volume *what = g_ptr_array_index(made->volumes, 0);

    if (what->state != VOLUME_AVAILABLE && what->state != VOLUME_IN_USE)
        return error_set(error, ERROR_VOLUME_STATE, "The volume '%s' is in the '%s' state.",
                         what->id, volume_state_words[what->state]);
    return made->vm == NULL || made->vm->state == INSTANCE_STOPPED ||
           error_set(error, ERROR_INSTANCE_STATE,
                     "The instance '%s' is %s: its volume %s is in use.", made->vm->id,
                     instance_state_words[made->vm->state], what->id);
}

static gboolean
claim_volume(merging *work, GError **error)
{
    work->claim = claim_volume_of_anybody(work->self, step_name(work->step), "gc-volume",
                                          check_volume, NULL, error);
    if (work->claim == NULL)
        return FALSE;
    work->operation = work->claim->operation;
    return TRUE;
}

/* ---- what is to be made of what ---- */

static const char *
backing_of(const merging *work)
{
    return work->claim != NULL ? ((volume *)g_ptr_array_index(work->claim->volumes, 0))->backing
                               : ((snapshot *)g_ptr_array_index(work->names, 0))->parent;
}

static gboolean
is_one_of(const GPtrArray *names, const char *id)
{
    return names != NULL &&
           g_ptr_array_find_with_equal_func((GPtrArray *)names, id, g_str_equal, NULL);
}

/* By whichever of its names the chain goes through it. */
static gboolean
find_base(merging *work, GError **error)
{
    const GPtrArray *wanted = work->step->base;
    guint at = 0;

    work->below = chain_below(work->self, backing_of(work), error);
    if (work->below == NULL)
        return FALSE;
    while (at < work->below->len &&
           !is_one_of(wanted, ((snapshot *)g_ptr_array_index(work->below, at))->id))
        at++;
    work->base = at;
    return (at > 0 && (wanted == NULL || at < work->below->len)) ||
           changed_meanwhile(work->step, error);
}

/* NULL for nothing. */
static const char *
base_of(const merging *work)
{
    return work->base < work->below->len
               ? ((snapshot *)g_ptr_array_index(work->below, work->base))->id
               : NULL;
}

static char *
secret_file(const merging *work, const char *uuid)
{
    return uuid != NULL ? home_secret_path(work->self->home, uuid) : NULL;
}

static const char *
secret_of(const merging *work)
{
    return work->claim != NULL ? ((volume *)g_ptr_array_index(work->claim->volumes, 0))->secret
                               : ((snapshot *)g_ptr_array_index(work->names, 0))->secret;
}

static GPtrArray *
layers_of(const merging *work)
{
    GPtrArray *layers = g_ptr_array_new_with_free_func((GDestroyNotify)layer_free);
    g_autofree char *top = path_of(work);
    g_autofree char *top_secret = secret_file(work, secret_of(work));

    g_ptr_array_add(layers, layer_new(top, top_secret));
    for (guint i = 0; i < work->below->len; i++) {
        const snapshot *one = g_ptr_array_index(work->below, i);
        g_autofree char *path = home_snapshot_path(work->self->home, one->id);
        g_autofree char *secret = secret_file(work, one->secret);
        g_ptr_array_add(layers, layer_new(path, secret));
    }
    return layers;
}

/* Where records and files differ, a merge would make the damage last. */
static gboolean
check_layers(const GPtrArray *layers, GError **error)
{
    for (guint i = 0; i < layers->len; i++) {
        const layer *one = g_ptr_array_index(layers, i);
        const layer *next = i + 1 < layers->len ? g_ptr_array_index(layers, i + 1) : NULL;
        if (!backing_matches(one->path, next != NULL ? next->path : NULL, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_room(const merging *work, guint64 needed, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(work->made);
    struct statvfs disk;
    guint64 left;

    if (statvfs(folder, &disk) != 0)
        return error_set_errno(error, errno, "can't look at %s", folder);
    left = (guint64)disk.f_bavail * disk.f_frsize;
    return left >= needed ||
           error_set(error, ERROR_HOST_DISK,
                     "%s takes up to %" G_GUINT64_FORMAT " MiB in %s while it is made anew, where "
                     "%" G_GUINT64_FORMAT " MiB are free: make room for %" G_GUINT64_FORMAT
                     " MiB more",
                     step_name(work->step), (needed >> 20) + 1, folder, left >> 20,
                     ((needed - left) >> 20) + 1);
}

static gboolean
make(merging *work, const char *phase, GError **error)
{
    const char *folder = work->claim != NULL ? "volumes" : "snapshots";
    g_autoptr(GPtrArray) layers = layers_of(work);
    layer_merge what = {.chain = layers, .base = work->base + 1};
    g_autofree char *base_name =
        base_of(work) != NULL ? g_strdup_printf("../snapshots/%s.qcow2", base_of(work)) : NULL;

    what.base_name = base_name;
    work->made = home_merge_path(work->self->home, folder, work->operation);
    return check_layers(layers, error) && check_room(work, layer_merge_bytes(&what), error) &&
           layer_merge_to(&what, work->made, work->self->listener, phase, error);
}

/* ---- domains that name what goes ---- */

static gboolean
stands_on_any(launcher *self, const char *backing, const GPtrArray *ids, gboolean *does,
              GError **error)
{
    g_autoptr(GPtrArray) chain = chain_below(self, backing, error);

    for (guint i = 0; chain != NULL && i < chain->len; i++)
        for (guint j = 0; j < ids->len; j++)
            if (g_str_equal(((snapshot *)g_ptr_array_index(chain, i))->id,
                            g_ptr_array_index(ids, j)))
                *does = TRUE;
    return chain != NULL;
}

/* Whether a disk of VM is, or stands on, what is made anew. */
static gboolean
is_over(launcher *self, const instance *vm, const GPtrArray *ids, gboolean *over, GError **error)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(self->db, vm->id, error);

    *over = FALSE;
    for (guint i = 0; volumes != NULL && i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        if (g_str_equal(what->id, g_ptr_array_index(ids, 0)))
            *over = TRUE;
        else if (!stands_on_any(self, what->backing, ids, over, error))
            return FALSE;
    }
    return volumes != NULL;
}

static gboolean
forget_if_over(launcher *self, const instance *vm, const GPtrArray *ids, GError **error)
{
    gboolean over;
    hypervisor *driver;

    if (!is_over(self, vm, ids, &over, error))
        return FALSE;
    if (!over)
        return TRUE;
    driver = launcher_hypervisor(self, error);
    return driver != NULL && hypervisor_forget(driver, vm->id, error);
}

/* A stopped instance's domain names all files that its disks stand on, also those that go: started
 * through libvirt, its guest would not find them. */
static gboolean
forget_domains(const merging *work, GError **error)
{
    launcher *self = work->self;
    g_autoptr(GPtrArray) all = instance_list(self->db, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const instance *vm = g_ptr_array_index(all, i);
        if (vm->state == INSTANCE_STOPPED && !forget_if_over(self, vm, work->step->names, error))
            return FALSE;
    }
    return all != NULL;
}

/* ---- putting it in place ---- */

static void
set_text(char **place, const char *text)
{
    char *copy = g_strdup(text);

    g_free(*place);
    *place = copy;
}

static gboolean
sync_folder_of(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    return file_sync(folder, error);
}

/* To be called within the transaction that records it: nobody else looks at file and record
 * meanwhile who would change either. */
static gboolean
put_in_place(const merging *work, GPtrArray *paths, GError **error)
{
    for (guint i = 0; i < paths->len; i++)
        if (!file_replace(g_ptr_array_index(paths, i), work->made, error))
            return FALSE;
    return sync_folder_of(work->made, error) && file_remove(work->made, error);
}

/* Who copies a snapshot gives its file another name, and its record what the file stands on. */
static gboolean
nobody_copies(launcher *self, const snapshot *what, GError **error)
{
    gboolean copied;

    return snapshot_is_being_copied(self->db, what->id, &copied, error) &&
           (!copied ||
            error_set(error, ERROR_VOLUME_STATE,
                      "The snapshot '%s' is being copied: try again when that is done.", what->id));
}

/* They may have been deleted meanwhile; what stands on one then goes on doing so. */
static gboolean
same_as_claimed(const merging *work, const GPtrArray *now, GError **error)
{
    const char *parent = backing_of(work);

    if (now->len != work->names->len)
        return changed_meanwhile(work->step, error);
    for (guint i = 0; i < now->len; i++) {
        const snapshot *what = g_ptr_array_index(now, i);
        if (g_strcmp0(what->parent, parent) != 0)
            return changed_meanwhile(work->step, error);
        if (!nobody_copies(work->self, what, error))
            return FALSE;
    }
    return TRUE;
}

/* Who starts a guest, or plugs a volume in, has read what stands on what, and tells libvirt of it
 * in a moment. */
static gboolean
nobody_starts(merging *work, GError **error)
{
    launcher *self = work->self;
    g_autoptr(GPtrArray) all = instance_list(self->db, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const instance *vm = g_ptr_array_index(all, i);
        if (vm->operation == 0)
            continue;
        if (!is_over(self, vm, work->step->names, &work->busy, error))
            return FALSE;
        if (work->busy)
            return error_set(error, ERROR_INSTANCE_STATE,
                             "The instance '%s' is %s: another command is at work on it. Try again "
                             "when it is done.",
                             vm->id, instance_state_words[vm->state]);
    }
    return all != NULL;
}

static gboolean
record_snapshots(launcher *self, GPtrArray *all, gint64 number, GError **error)
{
    for (guint i = 0; i < all->len; i++) {
        snapshot *what = g_ptr_array_index(all, i);
        what->operation = 0;
        if (!snapshot_update(self->db, what, error))
            return FALSE;
    }
    return operation_end(self->db, number, error);
}

static gboolean
finish_snapshots(merging *work, GError **error)
{
    launcher *self = work->self;
    g_autoptr(transaction) result = transaction_begin(self->db, error);
    g_autoptr(GPtrArray) now =
        result != NULL ? snapshot_list_of_operation(self->db, work->operation, error) : NULL;
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    work->busy = FALSE;
    if (now == NULL || !same_as_claimed(work, now, error) || !nobody_starts(work, error))
        return FALSE;
    for (guint i = 0; i < now->len; i++) {
        snapshot *what = g_ptr_array_index(now, i);
        g_ptr_array_add(paths, home_snapshot_path(self->home, what->id));
        set_text(&what->parent, base_of(work));
    }
    return put_in_place(work, paths, error) &&
           record_snapshots(self, now, work->operation, error) && transaction_commit(result, error);
}

static gboolean
replace_volume(launcher *self, volume_claim *claim, gpointer data, GError **error)
{
    const merging *work = data;
    volume *what = g_ptr_array_index(claim->volumes, 0);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(paths, home_volume_path(self->home, what->id));
    if (!put_in_place(work, paths, error))
        return FALSE;
    set_text(&what->backing, base_of(work));
    return TRUE;
}

static gboolean
finish_snapshots_patiently(merging *work, GError **error)
{
    for (guint i = 0; i < PATIENCE; i++) {
        g_autoptr(GError) problem = NULL;
        if (finish_snapshots(work, &problem))
            return TRUE;
        if (!work->busy || i + 1 == PATIENCE) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
        g_usleep(LOOK_EVERY_US);
    }
    return FALSE;
}

static gboolean
finish(merging *work, GError **error)
{
    return work->claim != NULL
               ? claim_volumes_settle(work->self, work->claim, replace_volume, work, error)
               : finish_snapshots_patiently(work, error);
}

/* ---- what was cut off, or failed ---- */

/* The file at PATH is the old one or the new one: it says itself on what it stands. */
static gboolean
believe_file(launcher *self, const char *path, char **backing, GError **error)
{
    g_autofree char *spare = g_strconcat(path, ".new", NULL);
    g_autoptr(GPtrArray) below = chain_below(self, *backing, error);
    g_autofree char *name = NULL;

    if (below == NULL || !file_remove(spare, error))
        return FALSE;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    name = backing_name(path, error);
    if (name == NULL)
        return FALSE;
    if (*name == '\0')
        g_clear_pointer(backing, g_free);
    for (guint i = 0; i < below->len; i++) {
        const snapshot *one = g_ptr_array_index(below, i);
        g_autofree char *file = g_strconcat(one->id, ".qcow2", NULL);
        if (g_str_equal(file, name))
            set_text(backing, one->id);
    }
    return TRUE;
}

static gboolean
remove_made(launcher *self, const char *folder, gint64 number, GError **error)
{
    g_autofree char *made = home_merge_path(self->home, folder, number);

    return file_remove(made, error);
}

static gboolean
settle_snapshots(launcher *self, gint64 number, GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);
    g_autoptr(GPtrArray) all =
        result != NULL ? snapshot_list_of_operation(self->db, number, error) : NULL;

    if (all == NULL || !remove_made(self, "snapshots", number, error))
        return FALSE;
    for (guint i = 0; i < all->len; i++) {
        snapshot *what = g_ptr_array_index(all, i);
        g_autofree char *path = home_snapshot_path(self->home, what->id);
        if (!believe_file(self, path, &what->parent, error))
            return FALSE;
    }
    return record_snapshots(self, all, number, error) && transaction_commit(result, error);
}

static gboolean
settle_volume(launcher *self, volume_claim *claim, GError **error)
{
    for (guint i = 0; i < claim->volumes->len; i++) {
        volume *what = g_ptr_array_index(claim->volumes, i);
        g_autofree char *path = home_volume_path(self->home, what->id);
        if (!believe_file(self, path, &what->backing, error))
            return FALSE;
    }
    return remove_made(self, "volumes", claim->operation, error) &&
           claim_volumes_settle(self, claim, NULL, NULL, error);
}

gboolean
recover_gc_snapshot(launcher *self, const operation *cut, GError **error)
{
    return settle_snapshots(self, cut->id, error) && snapshots_collect(self, error);
}

gboolean
recover_gc_volume(launcher *self, const operation *cut, GError **error)
{
    g_autoptr(volume_claim) claim = claim_volumes_of_operation(self, cut, error);

    return claim != NULL && settle_volume(self, claim, error) && snapshots_collect(self, error);
}

static void
go_back(merging *work)
{
    gboolean settled = work->claim != NULL ? settle_volume(work->self, work->claim, NULL)
                                           : settle_snapshots(work->self, work->operation, NULL);

    if (!settled)
        operation_abandon(work->self->db, work->operation);
}

/* ---- as a whole ---- */

static guint64
bytes_of(launcher *self, const GPtrArray *ids)
{
    guint64 bytes = 0;

    for (guint i = 0; i < ids->len; i++) {
        g_autofree char *path = home_snapshot_path(self->home, g_ptr_array_index(ids, i));
        bytes += file_bytes(path);
    }
    return bytes;
}

gboolean
gc_merge(launcher *self, const gc_step *step, const char *phase, gc_gain *gain, GError **error)
{
    g_auto(merging) work = {.self = self, .step = step};
    g_autofree char *path = NULL;
    guint64 absorbed = bytes_of(self, step->absorbed);

    if (!(step->volume ? claim_volume(&work, error) : claim_snapshots(&work, error)))
        return FALSE;
    path = path_of(&work);
    gain->before = file_bytes(path);
    if (!find_base(&work, error) || !forget_domains(&work, error) || !make(&work, phase, error) ||
        !finish(&work, error)) {
        go_back(&work);
        return FALSE;
    }
    gain->after = file_bytes(path);
    /* Done is done; what can't be collected now is by the next command that collects. */
    snapshots_collect(self, NULL);
    gain->collected = absorbed - MIN(absorbed, bytes_of(self, step->absorbed));
    return TRUE;
}
