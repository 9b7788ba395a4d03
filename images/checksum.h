/* What a file's publisher says that its digest is. */
#ifndef IMAGES_CHECKSUM_H
#define IMAGES_CHECKSUM_H

#include "common/error.h"
#include "images/digest.h"

typedef struct {
    digest_kind kind;
    char hex[DIGEST_HEX_MOST + 1]; /* in lower case */
} checksum;

/* Reads "sha256:HEX", "sha512:HEX" or one of these as bare HEX, told apart by its length.
 * InvalidParameterValue. */
gboolean checksum_parse(const char *text, checksum *out, GError **error);

/* Finds NAME in TEXT, a list as SHA256SUMS and CHECKSUM files are: lines "HEX  NAME", "HEX *NAME"
 * or "SHA256 (NAME) = HEX"; or nothing but one "HEX". The strongest digest is taken. All else is
 * passed over. InvalidParameterValue, naming LIST, if NAME isn't in it, or twice with different
 * digests. */
gboolean checksum_find(const char *text, const char *list, const char *name, checksum *out,
                       GError **error);

/* FALSE with BadDigest, naming both, unless the file PATH has that digest. It is called LABEL. */
gboolean checksum_verify(const checksum *self, const char *path, const char *label,
                         progress *listener, GError **error);

#endif
