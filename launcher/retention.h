/* Retention rules, as a face asks for them: how long what the asking account deregisters or deletes
 * in the asking region stays in the recycle bin. A rule decides at that moment; changing or
 * removing it afterwards changes nothing for what is in the bin. */
#ifndef LAUNCHER_RETENTION_H
#define LAUNCHER_RETENTION_H

#include "launcher/launcher.h"
#include "store/retention.h"

#define RETENTION_DAYS_MOST 365

typedef struct {
    const char *resource_type; /* "image" or "snapshot" */
    gint64 days;               /* 1 to RETENTION_DAYS_MOST */
    const char *tag;           /* "KEY" or "KEY=VALUE": only what is tagged so; NULL: all */
    const char *description;   /* NULL: none, or as it is */
} retention_request;

/* retention_rule*. */
GPtrArray *launcher_retention_rules(launcher *self, GError **error);

/* Makes a rule, or changes the one that there is for the same type and tag. The rule afterwards,
 * which the caller frees. InvalidParameterValue. */
retention_rule *launcher_retention_set(launcher *self, const retention_request *request,
                                       GError **error);

/* All of them, or none: ResourceNotFoundException, as EC2's Recycle Bin says. */
gboolean launcher_retention_remove(launcher *self, const char *const *ids, GError **error);

#endif
