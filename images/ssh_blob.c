#include "images/ssh_blob.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <string.h>

#define LENGTH_BYTES 4
#define ED25519_BYTES 32
#define EXPONENT_MOST 8         /* bytes: libcrypto takes no longer ones for large keys */
#define MODULUS_MOST (4096 / 8) /* bytes: EC2 takes no larger keys */
#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define RSA "ssh-rsa"
#define ED25519 "ssh-ed25519"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIGNUM, BN_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OSSL_PARAM, OSSL_PARAM_free)

/* ---- reading ---- */

typedef struct {
    const guint8 *at;
    gsize left;
} reader;

/* GLib by itself passes over what isn't base64. */
GByteArray *
ssh_blob_decode(const char *text)
{
    gsize digits = strspn(text, BASE64);
    gsize padding = strspn(text + digits, "=");
    gsize length;
    guchar *bytes;

    if (digits == 0 || text[digits + padding] != '\0' || padding > 2 || (digits + padding) % 4 != 0)
        return NULL;
    bytes = g_base64_decode(text, &length);
    return g_byte_array_new_take(bytes, length);
}

/* The bytes of the next string, *LENGTH of them; NULL if there is none. */
static const guint8 *
next_string(reader *self, gsize *length)
{
    const guint8 *bytes;

    if (self->left < LENGTH_BYTES)
        return NULL;
    *length =
        (gsize)self->at[0] << 24 | (gsize)self->at[1] << 16 | (gsize)self->at[2] << 8 | self->at[3];
    if (*length > self->left - LENGTH_BYTES)
        return NULL;
    bytes = self->at + LENGTH_BYTES;
    self->at = bytes + *length;
    self->left -= LENGTH_BYTES + *length;
    return bytes;
}

char *
ssh_blob_name(const GByteArray *blob)
{
    reader in = {blob->data, blob->len};
    gsize length;
    const guint8 *name = next_string(&in, &length);

    if (name == NULL || length == 0 || memchr(name, '\0', length) != NULL)
        return NULL;
    return g_strndup((const char *)name, length);
}

/* IN stands behind the name then. */
static gboolean
begin(const GByteArray *blob, const char *name, reader *in)
{
    const guint8 *found;
    gsize length;

    *in = (reader){blob->data, blob->len};
    found = next_string(in, &length);
    return found != NULL && length == strlen(name) && memcmp(found, name, length) == 0;
}

gboolean
ssh_blob_is_ed25519(const GByteArray *blob)
{
    reader in;
    gsize length;

    return begin(blob, ED25519, &in) && next_string(&in, &length) != NULL &&
           length == ED25519_BYTES && in.left == 0;
}

/* A positive odd number of at most MOST bytes, in as few bytes as it can be written; NULL if the
 * next string isn't one. */
static BIGNUM *
next_odd(reader *in, gsize most)
{
    gsize length;
    const guint8 *bytes = next_string(in, &length);

    if (bytes == NULL || length == 0 || (bytes[0] & 0x80) != 0)
        return NULL;
    if (bytes[0] == 0) {
        if (length == 1 || (bytes[1] & 0x80) == 0)
            return NULL;
        bytes++;
        length--;
    }
    return length <= most && (bytes[length - 1] & 1) != 0 ? BN_bin2bn(bytes, (int)length, NULL)
                                                          : NULL;
}

static EVP_PKEY *
rsa_of_numbers(const BIGNUM *modulus, const BIGNUM *exponent)
{
    g_autoptr(OSSL_PARAM_BLD) builder = OSSL_PARAM_BLD_new();
    g_autoptr(EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    g_autoptr(OSSL_PARAM) numbers = NULL;
    EVP_PKEY *key = NULL;

    if (OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
        numbers = OSSL_PARAM_BLD_to_param(builder);
    if (numbers == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, numbers) != 1)
        ERR_clear_error();
    return key;
}

EVP_PKEY *
ssh_blob_to_rsa(const GByteArray *blob)
{
    g_autoptr(BIGNUM) exponent = NULL;
    g_autoptr(BIGNUM) modulus = NULL;
    reader in;

    if (!begin(blob, RSA, &in))
        return NULL;
    exponent = next_odd(&in, EXPONENT_MOST);
    modulus = exponent != NULL && !BN_is_one(exponent) ? next_odd(&in, MODULUS_MOST) : NULL;
    return modulus != NULL && in.left == 0 ? rsa_of_numbers(modulus, exponent) : NULL;
}

/* ---- writing ---- */

static void
add_string(GByteArray *out, const guint8 *bytes, gsize length)
{
    const guint8 size[LENGTH_BYTES] = {(guint8)(length >> 24), (guint8)(length >> 16),
                                       (guint8)(length >> 8), (guint8)length};

    g_byte_array_append(out, size, sizeof size);
    g_byte_array_append(out, bytes, (guint)length);
}

/* A byte of zeroes keeps it positive. */
static gboolean
add_number(GByteArray *out, const EVP_PKEY *key, const char *name)
{
    g_autoptr(BIGNUM) number = NULL;
    g_autofree guint8 *bytes = NULL;
    BIGNUM *found = NULL;
    gsize length;

    if (EVP_PKEY_get_bn_param(key, name, &found) != 1)
        return FALSE;
    number = found;
    length = (gsize)BN_num_bytes(number);
    bytes = g_malloc0(length + 1);
    BN_bn2bin(number, bytes + 1);
    if (length > 0 && (bytes[1] & 0x80) != 0)
        add_string(out, bytes, length + 1);
    else
        add_string(out, bytes + 1, length);
    return TRUE;
}

GByteArray *
ssh_blob_of_rsa(const EVP_PKEY *key)
{
    g_autoptr(GByteArray) out = g_byte_array_new();

    add_string(out, (const guint8 *)RSA, strlen(RSA));
    if (add_number(out, key, OSSL_PKEY_PARAM_RSA_E) && add_number(out, key, OSSL_PKEY_PARAM_RSA_N))
        return g_steal_pointer(&out);
    ERR_clear_error();
    return NULL;
}
