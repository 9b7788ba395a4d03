/* Public keys for ssh, as people have them, and EC2's fingerprints.
 *
 * Sources: RFC 4253 (6.6: what is encoded), RFC 4716 (SSH2 PUBLIC KEY), sshd(8) (a line of
 * authorized_keys); Amazon EC2 API Reference, ImportKeyPair and KeyPairInfo. What EC2 takes of an
 * RSA key for its fingerprint is not RFC 4716's, as the reference says, but what users have found:
 * MD5 of the public key's DER form (SubjectPublicKeyInfo) for one that was imported, SHA-1 of the
 * private key's (PKCS #8) for one that EC2 made; of ED25519 always SHA-256 of what is encoded, in
 * base64 with its padding. */
#ifndef IMAGES_PUBLIC_KEY_H
#define IMAGES_PUBLIC_KEY_H

#include "store/key_pair.h"

#define PUBLIC_KEY_MOST (16 * 1024) /* bytes that a file with one may have */

typedef struct {
    int type;          /* key_type */
    char *line;        /* "ssh-ed25519 AAAA...": without options and comment, encoded anew */
    char *fingerprint; /* as of one that was imported */
} public_key;

/* From LENGTH hostile bytes: one line of OpenSSH's, RFC 4716's form, or, of RSA, PEM or the base64
 * of DER. ED25519, or RSA of 1024, 2048 or 4096 bits. NULL with InvalidKey.Format, which says what
 * is wrong. */
public_key *public_key_parse(const guint8 *data, gsize length, GError **error);
void public_key_free(public_key *self);

/* The fingerprint of a pair that was made here: of the RSA private key in the PEM file PATH. The
 * caller frees it. */
char *public_key_fingerprint_made(const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(public_key, public_key_free)

#endif
