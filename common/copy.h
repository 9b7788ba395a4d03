/* Copying files. */
#ifndef COMMON_COPY_H
#define COMMON_COPY_H

#include "common/progress.h"

/* Makes TO, a new file for its owner only, of the same bytes as FROM. Holes stay holes; where the
 * file system can, both share their blocks and it takes no time. Reports PHASE to LISTENER (may be
 * NULL). Not yet durable when it returns. On failure TO may be there in part. */
gboolean file_copy(const char *from, const char *to, progress *listener, const char *phase,
                   GError **error);

/* What a file takes on the disk, in bytes; 0 if it isn't there. */
guint64 file_bytes(const char *path);

#endif
