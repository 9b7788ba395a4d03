/* Lists of ids, as they come from a face. */
#ifndef LAUNCHER_ID_LIST_H
#define LAUNCHER_ID_LIST_H

#include <glib.h>

/* TRUE if each of IDS (NULL-terminated) is an id that begins with PREFIX ("ami", "snap") and none
 * is there twice; else InvalidAMIID.Malformed, InvalidSnapshotID.Malformed, or
 * InvalidParameterValue. */
gboolean id_list_check(const char *prefix, const char *const *ids, GError **error);

#endif
