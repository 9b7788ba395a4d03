#include "launcher/costing.h"
#include "common/error.h"
#include "common/times.h"
#include "images/home.h"
#include "launcher/claim.h"
#include "launcher/internal.h"
#include "launcher/reconcile.h"

#include <sys/stat.h>

/* ---- measuring ---- */

/* Files that were counted: copies of a snapshot share one. */
static gint64
bytes_of(const char *path, GHashTable *counted)
{
    struct stat info;
    g_autofree char *key = NULL;

    if (stat(path, &info) != 0)
        return 0;
    key = g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64)info.st_dev,
                          (guint64)info.st_ino);
    return g_hash_table_add(counted, g_steal_pointer(&key)) ? (gint64)info.st_blocks * 512 : 0;
}

/* A snapshot's own file, and those of older ones that are deleted and which it still needs: on EC2
 * their blocks are its own then. */
static gint64
measure_snapshot(launcher *self, const char *id, GHashTable *counted)
{
    g_autoptr(snapshot) disk = snapshot_get(self->db, id, NULL);
    gint64 bytes = 0;

    while (disk != NULL) {
        g_autofree char *path = home_snapshot_path(self->home, disk->id);
        snapshot *parent = disk->parent != NULL ? snapshot_get(self->db, disk->parent, NULL) : NULL;
        bytes += bytes_of(path, counted);
        snapshot_free(disk);
        disk = parent;
        if (disk != NULL && disk->state != SNAPSHOT_DELETED)
            break;
    }
    return bytes;
}

/* The parts of a bundle that was registered; else the template stands for the bundle that it would
 * have been made of. */
static gint64
measure_bundle(launcher *self, const usage *one, GHashTable *counted)
{
    g_autoptr(image) ami = image_get(self->db, one->resource, one->region, NULL);
    g_autofree char *folder = NULL;
    g_autofree char *template = NULL;
    g_autoptr(GDir) parts = NULL;
    const char *name;
    gint64 bytes = 0;

    if (ami == NULL)
        return 0;
    folder = home_bundle_folder(self->home, ami->content);
    template = home_template_path(self->home, ami->content);
    parts = g_dir_open(folder, 0, NULL);
    if (parts == NULL)
        return bytes_of(template, counted);
    while ((name = g_dir_read_name(parts)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        bytes += bytes_of(path, counted);
    }
    return bytes;
}

/* What goes on of ALL, the oldest first, as it is now. */
static gboolean
measure(launcher *self, const GPtrArray *all, GError **error)
{
    g_autoptr(GHashTable) counted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(transaction) change = NULL;

    for (guint i = 0; i < all->len; i++) {
        const usage *one = g_ptr_array_index(all, i);
        gint64 bytes;
        if (one->ended != 0 || one->kind == USAGE_INSTANCE || one->kind == USAGE_VOLUME)
            continue;
        bytes = one->kind == USAGE_SNAPSHOT ? measure_snapshot(self, one->resource, counted)
                                            : measure_bundle(self, one, counted);
        if (bytes == one->amount)
            continue;
        if (change == NULL && (change = transaction_begin(self->db, error)) == NULL)
            return FALSE;
        if (!usage_measure(self->db, one->resource, bytes, error))
            return FALSE;
    }
    return change == NULL || transaction_commit(change, error);
}

void
costing_measure_new(launcher *self)
{
    g_autoptr(GPtrArray) fresh = usage_list_unmeasured(self->db, NULL);

    /* It is no reason to fail; the next command tries again. */
    if (fresh != NULL && fresh->len > 0)
        measure(self, fresh, NULL);
}

/* ---- reports ---- */

static GPtrArray *
usage_of_account(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) all = usage_list(self->db, self->conf->account, error);

    if (all == NULL || !measure(self, all, error))
        return NULL;
    return usage_list(self->db, self->conf->account, error);
}

/* Adds what is of the instance ID; FALSE if there never was such a one of this account. */
static gboolean
add_instance(launcher *self, const char *id, GPtrArray *to, GError **error)
{
    g_autoptr(GPtrArray) all = usage_list_of_instance(self->db, id, error);
    g_autoptr(instance) vm = instance_get(self->db, id, NULL);
    gboolean known = vm != NULL && g_str_equal(vm->owner, self->conf->account);

    if (all == NULL)
        return FALSE;
    for (guint i = 0; i < all->len; i++) {
        const usage *one = g_ptr_array_index(all, i);
        known = known || g_str_equal(one->owner, self->conf->account);
    }
    if (!known)
        return error_set(error, ERROR_INSTANCE_NOT_FOUND, "The instance ID '%s' does not exist",
                         id);
    while (all->len > 0)
        g_ptr_array_add(to, g_ptr_array_steal_index(all, 0));
    return TRUE;
}

static GPtrArray *
usage_of_instances(launcher *self, const char *const *ids, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)usage_free);

    for (gsize i = 0; ids[i] != NULL; i++)
        if (!add_instance(self, ids[i], all, error))
            return NULL;
    return g_steal_pointer(&all);
}

/* What has begun in this second counts, too. */
static gint64
now_included(void)
{
    return time_now() + 1;
}

static cost_report *
report(launcher *self, const GPtrArray *all, gint64 since, gint64 until, GError **error)
{
    g_autofree char *path = prices_path(self->conf);
    g_autoptr(prices) known = prices_load(path, error);

    return known != NULL ? cost_compute(all, known, since, until) : NULL;
}

cost_report *
launcher_cost(launcher *self, const char *const *instances, gint64 since, gint64 until,
              GError **error)
{
    g_autoptr(GPtrArray) all = NULL;

    if ((instances != NULL && !claim_check_ids(instances, error)) || !reconcile(self, error))
        return NULL;
    all = instances != NULL ? usage_of_instances(self, instances, error)
                            : usage_of_account(self, error);
    return all != NULL ? report(self, all, since, MIN(until, now_included()), error) : NULL;
}

cost_report *
launcher_cost_so_far(launcher *self, const char *id, GError **error)
{
    const char *const ids[] = {id, NULL};
    g_autoptr(GPtrArray) all = NULL;

    if (launcher_store(self, error) == NULL)
        return NULL;
    all = usage_of_instances(self, ids, error);
    return all != NULL ? report(self, all, 0, now_included(), error) : NULL;
}
