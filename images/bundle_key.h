/* RSA keys of instance-store bundles: the owner's, who signs a manifest and can open it, and the
 * cloud's, which can open it, too. Manifests have what RSA gives as hex text. */
#ifndef IMAGES_BUNDLE_KEY_H
#define IMAGES_BUNDLE_KEY_H

#include <glib.h>

#define BUNDLE_KEY_BYTES 16                      /* of an AES key, and of an IV */
#define BUNDLE_KEY_DIGITS (2 * BUNDLE_KEY_BYTES) /* as hex text, which is what RSA encrypts */

typedef struct bundle_key bundle_key;

/* From PEM files: a private key (without a passphrase), or the public one of a certificate.
 * InvalidParameterValue for what isn't an RSA one of these; Host.*. */
bundle_key *bundle_key_private(const char *path, GError **error);
bundle_key *bundle_key_certificate(const char *path, GError **error);
void bundle_key_free(bundle_key *self);

/* TRUE if both have the same public half. */
gboolean bundle_key_fits(const bundle_key *self, const bundle_key *other);

/* Makes HOME's own pair NAME, an account's id or "cloud", first as the new file UNFINISHED, which
 * goes then: HOME/bundles/keys/NAME.pem has the private key and its certificate. One that is there
 * already stays. */
gboolean bundle_key_make(const char *home, const char *name, const char *unfinished,
                         GError **error);

/* TEXT, encrypted, as hex. The caller frees it. */
char *bundle_key_seal(const bundle_key *self, const char *text, GError **error);

/* The BUNDLE_KEY_DIGITS hex digits, in lower case, that HEX holds for this private key; NULL if it
 * isn't meant for it. The caller frees them. */
char *bundle_key_open(const bundle_key *self, const char *hex);

/* RSA-SHA1 over TEXT, as hex. The caller frees it. */
char *bundle_key_sign(const bundle_key *self, const char *text, GError **error);
gboolean bundle_key_signed(const bundle_key *self, const char *text, const char *hex);

/* BYTES of fresh randomness as hex. The caller frees it. */
char *bundle_key_random(gsize bytes, GError **error);

/* The LENGTH bytes at BYTES as hex text, and back: NULL if TEXT isn't any. The caller frees. */
char *hex_of_bytes(const guint8 *bytes, gsize length);
GByteArray *hex_to_bytes(const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(bundle_key, bundle_key_free)

#endif
