/* The disk of an instance that was run with --seed: it tells cloud-init's NoCloud data source what
 * the metadata service would, for images that look nowhere else. It is made anew at each start, is
 * the guest's last disk, and no volume.
 *
 * Source: cloud-init's documentation, "NoCloud": a vfat file system called CIDATA with the files
 * meta-data and user-data. */
#ifndef LAUNCHER_SEED_H
#define LAUNCHER_SEED_H

#include "launcher/internal.h"

/* TRUE if a guest of PLAN can have one; else UnsupportedOperation. */
gboolean seed_check(const boot_plan *plan, GError **error);

/* Makes VM's, in its folder, if it has one. */
gboolean seed_make(launcher *self, const instance *vm, GError **error);

/* Adds VM's to PLAN, whose disks are bound, if it has one. */
void seed_bind(boot_plan *plan, const char *home, const instance *vm);

/* The file meta-data; HOST NULL: no name. The caller frees it. Pure. */
char *seed_meta_data(const instance *vm, const char *host);

#endif
