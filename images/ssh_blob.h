/* What a line of ssh's public keys encodes: strings and numbers behind their lengths (RFC
 * 4253, 6.6; RFC 4251, 5; RFC 8709, 4). Only for public_key.c and host_keys.c. */
#ifndef IMAGES_SSH_BLOB_H
#define IMAGES_SSH_BLOB_H

#include <glib.h>
#include <openssl/evp.h>

/* What the base64 TEXT encodes; NULL if that isn't base64 and nothing else. */
GByteArray *ssh_blob_decode(const char *text);

/* The name of what BLOB holds, "ssh-rsa", or NULL if it isn't even well formed so far. The caller
 * frees it. */
char *ssh_blob_name(const GByteArray *blob);

/* TRUE if BLOB is an ED25519 key, and nothing follows it. */
gboolean ssh_blob_is_ed25519(const GByteArray *blob);

/* The RSA key that BLOB is, which the caller frees; NULL if it is none that is written as it has to
 * be. */
EVP_PKEY *ssh_blob_to_rsa(const GByteArray *blob);

/* The other way round; NULL if KEY isn't RSA. */
GByteArray *ssh_blob_of_rsa(const EVP_PKEY *key);

#endif
