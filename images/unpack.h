/* Unpacking what is compressed in a foreign file, by the formats' own programs: kernels come in
 * seven formats, two of them in containers that no library reads, and a decoder that a hostile
 * stream brings down or sends on for ever is then another process, with limits. */
#ifndef IMAGES_UNPACK_H
#define IMAGES_UNPACK_H

#include "common/error.h"

/* Gets the next LENGTH bytes; FALSE: no more are wanted. */
typedef gboolean (*unpack_taker)(const guint8 *data, gsize length, gpointer data_of_taker);

/* Unpacks the stream of kind PACKING (as packing_of() names it) that begins at OFFSET of the file
 * at PATH, and hands at most MOST bytes to TAKER. What stands in the file after the stream is
 * ignored. TRUE if something came out, even if the stream is cut off or damaged later; else
 * Host.Inspection, or Host.Incomplete with the package that the program is in. */
gboolean unpack_file(const char *path, guint64 offset, const char *packing, guint64 most,
                     unpack_taker taker, gpointer data, GError **error);

#endif
