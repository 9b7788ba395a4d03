/* Tags, by EC2's rules: at most 50 on a resource, a key of 1 to 127 characters that doesn't begin
 * with "aws:", a value of at most 255. Only a resource's owner sees its tags. */
#ifndef LAUNCHER_TAGGING_H
#define LAUNCHER_TAGGING_H

#include "launcher/launcher.h"

/* ---- for faces ---- */

/* SPECS is a NULL-terminated list of "KEY=VALUE", or "Key=KEY,Value=VALUE" as with `aws ec2
 * create-tags`. All resources (images, snapshots, volumes, instances, key pairs of one's own) get all tags, or
 * none gets any: InvalidID, InvalidAMIID.NotFound, ..., InvalidParameterValue, TagLimitExceeded. */
gboolean launcher_tag_add(launcher *self, const char *const *ids, const char *const *specs,
                          GError **error);

/* Takes tags away: "KEY" whatever its value is, "KEY=VALUE" only if that is it; SPECS NULL: all. A
 * tag that isn't there is fine. */
gboolean launcher_tag_remove(launcher *self, const char *const *ids, const char *const *specs,
                             GError **error);

/* The tags of rows of one's own, by id: char* -> GPtrArray of tag*. The caller unrefs the map. */
GHashTable *launcher_volume_tags(launcher *self, const GPtrArray *volumes, GError **error);
GHashTable *launcher_snapshot_tags(launcher *self, const GPtrArray *snapshots, GError **error);

/* ---- for the engine, and for faces that show what they have just made ---- */

/* The tags that SPECS (NULL: none) name: tag* without a resource. InvalidParameterValue,
 * TagLimitExceeded. */
GPtrArray *tags_parse(const char *const *specs, GError **error);

/* Puts TAGS on a resource. To be called within a transaction. */
gboolean tags_put(store *db, const char *resource, const GPtrArray *tags, GError **error);

#endif
