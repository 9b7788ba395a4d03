/* HOME's own RSA key, by which documents about instances are signed, as EC2 signs them with a key
 * of each region. It vouches for as much as this machine can be trusted. */
#ifndef IMAGES_IDENTITY_H
#define IMAGES_IDENTITY_H

#include <glib.h>

typedef struct identity identity;

/* All as base64, in lines. */
typedef enum {
    IDENTITY_SIGNATURE, /* RSA with SHA-256 */
    IDENTITY_PKCS7,     /* signed data with the text in it, without the certificate */
} identity_form;

/* Reads HOME/identity.key, which is for its owner only; the first call makes it, and each writes
 * HOME/identity.pem, the certificate, if that isn't there. Others may do so at the same
 * time. NULL on failure. */
identity *identity_open(const char *home, GError **error);

/* SELF may be NULL. */
void identity_free(identity *self);

/* The signature of TEXT. NULL if libcrypto gives none; the caller frees it. */
char *identity_sign(const identity *self, identity_form form, const char *text);

/* A secret that nobody knows who hasn't the key, another one for each PURPOSE, the same every time:
 * 64 hex digits. NULL if libcrypto gives none; the caller frees it. */
char *identity_secret(const identity *self, const char *purpose);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(identity, identity_free)

#endif
