/* What the metadata service of an instance tells, as one value. */
#ifndef LAUNCHER_METADATA_H
#define LAUNCHER_METADATA_H

#include "launcher/launcher.h"

typedef struct {
    instance_view *what; /* with user data, tags, interface; its type may be NULL */
    char *manifest;      /* of the bundle that its image was registered from; NULL: none, or the
                            image is gone */
} metadata;

/* Of the instance ID, whoever it belongs to, from the records alone: the hypervisor isn't asked,
 * nothing is put right. InvalidInstanceID.NotFound. The caller frees it. */
metadata *launcher_metadata(launcher *self, const char *id, GError **error);
void metadata_free(metadata *self);

/* A number that changes when another process has changed the records; 0 if that can't be found out.
 */
gint64 launcher_records_version(launcher *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(metadata, metadata_free)

#endif
