#include "images/luks.h"
#include "common/error.h"
#include "images/bytes.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

/*      0  magic, version, cipher, mode, hash    112  the master key's digest
 *    104  where the data begins, in sectors     132  salt and repetitions of that
 *    108  the master key's length               168  UUID
 *    208  eight key slots of 48 bytes: in use or not, repetitions, salt, place, stripes
 *   4096  the first slot's key material; 504 sectors on the next one's, ...
 */
#define KEY_BYTES 64
#define DIGEST_BYTES 20
#define SALT_BYTES 32
#define HASH_BYTES 32
#define UUID_BYTES 40
#define SLOTS 8
#define SLOT_BYTES 48
#define SLOTS_AT 208
#define STRIPES 4000
#define MATERIAL_AT 4096
#define MATERIAL_BYTES (KEY_BYTES * STRIPES)
#define MATERIAL_SECTORS 504
#define IN_USE 0x00AC71F3
#define NOT_IN_USE 0x0000DEAD
#define REPETITIONS 1000 /* the least that QEMU and cryptsetup use */

G_STATIC_ASSERT(MATERIAL_AT + SLOTS * MATERIAL_SECTORS * SECTOR_SIZE == LUKS_HEADER_SIZE);

static gboolean
derive(const void *secret, gsize length, const guint8 *salt, guint8 *key, int key_length)
{
    return PKCS5_PBKDF2_HMAC(secret, (int)length, salt, SALT_BYTES, REPETITIONS, EVP_sha256(),
                             key_length, key) == 1;
}

/* Makes every bit of BLOCK depend on many others, as the specification's "diffuse" does. */
static gboolean
diffuse(guint8 *block)
{
    for (guint32 i = 0; i < KEY_BYTES / HASH_BYTES; i++) {
        guint8 text[4 + HASH_BYTES];
        put_be32(text, i);
        memcpy(text + 4, block + i * HASH_BYTES, HASH_BYTES);
        if (EVP_Digest(text, sizeof text, block + i * HASH_BYTES, NULL, EVP_sha256(), NULL) != 1)
            return FALSE;
    }
    return TRUE;
}

/* Spreads KEY over all of MATERIAL, so that a part of that tells nothing. */
static gboolean
split(const guint8 *key, guint8 *material)
{
    guint8 block[KEY_BYTES] = {0};
    guint8 *last = material + MATERIAL_BYTES - KEY_BYTES;

    if (RAND_bytes(material, MATERIAL_BYTES - KEY_BYTES) != 1)
        return FALSE;
    for (const guint8 *at = material; at < last; at += KEY_BYTES) {
        for (guint i = 0; i < KEY_BYTES; i++)
            block[i] ^= at[i];
        if (!diffuse(block))
            return FALSE;
    }
    for (guint i = 0; i < KEY_BYTES; i++)
        last[i] = block[i] ^ key[i];
    return TRUE;
}

/* In place, sector by sector; a sector's number is its initial vector. */
static gboolean
encrypt(guint8 *data, gsize length, const guint8 *key)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    gboolean done = context != NULL;

    for (gsize at = 0; done && at < length; at += SECTOR_SIZE) {
        guint8 vector[16] = {0};
        int got;
        vector[0] = (guint8)(at / SECTOR_SIZE);
        vector[1] = (guint8)(at / SECTOR_SIZE >> 8);
        done = EVP_EncryptInit_ex(context, EVP_aes_256_xts(), NULL, key, vector) == 1 &&
               EVP_EncryptUpdate(context, data + at, &got, data + at, SECTOR_SIZE) == 1;
    }
    EVP_CIPHER_CTX_free(context);
    return done;
}

static gboolean
put_master_key(guint8 *header, const guint8 *master)
{
    guint8 *salt = header + 132;

    put_be32(header + 164, REPETITIONS);
    return RAND_bytes(salt, SALT_BYTES) == 1 &&
           derive(master, KEY_BYTES, salt, header + 112, DIGEST_BYTES);
}

static gboolean
put_slots(guint8 *header, const char *passphrase, const guint8 *master)
{
    guint8 *first = header + SLOTS_AT;
    guint8 key[KEY_BYTES];

    for (guint32 i = 0; i < SLOTS; i++) {
        guint8 *slot = first + i * SLOT_BYTES;
        put_be32(slot, i == 0 ? IN_USE : NOT_IN_USE);
        put_be32(slot + 40, MATERIAL_AT / SECTOR_SIZE + i * MATERIAL_SECTORS);
        put_be32(slot + 44, STRIPES);
    }
    put_be32(first + 4, REPETITIONS);
    return RAND_bytes(first + 8, SALT_BYTES) == 1 &&
           derive(passphrase, strlen(passphrase), first + 8, key, KEY_BYTES) &&
           split(master, header + MATERIAL_AT) &&
           encrypt(header + MATERIAL_AT, MATERIAL_BYTES, key);
}

GByteArray *
luks_header_new(const char *passphrase, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *uuid = g_uuid_string_random();
    guint8 master[KEY_BYTES];
    guint8 *header;

    g_byte_array_set_size(bytes, MATERIAL_AT + MATERIAL_BYTES);
    header = bytes->data;
    memset(header, 0, bytes->len);
    memcpy(header, "LUKS\xba\xbe\0\1", 8);
    g_strlcpy((char *)header + 8, "aes", 32);
    g_strlcpy((char *)header + 40, "xts-plain64", 32);
    g_strlcpy((char *)header + 72, "sha256", 32);
    put_be32(header + 104, LUKS_HEADER_SIZE / SECTOR_SIZE);
    put_be32(header + 108, KEY_BYTES);
    g_strlcpy((char *)header + 168, uuid, UUID_BYTES);
    if (RAND_bytes(master, KEY_BYTES) == 1 && put_master_key(header, master) &&
        put_slots(header, passphrase, master))
        return g_steal_pointer(&bytes);
    error_set(error, ERROR_INTERNAL, "libcrypto can't encrypt a key");
    return NULL;
}
