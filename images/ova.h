/* A virtual machine as a tar archive, with its disk as a member. Source: DMTF DSP0243 (the Open
 * Virtualization Format); POSIX pax, ustar; GNU tar's manual, "Basic Tar Format". */
#ifndef IMAGES_OVA_H
#define IMAGES_OVA_H

#include "images/extent.h"

/* TRUE if FILE begins with the header of a tar member. */
gboolean ova_recognise(const extent *file);

/* Finds the one .vmdk member. *DISK is the part of FILE that it takes up, whole sectors (a tar is
 * padded to them); *NAME its name as it stands there, foreign bytes, which the caller frees.
 * Errors: InvalidFormat, without the file's name: no such member or several, a compressed one, a
 * damaged or truncated archive. */
gboolean ova_find_disk(const extent *file, extent *disk, char **name, GError **error);

#endif
