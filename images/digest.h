/* The digest of a file's bytes. */
#ifndef IMAGES_DIGEST_H
#define IMAGES_DIGEST_H

#include "common/progress.h"

/* The strongest last. */
typedef enum { DIGEST_SHA256, DIGEST_SHA512 } digest_kind;

#define DIGEST_HEX_MOST 128

/* In hex digits; the caller frees it. Reports how far it is under PHASE. NULL with Host.Disk or
 * Host.Permission if the file can't be read. */
char *file_digest(const char *path, digest_kind kind, progress *listener, const char *phase,
                  GError **error);

/* SHA-256 as 64 hex digits, in the same way. */
char *file_sha256(const char *path, progress *listener, const char *phase, GError **error);

#endif
