/* Key pairs, as a face asks for them: those of the asking account in the asking region.
 *
 * A private key that is made here is in HOME/keys, for its owner only, until it is written
 * elsewhere or its key pair is deleted. Nothing else of one is kept: the records have the public
 * half alone. */
#ifndef LAUNCHER_KEYS_H
#define LAUNCHER_KEYS_H

#include "launcher/launcher.h"
#include "store/key_pair.h"

#define KEY_NAME_MOST 255

typedef struct {
    key_pair *pair;
    GPtrArray *tags; /* tag* */
    char *file;      /* that has its private key, in HOME or as asked; NULL: nobody here has it */
} key_view;

void key_view_free(key_view *self);

typedef struct {
    const char *name;
    const char *type;        /* one of key_type_words[]; NULL: rsa */
    const char *output;      /* file for the private key, which must not be there; NULL: HOME's */
    const char *const *tags; /* see tagging.h; NULL: none */
} key_request;

/* Makes a pair by ssh-keygen: RSA of 2048 bits in PEM, or ED25519 in OpenSSH's form. *MATERIAL is
 * the private key's text; the caller frees both. InvalidKeyPair.Duplicate, InvalidParameterValue,
 * Host.*. */
key_view *launcher_key_create(launcher *self, const key_request *request, char **material,
                              GError **error);

/* Records a public key, LENGTH bytes in one of the forms of public_key.h. InvalidKey.Format,
 * InvalidKeyPair.Duplicate. OUTPUT and TYPE of REQUEST are not looked at. */
key_view *launcher_key_import(launcher *self, const key_request *request, const guint8 *data,
                              gsize length, GError **error);

/* key_view*, by name. */
GPtrArray *launcher_keys(launcher *self, GError **error);

/* Deletes the pairs that are named, or have these ids, and their private keys in HOME; all or
 * none. Instances keep theirs. The pairs that there were: key_pair*. InvalidKeyPair.NotFound. */
GPtrArray *launcher_key_delete(launcher *self, const char *const *names, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(key_view, key_view_free)

#endif
