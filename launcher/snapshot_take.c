#include "launcher/snapshot_take.h"
#include "common/error.h"
#include "common/files.h"
#include "common/ids.h"
#include "common/times.h"
#include "images/backing.h"
#include "images/home.h"
#include "images/snapshot_file.h"
#include "images/volume.h"
#include "launcher/attach.h"
#include "launcher/chain.h"
#include "launcher/gc.h"
#include "launcher/plan.h"

#define NOTE_EVERY 10 /* layers */

void
snapshot_set_clear(snapshot_set *self)
{
    g_clear_pointer(&self->made, g_ptr_array_unref);
    g_clear_pointer(&self->in_use, g_hash_table_unref);
}

/* ---- the intent ---- */

gboolean
snapshots_allowed(const volume_claim *claim, GError **error)
{
    const instance *vm = claim->vm;

    /* One that is on its way could lose its guest, or get one, in the middle. */
    if (vm != NULL && vm->state != INSTANCE_RUNNING && vm->state != INSTANCE_STOPPED)
        return error_set(error, ERROR_INSTANCE_STATE,
                         "The instance '%s' is %s: try again when it is running or stopped.",
                         vm->id, instance_state_words[vm->state]);
    if (vm != NULL && !attach_disks_are_known(vm, error))
        return FALSE;
    for (guint i = 0; i < claim->volumes->len; i++) {
        const volume *what = g_ptr_array_index(claim->volumes, i);
        if (what->state != VOLUME_AVAILABLE && what->state != VOLUME_IN_USE)
            return error_set(error, ERROR_VOLUME_STATE,
                             "The volume '%s' is in state %s: no snapshot can be taken of it.",
                             what->id, volume_state_words[what->state]);
    }
    return TRUE;
}

/* What it was made of is what it is taken to be: a guest seldom changes what it boots by. */
static char *
content_of_volume(launcher *self, const volume *what)
{
    g_autoptr(snapshot) source =
        what->snapshot != NULL ? snapshot_get(self->db, what->snapshot, NULL) : NULL;

    return source != NULL ? g_strdup(source->content) : NULL;
}

static snapshot *
snapshot_of_volume(launcher *self, const volume *what, const char *description, gint64 number)
{
    snapshot *made = g_new0(snapshot, 1);

    made->id = id_new("snap");
    made->state = SNAPSHOT_PENDING;
    made->size_gib = what->size_gib;
    made->started = time_now();
    made->description = g_strdup(description);
    made->owner = g_strdup(self->conf->account);
    made->region = g_strdup(self->conf->region);
    made->content = content_of_volume(self, what);
    made->operation = number;
    made->volume = g_strdup(what->id);
    made->secret = g_strdup(what->secret);
    return made;
}

static void
set_begin(snapshot_set *set, volume_claim *claim)
{
    set->claim = claim;
    set->made = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_free);
    set->in_use = g_hash_table_new(NULL, NULL);
}

gboolean
snapshots_intend(launcher *self, snapshot_set *set, volume_claim *claim, const char *description,
                 GError **error)
{
    set_begin(set, claim);
    for (guint i = 0; i < claim->volumes->len; i++) {
        const volume *what = g_ptr_array_index(claim->volumes, i);
        snapshot *made = snapshot_of_volume(self, what, description, claim->operation);
        g_ptr_array_add(set->made, made);
        if (!snapshot_insert(self->db, made, error) ||
            !product_code_copy(self->db, what->id, made->id, error))
            return FALSE;
    }
    return TRUE;
}

static snapshot *
steal_snapshot_of(GPtrArray *all, const char *volume_id)
{
    for (guint i = 0; i < all->len; i++) {
        const snapshot *made = g_ptr_array_index(all, i);
        if (g_strcmp0(made->volume, volume_id) == 0)
            return g_ptr_array_steal_index(all, i);
    }
    return NULL;
}

gboolean
snapshots_of_operation(launcher *self, snapshot_set *set, volume_claim *claim, GError **error)
{
    g_autoptr(GPtrArray) all = snapshot_list_of_operation(self->db, claim->operation, error);

    if (all == NULL)
        return FALSE;
    set_begin(set, claim);
    for (guint i = 0; i < claim->volumes->len; i++) {
        const volume *what = g_ptr_array_index(claim->volumes, i);
        snapshot *made = steal_snapshot_of(all, what->id);
        if (made == NULL)
            return error_set(error, ERROR_HOST_DATABASE, "no snapshot is recorded of %s", what->id);
        g_ptr_array_add(set->made, made);
    }
    return TRUE;
}

/* ---- the steps ---- */

/* The file that a running guest has WHAT in; NULL without an error if none does. */
static char *
ask_for_file(launcher *self, const snapshot_set *set, const volume *what, GError **error)
{
    g_autofree char *alias = plan_alias_of_volume(what->id);
    const instance *vm = set->claim->vm;
    hypervisor *driver;

    if (vm == NULL || vm->state != INSTANCE_RUNNING)
        return NULL;
    driver = launcher_hypervisor(self, error);
    return driver != NULL ? hypervisor_disk_file(driver, vm->id, alias, error) : NULL;
}

static gboolean
find_file_in_use(launcher *self, snapshot_set *set, volume *what, char **file, GError **error)
{
    g_autoptr(GError) problem = NULL;

    *file = ask_for_file(self, set, what, &problem);
    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (*file != NULL)
        g_hash_table_add(set->in_use, what);
    else
        g_hash_table_remove(set->in_use, what);
    return TRUE;
}

/* A snapshot that somebody took through libvirt has led the guest away from the volume's file. */
static gboolean
check_file_in_use(launcher *self, snapshot_set *set, volume *what, GError **error)
{
    g_autofree char *file = NULL;

    if (!find_file_in_use(self, set, what, &file, error))
        return FALSE;
    if (file == NULL || snapshot_file_is_of(self->home, what, file))
        return TRUE;
    return error_set(error, ERROR_HOST_LIBVIRT,
                     "the guest of %s does not use the file of %s, but %s: its disk was changed "
                     "through libvirt",
                     set->claim->vm->id, what->id, file);
}

/* Nothing shortens it in the background: that would take the disk from guests at a moment that
 * nobody has chosen, and fail where nobody looks. There is time until CHAIN_MOST. */
static void
note_depth(launcher *self, const volume *what, guint layers)
{
    if (layers >= GC_DEPTH && layers % NOTE_EVERY == 0)
        progress_note(self->listener,
                      "%s stands on %u layers: each start of its guest takes longer by them, and "
                      "there can be no more than %d; `amilaunch gc` gives it fewer",
                      what->id, layers, CHAIN_MOST);
}

static gboolean
check_chain(launcher *self, const volume *what, GError **error)
{
    g_autofree char *path = home_volume_path(self->home, what->id);
    g_autoptr(GPtrArray) chain = chain_below(self, what->backing, error);
    g_autofree char *below = NULL;

    if (chain == NULL)
        return FALSE;
    if (chain->len >= CHAIN_MOST)
        return error_set(error, ERROR_SNAPSHOT_LIMIT,
                         "%s stands on %u layers already, and a guest can have no more: stop what "
                         "uses it, and let `amilaunch gc` give it fewer",
                         what->id, chain->len);
    note_depth(self, what, chain->len);
    below = what->backing != NULL ? home_snapshot_path(self->home, what->backing) : NULL;
    return backing_matches(path, below, error);
}

gboolean
snapshots_prepare(launcher *self, snapshot_set *set, GError **error)
{
    progress_phase(self->listener, "preparing the snapshot");
    for (guint i = 0; i < set->made->len; i++) {
        volume *what = g_ptr_array_index(set->claim->volumes, i);
        if (!check_chain(self, what, error) || !check_file_in_use(self, set, what, error) ||
            !snapshot_file_overlay(self->home, what, g_ptr_array_index(set->made, i), error))
            return FALSE;
    }
    return TRUE;
}

static disk_switch *
switch_to_overlay(launcher *self, const volume *what, const snapshot *made)
{
    g_autofree char *alias = plan_alias_of_volume(what->id);
    g_autofree char *path = home_volume_path_since(self->home, what->id, made->id);
    g_autofree char *key = what->secret != NULL ? home_secret_path(self->home, what->secret) : NULL;

    return disk_switch_new(alias, path, what->secret, key);
}

gboolean
snapshots_take(launcher *self, const snapshot_set *set, GError **error)
{
    g_autoptr(GPtrArray) switches =
        g_ptr_array_new_with_free_func((GDestroyNotify)disk_switch_free);

    for (guint i = 0; i < set->made->len; i++) {
        const volume *what = g_ptr_array_index(set->claim->volumes, i);
        const snapshot *made = g_ptr_array_index(set->made, i);
        g_autofree char *phase = g_strdup_printf("writing out %s", what->id);
        progress_at(self->listener, phase, set->made->len > 1 ? (double)i / set->made->len : -1.0);
        if (!snapshot_file_link(self->home, what, made, error))
            return FALSE;
        if (g_hash_table_contains(set->in_use, what))
            g_ptr_array_add(switches, switch_to_overlay(self, what, made));
    }
    progress_phase(self->listener, "taking the snapshot");
    return switches->len == 0 ||
           hypervisor_switch_disks(self->driver, set->claim->vm->id, switches, error);
}

/* ---- on or back ---- */

typedef gboolean (*file_step)(const char *home, const volume *what, const snapshot *made,
                              GError **error);

static gboolean
each(launcher *self, const snapshot_set *set, file_step act, GError **error)
{
    for (guint i = 0; i < set->made->len; i++)
        if (!act(self->home, g_ptr_array_index(set->claim->volumes, i),
                 g_ptr_array_index(set->made, i), error))
            return FALSE;
    return TRUE;
}

static gboolean
all_ready(launcher *self, const snapshot_set *set)
{
    for (guint i = 0; i < set->made->len; i++)
        if (!snapshot_file_is_ready(self->home, g_ptr_array_index(set->claim->volumes, i),
                                    g_ptr_array_index(set->made, i)))
            return FALSE;
    return TRUE;
}

/* Whether the guest has changed over to the overlay. What is neither that nor the volume's own
 * file, whatever their names, tells nothing. */
static gboolean
has_changed(launcher *self, const volume *what, const snapshot *made, const char *file,
            gboolean *changed, GError **error)
{
    g_autofree char *overlay = home_volume_path_since(self->home, what->id, made->id);
    g_autofree char *path = home_snapshot_path(self->home, made->id);

    *changed = g_str_equal(file, overlay) || file_is_same(file, overlay);
    /* Nobody was told to change over before the snapshot had its name. */
    if (*changed || file_is_same(file, path) || !g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    return error_set(error, ERROR_HOST_LIBVIRT,
                     "the guest of %s has its disk in %s: whether that is %s before or after the "
                     "snapshot can't be told",
                     what->instance, file, what->id);
}

/* How many of the volumes a guest uses, and how many of these in their overlays. */
static gboolean
look_at_guest(launcher *self, snapshot_set *set, guint *in_use, guint *changed, GError **error)
{
    *in_use = *changed = 0;
    for (guint i = 0; i < set->made->len; i++) {
        volume *what = g_ptr_array_index(set->claim->volumes, i);
        const snapshot *made = g_ptr_array_index(set->made, i);
        g_autofree char *file = NULL;
        gboolean over = FALSE;
        if (!find_file_in_use(self, set, what, &file, error) ||
            (file != NULL && !has_changed(self, what, made, file, &over, error)))
            return FALSE;
        *in_use += file != NULL;
        *changed += over;
    }
    return TRUE;
}

/* The hypervisor may yet do what a command told it that has died since. From now on that fails for
 * want of the overlays; what it had begun is done when it answers. */
static gboolean
look_once_more(launcher *self, snapshot_set *set, guint *in_use, guint *changed, GError **error)
{
    return each(self, set, snapshot_file_hide, error) &&
           look_at_guest(self, set, in_use, changed, error) &&
           (*changed == 0 || each(self, set, snapshot_file_show, error));
}

/* Without a guest the overlays over the files have all data, whatever was done; with one, the
 * files are what it writes to until it has changed over. */
static gboolean
find_taken(launcher *self, snapshot_set *set, GError **error)
{
    guint in_use, changed;
    gboolean ready;

    if (!each(self, set, snapshot_file_show, error))
        return FALSE;
    ready = all_ready(self, set);
    if (!look_at_guest(self, set, &in_use, &changed, error))
        return FALSE;
    if (changed < in_use && !look_once_more(self, set, &in_use, &changed, error))
        return FALSE;
    if (changed != 0 && (changed != in_use || !ready))
        return error_set(error, ERROR_HOST_LIBVIRT,
                         "the guest of %s has changed over to only some of its new files",
                         set->claim->vm->id);
    set->taken = ready && changed == in_use;
    return TRUE;
}

static gboolean
go_on(launcher *self, const snapshot_set *set, const volume *what, const snapshot *made,
      GError **error)
{
    g_autofree char *path = home_snapshot_path(self->home, made->id);
    const char *keep = g_hash_table_contains(set->in_use, what) ? made->id : NULL;

    return snapshot_file_change_over(self->home, what, made, error) &&
           access_protect_snapshot(self, path, error) &&
           volume_file_unlink_extras_but(self->home, what->id, keep, error);
}

/* A stopped instance's domain names the files that its disks stood on: started through libvirt, its
 * guest would not see what is in the snapshots. */
static gboolean
forget_old_chains(launcher *self, const snapshot_set *set, GError **error)
{
    const instance *vm = set->claim->vm;
    hypervisor *driver;

    if (vm == NULL || vm->state != INSTANCE_STOPPED)
        return TRUE;
    driver = launcher_hypervisor(self, error);
    return driver != NULL && hypervisor_forget(driver, vm->id, error);
}

gboolean
snapshots_settle(launcher *self, snapshot_set *set, GError **error)
{
    if (!find_taken(self, set, error) || (set->taken && !forget_old_chains(self, set, error)))
        return FALSE;
    for (guint i = 0; i < set->made->len; i++) {
        const volume *what = g_ptr_array_index(set->claim->volumes, i);
        const snapshot *made = g_ptr_array_index(set->made, i);
        if (!(set->taken ? go_on(self, set, what, made, error)
                         : snapshot_file_undo(self->home, what, made, error)))
            return FALSE;
    }
    return TRUE;
}

static void
set_text(char **place, const char *text)
{
    char *copy = g_strdup(text);

    g_free(*place);
    *place = copy;
}

static gboolean
record_one(launcher *self, volume *what, snapshot *made, GError **error)
{
    set_text(&made->parent, what->backing);
    set_text(&what->backing, made->id);
    made->state = SNAPSHOT_COMPLETED;
    made->operation = 0;
    return snapshot_update(self->db, made, error);
}

gboolean
snapshots_record(launcher *self, snapshot_set *set, GError **error)
{
    for (guint i = 0; i < set->made->len; i++) {
        volume *what = g_ptr_array_index(set->claim->volumes, i);
        snapshot *made = g_ptr_array_index(set->made, i);
        if (!(set->taken ? record_one(self, what, made, error)
                         : snapshot_delete(self->db, made->id, error)))
            return FALSE;
    }
    return TRUE;
}
