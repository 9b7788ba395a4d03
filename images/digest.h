/* The digest of a file's bytes. */
#ifndef IMAGES_DIGEST_H
#define IMAGES_DIGEST_H

#include "common/progress.h"

/* SHA-256 as 64 hex digits; the caller frees it. Reports how far it is under PHASE. NULL with
 * Host.Disk or Host.Permission if the file can't be read. */
char *file_sha256(const char *path, progress *listener, const char *phase, GError **error);

#endif
