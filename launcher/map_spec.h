/* One entry of a launch's block device mapping, in the form of EC2's classic command line:
 *
 *     DEVICE=ephemeralN   an instance-store disk
 *     DEVICE=none         nothing, whatever the image says
 *     DEVICE=[SNAPSHOT]:[SIZE]:[DELETE]:[TYPE[:IOPS]]:[encrypted]
 *
 * of which any part may be left out, and colons at the end with it. Pure.
 * Source: Amazon EC2 Command Line Reference, "ec2-run-instances". */
#ifndef LAUNCHER_MAP_SPEC_H
#define LAUNCHER_MAP_SPEC_H

#include "launcher/launcher.h"

#define MOST_VOLUME_GIB 65536

typedef enum { MAP_VOLUME, MAP_STORE_DISK, MAP_NONE } map_kind;

typedef struct {
    char *text; /* as it was given */
    char *device;
    map_kind kind;
    gint64 position;   /* MAP_STORE_DISK: N of ephemeralN */
    char *snapshot;    /* MAP_VOLUME; NULL: not said */
    gint64 size_gib;   /* 0: not said */
    char *volume_type; /* NULL: not said */
    flag_change delete_on_termination;
    gboolean encrypted;
} map_spec;

void map_spec_free(map_spec *self);

/* What TEXT says; the caller frees it. InvalidParameterValue, InvalidBlockDeviceMapping or
 * InvalidSnapshotID.Malformed, with TEXT in the message. */
map_spec *map_spec_parse(const char *text, GError **error);

/* All of TEXTS (NULL-terminated; NULL: none): map_spec*. InvalidBlockDeviceMapping if a device or
 * an instance-store disk is there twice. */
GPtrArray *map_specs_parse(const char *const *texts, GError **error);

/* EC2's types of volumes, ended by NULL, and whether it has one of that name. */
extern const char *const volume_type_words[];
gboolean volume_type_check(const char *type, GError **error);

/* The N of "ephemeralN", 0 to 23; else -1. TEXT may be NULL. */
gint64 virtual_name_position(const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(map_spec, map_spec_free)

#endif
