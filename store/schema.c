/* The tables, as steps from one version of the database to the next: a step, once released, is
 * never changed. PRAGMA user_version counts the steps that were taken. */
#include "common/error.h"
#include "store/database.h"
#include "store/usage_schema.h"

/* What belongs to a row goes with it. */
#define BELONGINGS_GO                                                                              \
    " DELETE FROM permission WHERE resource = old.id;"                                             \
    " DELETE FROM tag WHERE resource = old.id;"                                                    \
    " DELETE FROM product_code WHERE resource = old.id; "

static const char *const steps[] = {
    /* 1 */
    "CREATE TABLE operation ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT," /* never used twice: it is also a lock's place */
    " kind TEXT NOT NULL,"
    " started INTEGER NOT NULL) STRICT;"

    "CREATE TABLE host_fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE content_facts (digest TEXT PRIMARY KEY, facts TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"

    "CREATE TABLE snapshot ("
    " id TEXT PRIMARY KEY,"
    " state TEXT NOT NULL,"
    " size_gib INTEGER NOT NULL,"
    " started INTEGER NOT NULL,"
    " description TEXT,"
    " owner TEXT NOT NULL,"
    " region TEXT NOT NULL,"
    " operation INTEGER) STRICT, WITHOUT ROWID;"
    "CREATE INDEX snapshot_operation ON snapshot (operation) WHERE operation IS NOT NULL;"

    "CREATE TABLE image ("
    " id TEXT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " description TEXT,"
    " state TEXT NOT NULL,"
    " architecture TEXT NOT NULL,"
    " virtualization TEXT NOT NULL,"
    " root_device_type TEXT NOT NULL,"
    " root_device TEXT NOT NULL,"
    " kernel TEXT,"
    " ramdisk TEXT,"
    " content TEXT NOT NULL," /* a digest: the key of content_facts */
    " source TEXT,"
    " owner TEXT NOT NULL,"
    " region TEXT NOT NULL,"
    " created INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX image_name ON image (owner, region, name);"

    "CREATE TABLE image_mapping ("
    " image TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL,"
    " device TEXT NOT NULL,"
    " virtual_name TEXT,"
    " snapshot TEXT REFERENCES snapshot (id),"
    " size_gib INTEGER NOT NULL,"
    " volume_type TEXT,"
    " delete_on_termination INTEGER NOT NULL,"
    " PRIMARY KEY (image, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE instance ("
    " id TEXT PRIMARY KEY,"
    " reservation TEXT NOT NULL,"
    " launch_index INTEGER NOT NULL,"
    " uuid TEXT NOT NULL UNIQUE,"
    " image TEXT NOT NULL," /* no reference: an instance outlives its image */
    " type TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " reason_code TEXT,"
    " reason_message TEXT,"
    " transition TEXT,"
    " created INTEGER NOT NULL,"
    " launched INTEGER NOT NULL,"
    " starts INTEGER NOT NULL,"
    " ended INTEGER NOT NULL,"
    " stop_deadline INTEGER NOT NULL,"
    " stop_pressed INTEGER NOT NULL,"
    " host_boot TEXT,"
    " owner TEXT NOT NULL,"
    " region TEXT NOT NULL,"
    " zone TEXT NOT NULL,"
    " architecture TEXT NOT NULL,"
    " virtualization TEXT NOT NULL,"
    " root_device_type TEXT NOT NULL,"
    " root_device TEXT NOT NULL,"
    " kernel TEXT,"
    " content TEXT NOT NULL,"
    " shutdown_behavior TEXT NOT NULL,"
    " memory_limit_mib INTEGER NOT NULL,"
    " operation INTEGER) STRICT, WITHOUT ROWID;"
    "CREATE INDEX instance_alive ON instance (state) WHERE state != 'terminated';"
    "CREATE INDEX instance_operation ON instance (operation) WHERE operation IS NOT NULL;"

    "CREATE TABLE volume ("
    " id TEXT PRIMARY KEY,"
    " state TEXT NOT NULL,"
    " size_gib INTEGER NOT NULL,"
    " type TEXT NOT NULL,"
    " snapshot TEXT REFERENCES snapshot (id),"
    " zone TEXT NOT NULL,"
    " created INTEGER NOT NULL,"
    " instance TEXT REFERENCES instance (id),"
    " device TEXT,"
    " attached INTEGER NOT NULL,"
    " delete_on_termination INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX volume_instance ON volume (instance) WHERE instance IS NOT NULL;"
    "CREATE INDEX volume_snapshot ON volume (snapshot) WHERE snapshot IS NOT NULL;"

    "CREATE TABLE store_disk (" /* an instance-store disk, which lives with its instance */
    " instance TEXT NOT NULL REFERENCES instance (id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL,"
    " device TEXT NOT NULL,"
    " virtual_name TEXT NOT NULL,"
    " size INTEGER NOT NULL,"
    " PRIMARY KEY (instance, position)) STRICT, WITHOUT ROWID;",

    /* 2 */
    "ALTER TABLE image_mapping ADD COLUMN encrypted INTEGER NOT NULL DEFAULT 0;"

    "ALTER TABLE instance ADD COLUMN ramdisk TEXT;"
    "ALTER TABLE instance ADD COLUMN ebs_optimized INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE instance ADD COLUMN no_api_termination INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE instance ADD COLUMN no_api_stop INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE instance ADD COLUMN hibernation_configured INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE instance ADD COLUMN hibernated TEXT NOT NULL DEFAULT 'no';"
    "ALTER TABLE instance ADD COLUMN saved_by TEXT;"
    "ALTER TABLE instance ADD COLUMN store_mapping TEXT;"
    "CREATE TABLE user_data ("
    " instance TEXT PRIMARY KEY REFERENCES instance (id) ON DELETE CASCADE,"
    " data TEXT NOT NULL) STRICT, WITHOUT ROWID;" /* in base64 */

    "ALTER TABLE volume ADD COLUMN backing TEXT REFERENCES snapshot (id);"
    "UPDATE volume SET backing = snapshot;"
    "ALTER TABLE volume ADD COLUMN secret TEXT;"
    "ALTER TABLE volume ADD COLUMN operation INTEGER;"
    "CREATE INDEX volume_backing ON volume (backing) WHERE backing IS NOT NULL;"
    "CREATE INDEX volume_operation ON volume (operation) WHERE operation IS NOT NULL;"

    "ALTER TABLE snapshot ADD COLUMN volume TEXT;" /* no reference: it outlives its volume */
    "ALTER TABLE snapshot ADD COLUMN parent TEXT REFERENCES snapshot (id);"
    "ALTER TABLE snapshot ADD COLUMN secret TEXT;"
    "CREATE INDEX snapshot_parent ON snapshot (parent) WHERE parent IS NOT NULL;"

    /* Whether a mapping named it; else the type's disks came by themselves. */
    "ALTER TABLE store_disk ADD COLUMN mapped INTEGER NOT NULL DEFAULT 0;",

    /* 3 */
    "ALTER TABLE image ADD COLUMN boot_mode TEXT;"
    "ALTER TABLE image ADD COLUMN platform TEXT;"
    "ALTER TABLE image ADD COLUMN location TEXT;"
    "ALTER TABLE image ADD COLUMN public INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN deprecated INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN protected INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN binned INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN bin_until INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN source_image TEXT;"
    "ALTER TABLE image ADD COLUMN source_region TEXT;"
    "ALTER TABLE image ADD COLUMN operation INTEGER;"
    /* A name is free again while its image is in the bin. */
    "DROP INDEX image_name;"
    "CREATE UNIQUE INDEX image_name ON image (owner, region, name) WHERE binned = 0;"
    "CREATE INDEX image_listed ON image (region, created DESC, id);"
    "CREATE INDEX image_content ON image (content);"
    "CREATE INDEX image_binned ON image (bin_until) WHERE binned != 0;"
    "CREATE INDEX image_operation ON image (operation) WHERE operation IS NOT NULL;"
    "CREATE INDEX image_mapping_snapshot ON image_mapping (snapshot) WHERE snapshot IS NOT NULL;"

    "ALTER TABLE snapshot ADD COLUMN content TEXT;"
    "ALTER TABLE snapshot ADD COLUMN public INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE snapshot ADD COLUMN binned INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE snapshot ADD COLUMN bin_until INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE snapshot ADD COLUMN source TEXT;"
    "ALTER TABLE snapshot ADD COLUMN source_region TEXT;"
    "UPDATE snapshot SET content = (SELECT content FROM image JOIN image_mapping AS entry"
    " ON entry.image = image.id AND entry.device = image.root_device"
    " WHERE entry.snapshot = snapshot.id);"
    "CREATE INDEX snapshot_listed ON snapshot (region, started, id);"
    "CREATE INDEX snapshot_binned ON snapshot (bin_until) WHERE binned != 0;"

    "ALTER TABLE volume ADD COLUMN owner TEXT NOT NULL DEFAULT '';"
    "UPDATE volume SET owner = coalesce("
    " (SELECT owner FROM instance WHERE instance.id = volume.instance),"
    " (SELECT owner FROM snapshot WHERE snapshot.id = volume.snapshot),"
    " (SELECT owner FROM instance LIMIT 1), '123456789012');"

    /* RESOURCE is the id of an image, a snapshot, a volume or an instance. */
    "CREATE TABLE permission ("
    " resource TEXT NOT NULL,"
    " account TEXT NOT NULL,"
    " PRIMARY KEY (resource, account)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX permission_account ON permission (account, resource);"
    "CREATE TABLE tag ("
    " resource TEXT NOT NULL,"
    " key TEXT NOT NULL,"
    " value TEXT NOT NULL,"
    " PRIMARY KEY (resource, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX tag_value ON tag (key, value);"
    "CREATE TABLE product_code ("
    " resource TEXT NOT NULL,"
    " code TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " PRIMARY KEY (resource, code)) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER image_gone AFTER DELETE ON image BEGIN" BELONGINGS_GO "END;"
    "CREATE TRIGGER snapshot_gone AFTER DELETE ON snapshot BEGIN" BELONGINGS_GO "END;"
    "CREATE TRIGGER volume_gone AFTER DELETE ON volume BEGIN" BELONGINGS_GO "END;"
    "CREATE TRIGGER instance_gone AFTER DELETE ON instance BEGIN" BELONGINGS_GO "END;"

    "CREATE TABLE retention_rule ("
    " id TEXT PRIMARY KEY,"
    " resource_type TEXT NOT NULL,"
    " days INTEGER NOT NULL,"
    " tag_key TEXT," /* NULL: it is for all of that type */
    " tag_value TEXT,"
    " description TEXT,"
    " owner TEXT NOT NULL,"
    " region TEXT NOT NULL,"
    " created INTEGER NOT NULL) STRICT, WITHOUT ROWID;",

    /* 4 */
    /* What it is when it comes back from the bin. */
    "ALTER TABLE image ADD COLUMN was_disabled INTEGER NOT NULL DEFAULT 0;"
    /* Who deregistered an image is told so, and not that there never was one. */
    "CREATE TABLE deregistered_image ("
    " id TEXT PRIMARY KEY,"
    " owner TEXT NOT NULL,"
    " region TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER image_deregistered AFTER DELETE ON image WHEN old.state = 'deregistered' BEGIN"
    " INSERT OR REPLACE INTO deregistered_image VALUES (old.id, old.owner, old.region); END;",

    /* 5 */
    /* What every terminate looks for: it must not take longer with more snapshots. */
    "CREATE INDEX snapshot_deleted ON snapshot (started DESC, id) WHERE state = 'deleted';"
    "CREATE INDEX snapshot_secret ON snapshot (secret) WHERE secret IS NOT NULL;"
    "CREATE INDEX volume_secret ON volume (secret) WHERE secret IS NOT NULL;",

    /* 6 */
    USAGE_STEP,

    /* 7 */
    "ALTER TABLE instance ADD COLUMN boot_mode TEXT;"
    "UPDATE instance SET boot_mode = (SELECT boot_mode FROM image WHERE image.id = instance.image);",

    /* 8 */
    "ALTER TABLE instance ADD COLUMN pv TEXT;",

    /* 9 */
    "CREATE TABLE interface ("
    " instance TEXT PRIMARY KEY REFERENCES instance (id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " address INTEGER NOT NULL UNIQUE,"
    " mac TEXT NOT NULL UNIQUE) STRICT, WITHOUT ROWID;"
    "CREATE TABLE published_port ("
    " host INTEGER PRIMARY KEY,"
    " instance TEXT NOT NULL REFERENCES instance (id) ON DELETE CASCADE,"
    " guest INTEGER NOT NULL) STRICT;"
    "CREATE INDEX published_port_instance ON published_port (instance);"
    "CREATE TABLE key_pair ("
    " id TEXT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " owner TEXT NOT NULL,"
    " region TEXT NOT NULL,"
    " type TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL,"
    " public_key TEXT NOT NULL,"
    " created INTEGER NOT NULL,"
    " UNIQUE (owner, region, name)) STRICT, WITHOUT ROWID;"
    "ALTER TABLE instance ADD COLUMN key_name TEXT;"
    /* A copy: an instance keeps its key when the key pair is deleted. */
    "ALTER TABLE instance ADD COLUMN public_key TEXT;"
    "ALTER TABLE instance ADD COLUMN imds TEXT NOT NULL DEFAULT 'optional';"
    "ALTER TABLE instance ADD COLUMN imds_hop_limit INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE instance ADD COLUMN imds_tags INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE instance ADD COLUMN seed INTEGER NOT NULL DEFAULT 0;",
};

static gboolean
version_get(store *self, int *version, GError **error)
{
    g_autoptr(sqlite3_stmt) statement = database_prepare(self, "PRAGMA user_version", error);

    if (statement == NULL)
        return FALSE;
    if (sqlite3_step(statement) != SQLITE_ROW)
        return database_error(self, "amilaunch.db", error);
    *version = sqlite3_column_int(statement, 0);
    return TRUE;
}

static gboolean
step_take(store *self, int version, GError **error)
{
    g_autofree char *mark = g_strdup_printf("PRAGMA user_version = %d", version + 1);

    return database_run(self, steps[version], error) && database_run(self, mark, error);
}

gboolean
schema_migrate(store *self, GError **error)
{
    g_autoptr(transaction) change = NULL;
    int version = 0;

    if (!version_get(self, &version, error))
        return FALSE;
    if (version == G_N_ELEMENTS(steps))
        return TRUE;
    change = transaction_begin(self, error);
    /* Another command may have migrated while this one waited. */
    if (change == NULL || !version_get(self, &version, error))
        return FALSE;
    if (version > (int)G_N_ELEMENTS(steps))
        return error_set(
            error, ERROR_HOST_DATABASE,
            "amilaunch.db was written by a newer amilaunch (version %d, this one knows "
            "%d): use that one",
            version, (int)G_N_ELEMENTS(steps));
    for (; version < (int)G_N_ELEMENTS(steps); version++)
        if (!step_take(self, version, error))
            return FALSE;
    return transaction_commit(change, error);
}
