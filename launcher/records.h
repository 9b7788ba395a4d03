/* The records against what is there: files in HOME that no record owns, records whose file is gone,
 * guests of this HOME that no record knows. That is what an older copy of amilaunch.db that was put
 * back looks like, or a file that was deleted by hand. Only told, never mended: data is not
 * destroyed to make the records match. */
#ifndef LAUNCHER_RECORDS_H
#define LAUNCHER_RECORDS_H

#include "launcher/internal.h"

/* What doesn't match: sentences (char *), each naming the thing and the next step; none if all
 * does. NULL with an error if that can't be found out. */
GPtrArray *records_compare(launcher *self, GError **error);

/* The paths (char *) of files and folders in HOME that no record owns, nor any operation that is
 * under way. NULL with an error if that can't be found out. */
GPtrArray *records_strays(launcher *self, GError **error);

/* Guests that libvirt has and that belong to this HOME, of which ALL (instance*) has none: one
 * sentence each, appended to SENTENCES. DOMAINS is hypervisor_list()'s. */
void records_find_strangers(launcher *self, const GPtrArray *all, GHashTable *domains,
                            GPtrArray *sentences);

#endif
