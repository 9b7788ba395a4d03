/* The encrypted half of a bundle: a gzip stream <-> parts. Only for bundle_write.c and
 * bundle_read.c. */
#ifndef IMAGES_BUNDLE_PART_H
#define IMAGES_BUNDLE_PART_H

#include "images/manifest.h"

/* ---- writing ---- */

typedef struct part_writer part_writer;

/* Writes NAME.part.00, ... in FOLDER. KEY and IV are hex. */
part_writer *part_writer_new(const char *folder, const char *name, const char *key, const char *iv,
                             GError **error);
void part_writer_free(part_writer *self);

/* The next bytes of the tar, for its digest; the next bytes of the gzip stream. */
void part_writer_hash(part_writer *self, const guint8 *bytes, gsize length);
gboolean part_writer_take(part_writer *self, const guint8 *bytes, gsize length, GError **error);

/* After the last byte: sets the digest, the bundled size and the parts. */
gboolean part_writer_finish(part_writer *self, manifest *result, GError **error);

/* ---- reading ---- */

/* Reads a whole part from the folder open at FOLDER_FD, which has to be a plain file right there
 * with the digest that PART says, of at most MOST bytes. The caller unrefs it. InvalidManifest,
 * Host.*. */
GByteArray *part_read(int folder_fd, const manifest_part *part, guint64 most, GError **error);

/* Opens the same and tells its size. The file descriptor; -1 on failure. */
int part_open(int folder_fd, const manifest_part *part, guint64 *size, GError **error);

typedef struct part_opener part_opener;

part_opener *part_opener_new(const char *key, const char *iv, GError **error);
void part_opener_free(part_opener *self);

/* Decrypts the next LENGTH bytes into OUT, which has room for 16 more; *GOT gets how many came out.
 * LAST: there are no more. AuthFailure if that shows that the key is wrong. */
gboolean part_opener_take(part_opener *self, const guint8 *bytes, gsize length, gboolean last,
                          guint8 *out, gsize *got, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(part_writer, part_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(part_opener, part_opener_free)

#endif
