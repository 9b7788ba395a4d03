#include "common/error.h"
#include "common/failpoint.h"
#include "common/process.h"
#include "store/database.h"
#include "store/operation.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 30000
#define WAL_WAIT_MS 10

struct transaction {
    store *store;
    gboolean open;
};

gboolean
database_error(store *self, const char *what, GError **error)
{
    int code = sqlite3_errcode(self->db) & 0xff;
    const char *text = sqlite3_errmsg(self->db);

    /* What the system said is lost in an I/O error, or in a file that can't be opened. */
    if (code == SQLITE_IOERR || code == SQLITE_CANTOPEN) {
        int said = sqlite3_system_errno(self->db);
        code = said == ENOSPC ? SQLITE_FULL : said == EROFS ? SQLITE_READONLY : code;
    }
    switch (code) {
    case SQLITE_FULL:
        return error_set(error, ERROR_HOST_DISK, "%s: the disk is full: make room, then try again",
                         what);
    case SQLITE_IOERR:
        return error_set(error, ERROR_HOST_DISK, "%s: %s (is the disk full?)", what, text);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return error_set(error, ERROR_HOST_PERMISSION,
                         "%s: %s (can you write in this folder? --home names another)", what, text);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return error_set(error, ERROR_HOST_DATABASE,
                         "%s: %s; put back a copy of amilaunch.db, or move it away to start anew",
                         what, text);
    default:
        return error_set(error, ERROR_HOST_DATABASE, "%s: %s", what, text);
    }
}

gboolean
database_run(store *self, const char *sql, GError **error)
{
    if (sqlite3_exec(self->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return database_error(self, "amilaunch.db", error);
    return TRUE;
}

static gboolean
statement_run(store *self, sqlite3_stmt *statement, GError **error)
{
    return sqlite3_step(statement) == SQLITE_DONE || database_error(self, "amilaunch.db", error);
}

/* Outside of a transaction a statement is one by itself. */
gboolean
database_finish(store *self, sqlite3_stmt *statement, GError **error)
{
    if (!sqlite3_get_autocommit(self->db))
        return statement_run(self, statement, error);
    FAILPOINT_AROUND("statement");
    return statement_run(self, statement, error);
}

/* Turning a new file to WAL does not wait for others who do the same. */
static gboolean
use_wal(store *self, GError **error)
{
    int tries = BUSY_TIMEOUT_MS / WAL_WAIT_MS;

    while (sqlite3_exec(self->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) == SQLITE_BUSY &&
           tries-- > 0)
        g_usleep(WAL_WAIT_MS * 1000);
    return sqlite3_errcode(self->db) == SQLITE_OK || database_error(self, "amilaunch.db", error);
}

static gboolean
connect_database(store *self, const char *path, GError **error)
{
    /* A checkpoint at every command's end would cost two fsyncs; SQLite makes one by itself when
     * the log has grown. */
    if (sqlite3_open_v2(path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
        SQLITE_OK)
        return database_error(self, path, error);
    sqlite3_busy_timeout(self->db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(self->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return use_wal(self, error) &&
           database_run(self, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;", error) &&
           schema_migrate(self, error);
}

store *
store_open(const char *home, GError **error)
{
    g_autoptr(store) self = g_new0(store, 1);
    g_autofree char *path = g_build_filename(home, "amilaunch.db", NULL);
    g_autofree char *locks = g_build_filename(home, "amilaunch.lock", NULL);

    self->owned = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    self->lock_fd = open(locks, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (self->lock_fd < 0) {
        error_set_errno(error, errno, "can't open %s", locks);
        return NULL;
    }
    if (!connect_database(self, path, error))
        return NULL;
    process_share(self->lock_fd);
    return g_steal_pointer(&self);
}

void
store_free(store *self)
{
    if (self == NULL)
        return;
    database_forget_statements(self);
    sqlite3_close(self->db);
    process_share(-1);
    if (self->lock_fd >= 0)
        close(self->lock_fd);
    g_hash_table_destroy(self->owned);
    g_free(self);
}

transaction *
transaction_begin(store *self, GError **error)
{
    transaction *made;

    if (!database_run(self, "BEGIN IMMEDIATE", error))
        return NULL;
    made = g_new0(transaction, 1);
    made->store = self;
    made->open = TRUE;
    return made;
}

gboolean
transaction_commit(transaction *self, GError **error)
{
    FAILPOINT_AROUND("commit");
    if (!database_run(self->store, "COMMIT", error))
        return FALSE;
    self->open = FALSE;
    self->store->begun = 0;
    return TRUE;
}

void
transaction_free(transaction *self)
{
    if (self == NULL)
        return;
    if (self->open) {
        sqlite3_exec(self->store->db, "ROLLBACK", NULL, NULL, NULL);
        /* Its id is free again, and so must be its lock. */
        if (self->store->begun != 0)
            operation_abandon(self->store, self->store->begun);
        self->store->begun = 0;
    }
    g_free(self);
}

struct moment {
    store *store;
    gboolean begun;
};

moment *
moment_begin(store *self, GError **error)
{
    moment *made;
    gboolean begun = sqlite3_get_autocommit(self->db);

    if (begun && !database_run(self, "BEGIN", error))
        return NULL;
    made = g_new0(moment, 1);
    made->store = self;
    made->begun = begun;
    return made;
}

void
moment_end(moment *self)
{
    if (self != NULL && self->begun)
        sqlite3_exec(self->store->db, "COMMIT", NULL, NULL, NULL);
    g_free(self);
}

gint64
store_version(store *self)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(self, "PRAGMA data_version", NULL);

    if (statement == NULL || sqlite3_step(statement) != SQLITE_ROW)
        return 0;
    return sqlite3_column_int64(statement, 0);
}

static char *
text_get(store *self, const char *sql, const char *key)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(self, sql, NULL);

    if (statement == NULL)
        return NULL;
    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_ROW)
        return NULL;
    return g_strdup((const char *)sqlite3_column_text(statement, 0));
}

static gboolean
text_set(store *self, const char *sql, const char *key, const char *value, GError **error)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(self, sql, error);

    if (statement == NULL)
        return FALSE;
    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
    return database_finish(self, statement, error);
}

char *
host_fact_get(store *self, const char *key)
{
    return text_get(self, "SELECT value FROM host_fact WHERE key = ?", key);
}

gboolean
host_fact_set(store *self, const char *key, const char *value, GError **error)
{
    return text_set(self, "INSERT OR REPLACE INTO host_fact (key, value) VALUES (?, ?)", key, value,
                    error);
}

char *
content_facts_get(store *self, const char *digest)
{
    return text_get(self, "SELECT facts FROM content_facts WHERE digest = ?", digest);
}

gboolean
content_facts_set(store *self, const char *digest, const char *facts, GError **error)
{
    return text_set(self, "INSERT OR REPLACE INTO content_facts (digest, facts) VALUES (?, ?)",
                    digest, facts, error);
}
