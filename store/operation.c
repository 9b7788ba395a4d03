#include "common/error.h"
#include "common/times.h"
#include "store/database.h"
#include "store/operation.h"
#include "store/table.h"

#include <errno.h>
#include <fcntl.h>

static const field fields[] = {
    FIELD_REF(operation, id),
    FIELD_TEXT(operation, kind),
    FIELD_INT(operation, started),
};

static const table operations = TABLE("operation", operation, fields, operation_free);

static int
byte_lock(store *self, gint64 id, int command, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = id, .l_len = 1};

    if (fcntl(self->lock_fd, command, &lock) != 0)
        return -1;
    return lock.l_type;
}

static gboolean
own(store *self, gint64 id)
{
    gint64 *key;

    if (byte_lock(self, id, F_OFD_SETLK, F_WRLCK) < 0)
        return FALSE;
    key = g_new(gint64, 1);
    *key = id;
    g_hash_table_add(self->owned, key);
    return TRUE;
}

void
operation_free(operation *self)
{
    table_row_free(&operations, self);
}

gint64
operation_begin(store *self, const char *kind, GError **error)
{
    operation begun = {.kind = (char *)kind, .started = time_now()};

    if (!table_insert(self, &operations, &begun, error))
        return 0;
    begun.id = sqlite3_last_insert_rowid(self->db);
    if (!own(self, begun.id)) {
        error_set_errno(error, errno, "can't lock amilaunch.lock");
        return 0;
    }
    self->begun = begun.id;
    return begun.id;
}

gboolean
operation_end(store *self, gint64 id, GError **error)
{
    g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, id);

    /* The lock stays until the process ends: released before the commit, it would let others
     * adopt an operation that is about to vanish. */
    return table_delete(self, &operations, "id = CAST(?1 AS INTEGER)", key, error);
}

GPtrArray *
operation_list(store *self, GError **error)
{
    return table_select(self, &operations, "1 ORDER BY id", NULL, error);
}

gboolean
operation_adopt(store *self, gint64 id)
{
    g_autoptr(sqlite3_stmt) there = NULL;

    if (g_hash_table_contains(self->owned, &id) || !own(self, id))
        return FALSE;
    /* The owner may have ended it, and itself, since the caller saw the row. */
    there = database_prepare(self, "SELECT 1 FROM operation WHERE id = ?", NULL);
    if (there == NULL)
        return FALSE;
    sqlite3_bind_int64(there, 1, id);
    return sqlite3_step(there) == SQLITE_ROW;
}

void
operation_abandon(store *self, gint64 id)
{
    byte_lock(self, id, F_OFD_SETLK, F_UNLCK);
    g_hash_table_remove(self->owned, &id);
}
