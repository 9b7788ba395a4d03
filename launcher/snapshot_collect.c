#include "launcher/snapshot_collect.h"
#include "images/home.h"
#include "images/snapshot_file.h"
#include "launcher/secrets.h"

/* A volume's record that still names it keeps the record, which then stands on nothing. */
static gboolean
forget_record(launcher *self, snapshot *what, gboolean named, GError **error)
{
    g_autofree char *uuid = g_steal_pointer(&what->secret);

    g_clear_pointer(&what->parent, g_free);
    return (named ? snapshot_update(self->db, what, error)
                  : snapshot_delete(self->db, what->id, error)) &&
           secret_drop_if_unused(self, uuid, error);
}

/* All that was left of it when this was called before is its record, which a volume names. */
static gboolean
is_bare(launcher *self, const snapshot *what, const snapshot_use *use)
{
    g_autofree char *path = home_snapshot_path(self->home, what->id);

    return use->named && what->parent == NULL && what->secret == NULL &&
           !g_file_test(path, G_FILE_TEST_EXISTS);
}

/* Nobody can begin to stand on a deleted one, so that what is found now stays so. */
static gboolean
collect_one(launcher *self, snapshot *what, gboolean *gone, GError **error)
{
    g_autoptr(transaction) change = transaction_begin(self->db, error);
    snapshot_use use;

    *gone = FALSE;
    if (change == NULL || !snapshot_find_use(self->db, what->id, &use, error))
        return FALSE;
    if (use.stood_on || is_bare(self, what, &use))
        return TRUE;
    *gone = TRUE;
    return snapshot_file_remove(self->home, what->id, error) &&
           forget_record(self, what, use.named, error) && transaction_commit(change, error);
}

/* One that has gone may have been the last to stand on another. */
gboolean
snapshots_collect(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) deleted = snapshot_list_deleted(self->db, error);
    gboolean again = TRUE;

    if (deleted == NULL)
        return FALSE;
    while (again) {
        again = FALSE;
        for (guint i = 0; i < deleted->len;) {
            gboolean gone;
            if (!collect_one(self, g_ptr_array_index(deleted, i), &gone, error))
                return FALSE;
            if (gone)
                g_ptr_array_remove_index(deleted, i);
            else
                i++;
            again = again || gone;
        }
    }
    return TRUE;
}
