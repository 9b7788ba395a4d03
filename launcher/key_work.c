#include "launcher/key_work.h"
#include "common/files.h"
#include "images/home.h"
#include "launcher/recover.h"
#include "store/operation.h"

#include <string.h>

#define SUFFIX ".pem"

void
key_work_clear(key_work *self)
{
    g_clear_pointer(&self->folder, g_free);
    self->operation = 0;
}

gboolean
key_work_begin(launcher *self, key_work *work, const char *kind, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);

    work->operation = intent != NULL ? operation_begin(self->db, kind, error) : 0;
    if (work->operation == 0 || !transaction_commit(intent, error))
        return FALSE;
    work->folder = home_key_scratch(self->home, work->operation);
    return folder_make(work->folder, 0700, error) || key_work_end(self, work, FALSE, NULL);
}

static gboolean
is_recorded(const GPtrArray *pairs, const char *id)
{
    for (guint i = 0; i < pairs->len; i++)
        if (g_str_equal(((key_pair *)g_ptr_array_index(pairs, i))->id, id))
            return TRUE;
    return FALSE;
}

static gboolean
settle_file(launcher *self, const GPtrArray *pairs, const char *name, GError **error)
{
    g_autofree char *id = NULL;
    g_autofree char *path = NULL;

    if (!g_str_has_suffix(name, SUFFIX))
        return TRUE;
    id = g_strndup(name, strlen(name) - strlen(SUFFIX));
    path = home_key_path(self->home, id);
    return is_recorded(pairs, id) || file_remove(path, error);
}

/* A folder that isn't there was never made: nothing was done yet. */
static gboolean
settle(launcher *self, gint64 number, GError **error)
{
    g_autofree char *path = home_key_scratch(self->home, number);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) pairs = key_pair_list_every(self->db, error);
    g_autoptr(transaction) result = NULL;
    const char *name;

    if (pairs == NULL)
        return FALSE;
    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL)
        if (!settle_file(self, pairs, name, error))
            return FALSE;
    if (!folder_remove(path, error))
        return FALSE;
    result = transaction_begin(self->db, error);
    return result != NULL && operation_end(self->db, number, error) &&
           transaction_commit(result, error);
}

gboolean
key_work_end(launcher *self, key_work *work, gboolean done, GError **error)
{
    gint64 number = work->operation;

    key_work_clear(work);
    if (settle(self, number, done ? error : NULL))
        return done;
    operation_abandon(self->db, number);
    return FALSE;
}

gboolean
recover_keys(launcher *self, const operation *cut, GError **error)
{
    return settle(self, cut->id, error);
}
