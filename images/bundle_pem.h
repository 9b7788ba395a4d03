/* PEM files with RSA keys. Only for bundle_key.c, identity.c and public_key.c. */
#ifndef IMAGES_BUNDLE_PEM_H
#define IMAGES_BUNDLE_PEM_H

#include <glib.h>
#include <openssl/evp.h>

/* Each gives an RSA key that the caller frees with EVP_PKEY_free(). */
EVP_PKEY *pem_read_private(const char *path, GError **error);
EVP_PKEY *pem_read_certificate(const char *path, GError **error);

/* Makes the file PATH of a new private key and its certificate, whose subject is "amilaunch NAME",
 * unless it is there already. UNFINISHED is the file while it is being written. */
gboolean pem_make(const char *path, const char *name, const char *unfinished, GError **error);

#endif
