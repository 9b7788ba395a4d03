/* A database that a process can only read. SQLite opens the write-ahead log for writing whatever it
 * is asked for, so a VFS between it and the system says otherwise. What remains is the log's index
 * (-shm), in which readers say up to where they read. */
#include "store/database.h"

#include "common/process.h"

#include <unistd.h>

#define VFS_NAME "amilaunch-reading"
#define BUSY_TIMEOUT_MS 1000 /* readers wait for nobody but who mends the log's index */

static int
open_to_read(sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *got)
{
    sqlite3_vfs *usual = self->pAppData;

    if (flags & SQLITE_OPEN_WAL) {
        flags &= ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        flags |= SQLITE_OPEN_READONLY;
    }
    return usual->xOpen(usual, path, file, flags, got);
}

/* Its other functions are the usual one's, and don't look at pAppData. */
static const char *
vfs_name(void)
{
    static sqlite3_vfs reading;
    sqlite3_vfs *usual = sqlite3_vfs_find(NULL);

    if (reading.zName == NULL) {
        reading = *usual;
        reading.pNext = NULL;
        reading.zName = VFS_NAME;
        reading.pAppData = usual;
        reading.xOpen = open_to_read;
        sqlite3_vfs_register(&reading, 0);
    }
    return VFS_NAME;
}

/* The log and its index are opened by the first look. */
static gboolean
look(store *self, GError **error)
{
    return database_run(self, "PRAGMA query_only = ON; SELECT count(*) FROM instance", error);
}

gboolean
store_only_read(store *self, GError **error)
{
    g_autofree char *path = g_strdup(sqlite3_db_filename(self->db, "main"));

    database_forget_statements(self);
    /* First: while there is another connection, its files stay open. */
    sqlite3_close(self->db);
    self->db = NULL;
    process_share(-1);
    if (self->lock_fd >= 0)
        close(self->lock_fd);
    self->lock_fd = -1;
    if (sqlite3_open_v2(path, &self->db, SQLITE_OPEN_READONLY, vfs_name()) != SQLITE_OK)
        return database_error(self, path, error);
    sqlite3_busy_timeout(self->db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(self->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return look(self, error);
}
