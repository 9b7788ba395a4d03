#include "images/identity.h"
#include "common/error.h"
#include "common/files.h"
#include "images/bundle_pem.h"
#include "images/home.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define NAME "instance identity"
#define LINE 64 /* of base64 */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PKCS7, PKCS7_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

void
identity_free(identity *self)
{
    if (self == NULL)
        return;
    EVP_PKEY_free(self->key);
    X509_free(self->certificate);
    g_free(self);
}

/* ---- its files ---- */

/* Nobody else makes the key until it is closed. -1 on failure. */
static int
lock(const char *home, GError **error)
{
    int folder = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = -1;

    while (folder >= 0 && (result = flock(folder, LOCK_EX)) != 0 && errno == EINTR)
        ;
    if (result == 0)
        return folder;
    error_set_errno(error, errno, "can't lock %s", home);
    if (folder >= 0)
        close(folder);
    return -1;
}

/* What was never whole is made anew. */
static gboolean
make_key(const char *home, const char *path, GError **error)
{
    g_autofree char *unfinished = g_strconcat(path, ".new", NULL);
    int locked = lock(home, error);
    gboolean made;

    if (locked < 0)
        return FALSE;
    made = file_remove(unfinished, error) &&
           (g_file_test(path, G_FILE_TEST_EXISTS) || pem_make(path, NAME, unfinished, error));
    close(locked);
    return made;
}

static X509 *
read_certificate(const char *path, GError **error)
{
    FILE *file = fopen(path, "re");
    X509 *certificate;

    if (file == NULL) {
        error_set_errno(error, errno, "can't read %s", path);
        return NULL;
    }
    certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    ERR_clear_error();
    if (certificate == NULL)
        error_set(error, ERROR_HOST_DISK,
                  "%s holds no certificate: move it away, and another is made", path);
    return certificate;
}

static char *
certificate_text(X509 *certificate)
{
    g_autoptr(BIO) memory = BIO_new(BIO_s_mem());
    char *text = NULL;
    long length;

    if (memory == NULL || PEM_write_bio_X509(memory, certificate) != 1)
        return NULL;
    length = BIO_get_mem_data(memory, &text);
    return g_strndup(text, (gsize)length);
}

static gboolean
show_certificate(const char *home, X509 *certificate, GError **error)
{
    g_autofree char *path = home_identity_path(home);
    g_autofree char *text = NULL;
    g_autoptr(GError) problem = NULL;

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    text = certificate_text(certificate);
    if (text == NULL)
        return error_set(error, ERROR_INTERNAL, "libcrypto can't write a certificate");
    return g_file_set_contents(path, text, -1, &problem) ||
           error_set(error, ERROR_HOST_DISK, "%s", problem->message);
}

identity *
identity_open(const char *home, GError **error)
{
    g_autoptr(identity) self = g_new0(identity, 1);
    g_autofree char *path = home_identity_key_path(home);

    if (!make_key(home, path, error))
        return NULL;
    self->key = pem_read_private(path, error);
    self->certificate = self->key != NULL ? read_certificate(path, error) : NULL;
    if (self->certificate == NULL || !show_certificate(home, self->certificate, error))
        return NULL;
    return g_steal_pointer(&self);
}

/* ---- signatures ---- */

static char *
base64_lines(const guint8 *bytes, gsize length)
{
    g_autofree char *text = g_base64_encode(bytes, length);
    gsize digits = strlen(text);
    GString *lines = g_string_new(NULL);

    for (gsize at = 0; at < digits; at += LINE) {
        g_string_append_len(lines, text + at, (gssize)MIN(LINE, digits - at));
        if (at + LINE < digits)
            g_string_append_c(lines, '\n');
    }
    return g_string_free(lines, FALSE);
}

static char *
sign_alone(const identity *self, const char *text)
{
    g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();
    size_t length = (size_t)EVP_PKEY_get_size(self->key);
    g_autofree guint8 *signature = g_malloc(length);

    if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, self->key) != 1 ||
        EVP_DigestSign(context, signature, &length, (const guint8 *)text, strlen(text)) != 1)
        return NULL;
    return base64_lines(signature, length);
}

static char *
sign_around(const identity *self, const char *text)
{
    g_autoptr(BIO) content = BIO_new_mem_buf(text, -1);
    g_autoptr(PKCS7) data = PKCS7_sign(self->certificate, self->key, NULL, content,
                                       PKCS7_BINARY | PKCS7_NOCERTS | PKCS7_NOSMIMECAP);
    guint8 *bytes = NULL;
    int length = data != NULL ? i2d_PKCS7(data, &bytes) : -1;
    char *lines = length > 0 ? base64_lines(bytes, (gsize)length) : NULL;

    OPENSSL_free(bytes);
    return lines;
}

char *
identity_sign(const identity *self, identity_form form, const char *text)
{
    char *signature = form == IDENTITY_PKCS7 ? sign_around(self, text) : sign_alone(self, text);

    ERR_clear_error();
    return signature;
}

char *
identity_secret(const identity *self, const char *purpose)
{
    guint8 *bytes = NULL;
    int length = i2d_PrivateKey(self->key, &bytes);
    char *secret = NULL;

    if (length > 0)
        secret = g_compute_hmac_for_string(G_CHECKSUM_SHA256, bytes, (gsize)length, purpose, -1);
    OPENSSL_clear_free(bytes, length > 0 ? (size_t)length : 0);
    ERR_clear_error();
    return secret;
}
