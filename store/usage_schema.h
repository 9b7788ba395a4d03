/* The step of schema.c that makes the database note what is used (usage.h). What costs something
 * begins and ends with a row's state, whoever changes it: nobody can forget to note it.
 *
 * A step is never changed once it is released, and so neither is this. */
#ifndef STORE_USAGE_SCHEMA_H
#define STORE_USAGE_SCHEMA_H

/* clang-format off: SQL has its own lines */

#define USAGE_NOW "CAST(strftime('%s', 'now') AS INTEGER)"
#define USAGE_INTO                                                                                 \
    " INSERT INTO usage (resource, kind, type, instance, owner, region, amount, begun) SELECT "
#define USAGE_ENDS                                                                                 \
    " UPDATE usage SET ended = " USAGE_NOW " WHERE resource = old.id AND ended IS NULL;"

/* Whether a row costs something, and what is noted of it; -1 bytes until somebody has looked. */
#define INSTANCE_COSTS(row)                                                                        \
    "(" row ".state = 'running' OR"                                                                \
    " (" row ".state = 'stopping' AND " row ".reason_code IS 'Client.UserInitiatedHibernate'))"
#define INSTANCE_USAGE(row, since)                                                                 \
    USAGE_INTO row ".id, 'instance', " row ".type, NULL, " row ".owner, " row ".region, 0, " since

#define VOLUME_COSTS(row) "(" row ".state IN ('available', 'in-use'))"
#define VOLUME_USAGE(row, since)                                                                   \
    USAGE_INTO row ".id, 'volume', " row ".type, " row ".instance, " row ".owner,"                 \
    " substr(" row ".zone, 1, length(" row ".zone) - 1), " row ".size_gib, " since

#define SNAPSHOT_COSTS(row) "(" row ".state IN ('completed', 'recoverable'))"
#define SNAPSHOT_USAGE(row, since)                                                                 \
    USAGE_INTO row ".id, 'snapshot', NULL, NULL, " row ".owner, " row ".region, -1, " since

#define IMAGE_COSTS(row)                                                                           \
    "(" row ".root_device_type = 'instance-store' AND"                                             \
    " " row ".state IN ('available', 'disabled', 'deregistered'))"
#define IMAGE_USAGE(row, since)                                                                    \
    USAGE_INTO row ".id, 'bundle', NULL, NULL, " row ".owner, " row ".region, -1, " since

/* CHANGES: when a row that goes on costing something costs something else. */
#define USAGE_TRIGGERS(table, COSTS, USAGE, changes)                                               \
    "CREATE TRIGGER usage_" table "_made AFTER INSERT ON " table " WHEN " COSTS("new")             \
    " BEGIN" USAGE("new", USAGE_NOW) "; END;"                                                      \
    "CREATE TRIGGER usage_" table "_changed AFTER UPDATE ON " table                                \
    " WHEN " COSTS("old") " != " COSTS("new") " OR (" COSTS("new") " AND (" changes "))"           \
    " BEGIN" USAGE_ENDS USAGE("new", USAGE_NOW) " WHERE " COSTS("new") "; END;"                    \
    "CREATE TRIGGER usage_" table "_gone AFTER DELETE ON " table " WHEN " COSTS("old")             \
    " BEGIN" USAGE_ENDS " END;"

#define USAGE_TABLE                                                                                \
    "CREATE TABLE usage (" /* no references: it outlives what it tells of */                       \
    " id INTEGER PRIMARY KEY,"                                                                     \
    " resource TEXT NOT NULL,"                                                                     \
    " kind TEXT NOT NULL,"                                                                         \
    " type TEXT,"                                                                                  \
    " instance TEXT," /* that a volume is attached to */                                           \
    " owner TEXT NOT NULL,"                                                                        \
    " region TEXT NOT NULL,"                                                                       \
    " amount INTEGER NOT NULL," /* a volume's GiB, or bytes */                                     \
    " begun INTEGER NOT NULL,"                                                                     \
    " ended INTEGER) STRICT;"                                                                      \
    "CREATE INDEX usage_resource ON usage (resource, ended);"                                      \
    "CREATE INDEX usage_instance ON usage (instance) WHERE instance IS NOT NULL;"                  \
    "CREATE INDEX usage_ended ON usage (ended) WHERE ended IS NOT NULL;"                           \
    "CREATE INDEX usage_unmeasured ON usage (resource) WHERE amount < 0 AND ended IS NULL;"        \
    "CREATE TRIGGER usage_forgotten AFTER INSERT ON usage BEGIN"                                   \
    " DELETE FROM usage WHERE ended < " USAGE_NOW " - 400 * 86400; END;"

#define USAGE_STEP                                                                                 \
    USAGE_TABLE                                                                                    \
    INSTANCE_USAGE("instance", "launched") " FROM instance WHERE " INSTANCE_COSTS("instance") ";"  \
    VOLUME_USAGE("volume", "created") " FROM volume WHERE " VOLUME_COSTS("volume") ";"             \
    SNAPSHOT_USAGE("snapshot", "started") " FROM snapshot WHERE " SNAPSHOT_COSTS("snapshot") ";"   \
    IMAGE_USAGE("image", "created") " FROM image WHERE " IMAGE_COSTS("image") ";"                  \
    USAGE_TRIGGERS("instance", INSTANCE_COSTS, INSTANCE_USAGE, "old.type != new.type")             \
    USAGE_TRIGGERS("volume", VOLUME_COSTS, VOLUME_USAGE,                                           \
                   "old.type != new.type OR old.size_gib != new.size_gib OR"                       \
                   " old.instance IS NOT new.instance")                                            \
    USAGE_TRIGGERS("snapshot", SNAPSHOT_COSTS, SNAPSHOT_USAGE, "0")                                \
    USAGE_TRIGGERS("image", IMAGE_COSTS, IMAGE_USAGE, "0")

/* clang-format on */

#endif
