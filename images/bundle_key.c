#include "images/bundle_key.h"
#include "common/error.h"
#include "common/files.h"
#include "images/bundle_pem.h"
#include "images/home.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)

#define MOST_BYTES 2048 /* of anything that RSA makes */

struct bundle_key {
    EVP_PKEY *key;
};

/* ---- hex ---- */

char *
hex_of_bytes(const guint8 *bytes, gsize length)
{
    GString *text = g_string_sized_new(2 * length);

    for (gsize i = 0; i < length; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}

GByteArray *
hex_to_bytes(const char *text)
{
    gsize length = strlen(text);
    GByteArray *bytes = g_byte_array_sized_new((guint)(length / 2));

    for (gsize i = 0; i + 1 < length; i += 2) {
        int high = g_ascii_xdigit_value(text[i]);
        int low = g_ascii_xdigit_value(text[i + 1]);
        guint8 byte = (guint8)(high << 4 | low);
        if (high < 0 || low < 0)
            break;
        g_byte_array_append(bytes, &byte, 1);
    }
    if (2 * (gsize)bytes->len == length)
        return bytes;
    g_byte_array_unref(bytes);
    return NULL;
}

char *
bundle_key_random(gsize bytes, GError **error)
{
    g_autofree guint8 *random = g_malloc(bytes);

    if (RAND_bytes(random, (int)bytes) == 1)
        return hex_of_bytes(random, bytes);
    error_set(error, ERROR_INTERNAL, "libcrypto gives no random bytes");
    return NULL;
}

/* ---- keys ---- */

void
bundle_key_free(bundle_key *self)
{
    if (self == NULL)
        return;
    EVP_PKEY_free(self->key);
    g_free(self);
}

/* Takes KEY, which may be NULL. */
static bundle_key *
take(EVP_PKEY *key)
{
    bundle_key *self;

    if (key == NULL)
        return NULL;
    self = g_new0(bundle_key, 1);
    self->key = key;
    return self;
}

bundle_key *
bundle_key_private(const char *path, GError **error)
{
    return take(pem_read_private(path, error));
}

bundle_key *
bundle_key_certificate(const char *path, GError **error)
{
    return take(pem_read_certificate(path, error));
}

gboolean
bundle_key_make(const char *home, const char *name, const char *unfinished, GError **error)
{
    g_autofree char *path = home_bundle_key_path(home, name);
    g_autofree char *folder = g_path_get_dirname(path);

    return folder_make(folder, 0700, error) && pem_make(path, name, unfinished, error);
}

gboolean
bundle_key_fits(const bundle_key *self, const bundle_key *other)
{
    return EVP_PKEY_eq(self->key, other->key) == 1;
}

/* What a failed call left behind is of no use to anybody. */
static gboolean
worked(int result)
{
    ERR_clear_error();
    return result == 1;
}

static gboolean
failed(const char *what, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "libcrypto can't %s with this RSA key", what);
}

char *
bundle_key_seal(const bundle_key *self, const char *text, GError **error)
{
    g_autoptr(EVP_PKEY_CTX) context = EVP_PKEY_CTX_new(self->key, NULL);
    guint8 sealed[MOST_BYTES];
    size_t length = sizeof sealed;

    if (worked(EVP_PKEY_encrypt_init(context)) &&
        worked(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING)) &&
        worked(EVP_PKEY_encrypt(context, sealed, &length, (const guint8 *)text, strlen(text))))
        return hex_of_bytes(sealed, length);
    failed("encrypt", error);
    return NULL;
}

static char *
digits_of(const guint8 *bytes, size_t length)
{
    g_autofree char *text = g_strchomp(g_strndup((const char *)bytes, length));

    if (strlen(text) != BUNDLE_KEY_DIGITS ||
        strspn(text, "0123456789abcdefABCDEF") != BUNDLE_KEY_DIGITS)
        return NULL;
    return g_ascii_strdown(text, -1);
}

/* Newer versions of libcrypto give random bytes where the key is wrong, not an error. */
char *
bundle_key_open(const bundle_key *self, const char *hex)
{
    g_autoptr(EVP_PKEY_CTX) context = EVP_PKEY_CTX_new(self->key, NULL);
    g_autoptr(GByteArray) sealed = hex_to_bytes(hex);
    guint8 opened[MOST_BYTES];
    size_t length = sizeof opened;

    if (sealed == NULL || sealed->len != (guint)EVP_PKEY_get_size(self->key) ||
        !worked(EVP_PKEY_decrypt_init(context)) ||
        !worked(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING)) ||
        !worked(EVP_PKEY_decrypt(context, opened, &length, sealed->data, sealed->len)))
        return NULL;
    return digits_of(opened, length);
}

char *
bundle_key_sign(const bundle_key *self, const char *text, GError **error)
{
    g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();
    guint8 signature[MOST_BYTES];
    size_t length = sizeof signature;

    if (worked(EVP_DigestSignInit(context, NULL, EVP_sha1(), NULL, self->key)) &&
        worked(EVP_DigestSign(context, signature, &length, (const guint8 *)text, strlen(text))))
        return hex_of_bytes(signature, length);
    failed("sign", error);
    return NULL;
}

gboolean
bundle_key_signed(const bundle_key *self, const char *text, const char *hex)
{
    g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();
    g_autoptr(GByteArray) signature = hex_to_bytes(hex);

    return signature != NULL &&
           worked(EVP_DigestVerifyInit(context, NULL, EVP_sha1(), NULL, self->key)) &&
           worked(EVP_DigestVerify(context, signature->data, signature->len, (const guint8 *)text,
                                   strlen(text)));
}
