/* Filters of EC2's Describe calls for what is listed in memory: instances, volumes, snapshots and
 * instance types. (Images are found by the database: launcher/image_find.h.) */
#ifndef LAUNCHER_FILTERING_H
#define LAUNCHER_FILTERING_H

#include "launcher/launcher.h"

/* Each leaves only those in ROWS (as launcher_instances(), launcher_volumes() and
 * launcher_snapshots() give them; const instance_type *) that match all of FILTERS,
 * "name=...,values=..." as common/filter.h has it, NULL for none. The names are in
 * launcher/filter_names.h. InvalidParameterValue, FilterLimitExceeded. */
gboolean launcher_filter_instances(launcher *self, GPtrArray *rows, const char *const *filters,
                                   GError **error);
gboolean launcher_filter_volumes(launcher *self, GPtrArray *rows, const char *const *filters,
                                 GError **error);
gboolean launcher_filter_snapshots(launcher *self, GPtrArray *rows, const char *const *filters,
                                   GError **error);
gboolean launcher_filter_keys(launcher *self, GPtrArray *rows, const char *const *filters,
                              GError **error);
gboolean launcher_filter_types(launcher *self, GPtrArray *rows, const char *const *filters,
                               GError **error);

#endif
