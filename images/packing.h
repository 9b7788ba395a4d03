/* How kernels and initramfs are compressed, told by their first bytes. */
#ifndef IMAGES_PACKING_H
#define IMAGES_PACKING_H

#include <glib.h>

#define PACKING_MAGIC_MAX 9 /* bytes that packing_of() looks at */

/* "gzip", "bzip2", "lzma", "xz", "lzo" (lzop's files), "lz4" (of either kind) or "zstd"; NULL if
 * DATA begins like none of them. Owned by the library. */
const char *packing_of(const guint8 *data, gsize length);

#endif
