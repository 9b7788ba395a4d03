/* The root of an instance, read at one moment. */
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/ids.h"
#include "common/process.h"
#include "images/chain_read.h"
#include "images/home.h"
#include "launcher/bundle_work.h"
#include "launcher/chain.h"
#include "launcher/claim.h"
#include "launcher/recover.h"
#include "launcher/scope.h"
#include "launcher/snapshot_collect.h"
#include "launcher/snapshot_own.h"
#include "store/usage.h"

#define GIB (G_GINT64_CONSTANT(1) << 30)

static GPtrArray *
layers_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)chain_layer_free);
}

static gboolean
check_size(gint64 bytes, GError **error)
{
    return bytes <= (gint64)MANIFEST_MOST_SIZE ||
           error_set(error, ERROR_PARAMETER_VALUE,
                     "a bundle's image has at most 10 GiB, and this root %" G_GINT64_FORMAT,
                     (bytes + GIB - 1) / GIB);
}

static gboolean
check_state(const instance *vm, GError **error)
{
    return vm->state == INSTANCE_RUNNING || vm->state == INSTANCE_STOPPED ||
           error_set(error, ERROR_INSTANCE_STATE,
                     "The instance '%s' is %s: only the root of a running or stopped one can be "
                     "bundled.",
                     vm->id, instance_state_words[vm->state]);
}

/* ---- on EBS ---- */

/* It has the id of the operation's snapshot, and is there before that is. */
static char *
mark_path(const char *folder)
{
    return g_build_filename(folder, "snapshot", NULL);
}

static gboolean
mark_snapshot(const char *id, gpointer data, GError **error)
{
    const char *folder = data;
    g_autofree char *path = mark_path(folder);
    g_autoptr(GError) problem = NULL;

    FAILPOINT_AROUND("write");
    if (!g_file_set_contents_full(path, id, -1,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                  0600, &problem))
        return error_set(error, ERROR_HOST_DISK, "%s", problem->message);
    return file_sync(folder, error);
}

snapshot *
bundle_source_snapshot(launcher *self, const bundle_work *work, const char *id, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("For the bundle of operation %" G_GINT64_FORMAT, work->operation);

    return snapshot_create_heard(self, id, text, mark_snapshot, work->folder, error);
}

static volume *
root_volume(launcher *self, const instance *vm, GError **error)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(self->db, vm->id, error);

    for (guint i = 0; volumes != NULL && i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        if (g_strcmp0(what->device, vm->root_device) == 0)
            return g_ptr_array_steal_index(volumes, i);
    }
    if (volumes != NULL)
        error_set(error, ERROR_PARAMETER_VALUE,
                  "Instance does not have a volume attached at root (%s)", vm->root_device);
    return NULL;
}

static GPtrArray *
layers_of_snapshot(launcher *self, const char *id, GError **error)
{
    g_autoptr(GPtrArray) chain = chain_below(self, id, error);
    GPtrArray *layers;

    if (chain == NULL)
        return NULL;
    layers = layers_new();
    for (guint i = 0; i < chain->len; i++) {
        const snapshot *one = g_ptr_array_index(chain, i);
        g_autofree char *path = home_snapshot_path(self->home, one->id);
        g_autofree char *secret =
            one->secret != NULL ? home_secret_path(self->home, one->secret) : NULL;
        g_ptr_array_add(layers, chain_layer_new(path, secret));
    }
    return layers;
}

static gboolean
read_volume(launcher *self, const bundle_work *work, const instance *vm, const char *path,
            GError **error)
{
    g_autoptr(volume) root = root_volume(self, vm, error);
    g_autoptr(snapshot) made = NULL;
    g_autoptr(GPtrArray) layers = NULL;

    if (root == NULL || !check_size(root->size_gib * GIB, error))
        return FALSE;
    made = bundle_source_snapshot(self, work, root->id, error);
    layers = made != NULL ? layers_of_snapshot(self, made->id, error) : NULL;
    if (layers == NULL)
        return FALSE;
    progress_phase(self->listener, "reading the volume");
    return chain_to_raw(layers, path, error);
}

/* ---- on instance store ---- */

/* Nobody may end it, nor start anything else with it, while it is held. */
static gboolean
claim_vm(launcher *self, const bundle_work *work, const char *id, instance **vm, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);

    *vm = intent != NULL ? scope_instance(self, id, error) : NULL;
    if (*vm == NULL || !claim_check_idle(*vm, error))
        return FALSE;
    if (!check_state(*vm, error))
        return FALSE;
    (*vm)->operation = work->operation;
    return instance_update(self->db, *vm, error) && transaction_commit(intent, error);
}

static gboolean
find_status(launcher *self, const char *id, domain_status *status, GError **error)
{
    hypervisor *driver = launcher_hypervisor(self, error);
    g_autoptr(GHashTable) domains = driver != NULL ? hypervisor_list(driver, error) : NULL;
    const domain_status *found = domains != NULL ? g_hash_table_lookup(domains, id) : NULL;

    if (found != NULL)
        *status = *found;
    return domains != NULL;
}

/* A guest that rests has everything that it wrote in its file. Who else holds it would let it go on
 * in the middle, or find it going on. */
static gboolean
hold(launcher *self, const instance *vm, GError **error)
{
    domain_status status = {.state = DOMAIN_OFF};

    if (!find_status(self, vm->id, &status, error))
        return FALSE;
    if (status.state == DOMAIN_OFF)
        return TRUE;
    if (status.state != DOMAIN_ON)
        return error_set(error, ERROR_INSTANCE_STATE,
                         "the guest of '%s' is paused or about to end: try again when it runs",
                         vm->id);
    return hypervisor_pause(self->driver, vm->id, error);
}

static gboolean
let_go(launcher *self, instance *vm, GError **error)
{
    domain_status status = {.state = DOMAIN_OFF};

    if (!find_status(self, vm->id, &status, error))
        return FALSE;
    if (status.state == DOMAIN_PAUSED && status.pause != PAUSED_IO_ERROR &&
        status.pause != PAUSED_CRASHED && !hypervisor_resume(self->driver, vm->id, error))
        return FALSE;
    vm->operation = 0;
    return instance_update(self->db, vm, error);
}

/* Only what differs from the template is copied while the guest rests. */
static gboolean
copy_overlay(launcher *self, const instance *vm, const char *copy, GError **error)
{
    g_autofree char *file = home_store_disk_path(self->home, vm->id, STORE_ROOT);
    const char *const argv[] = {"cp", "--reflink=auto", "--sparse=auto", "--", file, copy, NULL};

    progress_phase(self->listener, "copying what the guest has written");
    return process_run(argv, ERROR_HOST_DISK, NULL, error);
}

static gboolean
copy_held(launcher *self, instance *vm, const char *copy, GError **error)
{
    gboolean copied = hold(self, vm, error) && copy_overlay(self, vm, copy, error);

    return let_go(self, vm, copied ? error : NULL) && copied;
}

static gboolean
read_store_root(launcher *self, const bundle_work *work, const char *id, const char *path,
                GError **error)
{
    g_autofree char *copy = g_build_filename(work->folder, "root.qcow2", NULL);
    g_autoptr(GPtrArray) layers = layers_new();
    g_autoptr(instance) vm = NULL;
    g_autofree char *template = NULL;

    if (!claim_vm(self, work, id, &vm, error) || !copy_held(self, vm, copy, error))
        return FALSE;
    template = home_template_path(self->home, vm->content);
    g_ptr_array_add(layers, chain_layer_new(copy, NULL));
    g_ptr_array_add(layers, chain_layer_new(template, NULL));
    progress_phase(self->listener, "reading the root");
    return chain_to_raw(layers, path, error) && file_remove(copy, error);
}

/* ---- both ---- */

gboolean
bundle_source_image(launcher *self, const bundle_work *work, const instance *vm, const char *path,
                    GError **error)
{
    if (!check_state(vm, error))
        return FALSE;
    return vm->root_device_type == ROOT_EBS ? read_volume(self, work, vm, path, error)
                                            : read_store_root(self, work, vm->id, path, error);
}

/* *FOUND is NULL if it was never recorded, or has gone already. */
static gboolean
find_snapshot(launcher *self, const char *id, snapshot **found, GError **error)
{
    g_autoptr(GError) problem = NULL;

    *found = snapshot_get(self->db, id, &problem);
    if (problem == NULL || error_is(problem, ERROR_SNAPSHOT_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

/* The command may have died while the snapshot was being taken. */
static gboolean
finish_snapshot(launcher *self, const snapshot *pending, GError **error)
{
    g_autoptr(GPtrArray) all = operation_list(self->db, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const operation *cut = g_ptr_array_index(all, i);
        if (cut->id == pending->operation && operation_adopt(self->db, cut->id))
            return recover_snapshot(self, cut, error);
    }
    return all == NULL
               ? FALSE
               : error_set(error, ERROR_VOLUME_STATE, "The snapshot '%s' is pending.", pending->id);
}

static gboolean
finish_if_pending(launcher *self, const char *id, GError **error)
{
    g_autoptr(snapshot) what = NULL;

    return find_snapshot(self, id, &what, error) &&
           (what == NULL || what->state != SNAPSHOT_PENDING || finish_snapshot(self, what, error));
}

/* Whoever has registered an image of it meanwhile has made it their own. */
static gboolean
is_adopted(launcher *self, const char *id, gboolean *adopted, GError **error)
{
    g_autoptr(GPtrArray) entries = image_mapping_list_of_snapshot(self->db, id, error);

    *adopted = entries != NULL && entries->len > 0;
    return entries != NULL;
}

/* For good, and nobody pays for it: it never was anybody's but this operation's. */
static gboolean
mark_deleted(launcher *self, const char *id, GError **error)
{
    g_autoptr(transaction) change = transaction_begin(self->db, error);
    g_autoptr(snapshot) what = NULL;
    gboolean adopted;

    if (change == NULL || !find_snapshot(self, id, &what, error) ||
        !is_adopted(self, id, &adopted, error))
        return FALSE;
    if (adopted)
        return TRUE;
    if (what != NULL) {
        what->state = SNAPSHOT_DELETED;
        what->binned = what->bin_until = 0;
    }
    return (what == NULL || snapshot_update(self->db, what, error)) &&
           usage_forget(self->db, id, error) && transaction_commit(change, error);
}

/* Without a mark there is none; one that is not an id was never told to anybody. */
static gboolean
remove_snapshot(launcher *self, const char *folder, GError **error)
{
    g_autofree char *mark = mark_path(folder);
    g_autofree char *id = NULL;

    if (!g_file_get_contents(mark, &id, NULL, NULL) || !id_is("snap", id))
        return TRUE;
    return finish_if_pending(self, id, error) && mark_deleted(self, id, error) &&
           snapshots_collect(self, error);
}

gboolean
bundle_source_release(launcher *self, gint64 number, GError **error)
{
    g_autoptr(GPtrArray) held = instance_list_of_operation(self->db, number, error);
    g_autofree char *folder = home_bundle_scratch(self->home, number);

    for (guint i = 0; held != NULL && i < held->len; i++)
        if (!let_go(self, g_ptr_array_index(held, i), error))
            return FALSE;
    return held != NULL && remove_snapshot(self, folder, error);
}
