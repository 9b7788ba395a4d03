#include "images/public_key.h"
#include "common/error.h"
#include "images/bundle_pem.h"
#include "images/ssh_blob.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#define RSA "ssh-rsa"
#define ED25519 "ssh-ed25519"
#define SSH2_BEGIN "---- BEGIN SSH2 PUBLIC KEY ----"
#define SSH2_END "---- END SSH2 PUBLIC KEY ----"
#define PEM_BEGIN "-----BEGIN "
#define NAME_MOST 64 /* of a kind of key that isn't taken, in a message */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OSSL_DECODER_CTX, OSSL_DECODER_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)

void
public_key_free(public_key *self)
{
    if (self == NULL)
        return;
    g_free(self->line);
    g_free(self->fingerprint);
    g_free(self);
}

static gpointer
refuse(GError **error, const char *why)
{
    error_set(error, ERROR_KEY_FORMAT,
              "Key is not in valid OpenSSH public key format: %s. It is the file that ssh-keygen "
              "names .pub, one line",
              why);
    return NULL;
}

/* ---- fingerprints ---- */

/* "1f:51:ae:..." */
static char *
digest_with_colons(GChecksumType kind, const guint8 *bytes, gsize length)
{
    g_autofree char *hex = g_compute_checksum_for_data(kind, bytes, length);
    GString *text = g_string_new("");

    for (gsize i = 0; hex[i] != '\0'; i += 2)
        g_string_append_printf(text, "%s%.2s", i > 0 ? ":" : "", hex + i);
    return g_string_free(text, FALSE);
}

static char *
sha256_base64(const GByteArray *blob)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize length = sizeof digest;

    g_checksum_update(sum, blob->data, (gssize)blob->len);
    g_checksum_get_digest(sum, digest, &length);
    return g_base64_encode(digest, length);
}

static char *
fingerprint_of_rsa(const EVP_PKEY *key)
{
    guint8 *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    char *text = length > 0 ? digest_with_colons(G_CHECKSUM_MD5, der, (gsize)length) : NULL;

    OPENSSL_free(der);
    return text;
}

char *
public_key_fingerprint_made(const char *path, GError **error)
{
    g_autoptr(EVP_PKEY) key = pem_read_private(path, error);
    g_autoptr(PKCS8_PRIV_KEY_INFO) info = key != NULL ? EVP_PKEY2PKCS8(key) : NULL;
    guint8 *der = NULL;
    int length;
    char *text;

    if (key == NULL)
        return NULL;
    length = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;
    if (length <= 0) {
        error_set(error, ERROR_INTERNAL, "libcrypto can't encode the RSA key in %s", path);
        return NULL;
    }
    text = digest_with_colons(G_CHECKSUM_SHA1, der, (gsize)length);
    OPENSSL_clear_free(der, (gsize)length);
    return text;
}

/* ---- what a key is ---- */

static public_key *
key_new(key_type type, const char *name, const GByteArray *blob, char *fingerprint)
{
    public_key *self = g_new0(public_key, 1);
    g_autofree char *base64 = g_base64_encode(blob->data, blob->len);

    self->type = type;
    self->line = g_strconcat(name, " ", base64, NULL);
    self->fingerprint = fingerprint;
    return self;
}

static public_key *
key_of_rsa(const GByteArray *blob, GError **error)
{
    g_autoptr(EVP_PKEY) key = ssh_blob_to_rsa(blob);
    int bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;
    char *fingerprint;

    if (key == NULL)
        return refuse(error, "its numbers are no RSA key of at most 4096 bits");
    if (bits != 1024 && bits != 2048 && bits != 4096)
        return refuse(error, "an RSA key must have 1024, 2048 or 4096 bits");
    fingerprint = fingerprint_of_rsa(key);
    return fingerprint != NULL ? key_new(KEY_RSA, RSA, blob, fingerprint)
                               : refuse(error, "the key can't be encoded");
}

static gpointer
refuse_kind(const char *name, GError **error)
{
    g_autofree char *short_name = g_strndup(name, NAME_MOST);
    g_autofree char *clean = g_utf8_make_valid(short_name, -1);
    g_autofree char *why = NULL;

    for (char *at = clean; *at != '\0'; at++)
        if (g_ascii_iscntrl(*at))
            *at = '?';
    why = g_strdup_printf("keys are of type ssh-rsa or ssh-ed25519, this is '%s'", clean);
    return refuse(error, why);
}

static public_key *
key_of_blob(const GByteArray *blob, GError **error)
{
    g_autofree char *name = ssh_blob_name(blob);

    if (name == NULL)
        return refuse(error, "its base64 part holds no key");
    if (g_str_equal(name, ED25519))
        return ssh_blob_is_ed25519(blob) ? key_new(KEY_ED25519, ED25519, blob, sha256_base64(blob))
                                         : refuse(error, "it is cut off, or too long");
    return g_str_equal(name, RSA) ? key_of_rsa(blob, error) : refuse_kind(name, error);
}

/* ---- base64 ---- */

static public_key *
key_of_base64(const char *text, GError **error)
{
    g_autoptr(GByteArray) blob = ssh_blob_decode(text);

    return blob != NULL ? key_of_blob(blob, error) : refuse(error, "its base64 part is damaged");
}

/* ---- forms ---- */

/* An RSA key in PEM or DER, whose numbers are then looked at as any other's. */
static public_key *
key_of_der(const guint8 *data, gsize length, GError **error)
{
    EVP_PKEY *found = NULL;
    g_autoptr(OSSL_DECODER_CTX) decoder =
        OSSL_DECODER_CTX_new_for_pkey(&found, NULL, NULL, "RSA", EVP_PKEY_PUBLIC_KEY, NULL, NULL);
    gboolean read = decoder != NULL && OSSL_DECODER_from_data(decoder, &data, &length) == 1;
    g_autoptr(EVP_PKEY) key = found;
    g_autoptr(GByteArray) blob = read && key != NULL ? ssh_blob_of_rsa(key) : NULL;

    ERR_clear_error();
    return blob != NULL ? key_of_blob(blob, error)
                        : refuse(error, "it is no RSA public key in PEM or DER form");
}

/* The part behind a line's options, which may have blanks between quotes. */
static const char *
behind_options(const char *line)
{
    gboolean quoted = FALSE;

    for (; *line != '\0' && (quoted || !g_ascii_isspace(*line)); line++) {
        if (line[0] == '\\' && line[1] == '"')
            line++;
        else if (*line == '"')
            quoted = !quoted;
    }
    return line + strspn(line, " \t");
}

static gboolean
begins_with_type(const char *text)
{
    return g_str_has_prefix(text, "ssh-") || g_str_has_prefix(text, "ecdsa-") ||
           g_str_has_prefix(text, "sk-");
}

static public_key *
key_of_line(const char *line, GError **error)
{
    const char *key = begins_with_type(line) ? line : behind_options(line);
    g_auto(GStrv) words = g_strsplit_set(key, " \t", 0);
    const char *base64 = NULL;
    g_autoptr(public_key) made = NULL;

    if (!begins_with_type(key))
        return refuse(error, "it doesn't say what type of key it is");
    for (gsize i = 1; words[i] != NULL && base64 == NULL; i++)
        base64 = *words[i] != '\0' ? words[i] : NULL;
    if (!g_str_equal(words[0], RSA) && !g_str_equal(words[0], ED25519))
        return refuse_kind(words[0], error);
    if (base64 == NULL)
        return refuse(error, "nothing follows its type");
    made = key_of_base64(base64, error);
    if (made != NULL && !g_str_equal(words[0], made->type == KEY_RSA ? RSA : ED25519))
        return refuse(error, "its type isn't that of its base64 part");
    return g_steal_pointer(&made);
}

/* A header is "Tag: value", and goes on in the next line after a backslash. */
static public_key *
key_of_ssh2(char **lines, GError **error)
{
    g_autoptr(GString) base64 = g_string_new("");
    gboolean header = FALSE;
    gsize i = 1;

    for (; lines[i] != NULL && !g_str_equal(lines[i], SSH2_END); i++) {
        if (header || strchr(lines[i], ':') != NULL)
            header = g_str_has_suffix(lines[i], "\\");
        else
            g_string_append(base64, lines[i]);
    }
    return lines[i] != NULL ? key_of_base64(base64->str, error)
                            : refuse(error, "its end is missing");
}

/* DER, if all of it is base64 and nothing else; or one line of OpenSSH's. */
static public_key *
key_of_lines(char **lines, GError **error)
{
    g_autofree char *text = g_strjoinv("", lines);
    g_autoptr(GByteArray) der = ssh_blob_decode(text);

    if (der != NULL)
        return key_of_der(der->data, der->len, error);
    if (lines[1] != NULL)
        return refuse(error, "it has more than one key, or one that is broken into lines");
    return key_of_line(lines[0], error);
}

/* The lines of TEXT that say something, without blanks around them. */
static char **
lines_of(const char *text)
{
    g_auto(GStrv) all = g_strsplit_set(text, "\r\n", -1);
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();

    for (gsize i = 0; all[i] != NULL; i++) {
        const char *line = g_strstrip(all[i]);
        if (*line != '\0' && *line != '#')
            g_strv_builder_add(kept, line);
    }
    return g_strv_builder_end(kept);
}

static public_key *
key_of_text(const char *text, GError **error)
{
    g_auto(GStrv) lines = lines_of(text);

    if (lines[0] == NULL)
        return refuse(error, "it is empty");
    if (strstr(text, "PRIVATE KEY") != NULL)
        return refuse(error, "this is a private key, which nobody else should have (ssh-keygen -y "
                             "-f FILE prints its public half)");
    if (g_str_equal(lines[0], SSH2_BEGIN))
        return key_of_ssh2(lines, error);
    if (g_str_has_prefix(lines[0], PEM_BEGIN))
        return key_of_der((const guint8 *)text, strlen(text), error);
    return key_of_lines(lines, error);
}

public_key *
public_key_parse(const guint8 *data, gsize length, GError **error)
{
    g_autofree char *text = NULL;

    if (length > PUBLIC_KEY_MOST)
        return refuse(error, "it is too large");
    if (memchr(data, '\0', length) != NULL)
        return refuse(error, "it is no text");
    text = g_strndup((const char *)data, length);
    return key_of_text(text, error);
}
