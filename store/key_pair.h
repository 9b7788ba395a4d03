/* A key pair of an account in a region: the public key alone; whoever made it has the private one.
 */
#ifndef STORE_KEY_PAIR_H
#define STORE_KEY_PAIR_H

#include "store/store.h"

typedef enum { KEY_RSA, KEY_ED25519 } key_type;

extern const char *const key_type_words[];

typedef struct {
    char *id; /* "key-..." */
    char *name;
    char *owner;
    char *region;
    int type;          /* key_type */
    char *fingerprint; /* as EC2 shows it */
    char *public_key;  /* one line of OpenSSH's format: "ssh-ed25519 AAAA... NAME" */
    gint64 created;
} key_pair;

void key_pair_free(key_pair *self);

/* InvalidKeyPair.Duplicate if the account has one of that name in the region. */
gboolean key_pair_insert(store *db, const key_pair *self, GError **error);

/* InvalidKeyPair.NotFound. The caller frees it. */
key_pair *key_pair_find(store *db, const char *owner, const char *region, const char *name,
                        GError **error);

/* Those of an account in a region, by name: key_pair*. NULL on failure. */
GPtrArray *key_pair_list(store *db, const char *owner, const char *region, GError **error);

/* Those of all accounts and regions, by id. */
GPtrArray *key_pair_list_every(store *db, GError **error);

gboolean key_pair_delete(store *db, const char *id, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(key_pair, key_pair_free)

#endif
