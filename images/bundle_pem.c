#include "images/bundle_pem.h"
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <sys/stat.h>

#define LEAST_BITS 1024
#define MOST_BITS 16384 /* of keys; what they make has to fit in the manifest's limits */
#define BITS 2048
#define YEARS 20
#define YEAR_S (365L * 24 * 3600)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)

/* ---- reading ---- */

/* Nobody is asked for a passphrase. */
static int
no_passphrase(char *buffer G_GNUC_UNUSED, int size G_GNUC_UNUSED, int writing G_GNUC_UNUSED,
              void *data G_GNUC_UNUSED)
{
    return -1;
}

static FILE *
open_pem(const char *path, GError **error)
{
    FILE *file = fopen(path, "re");
    struct stat info;

    if (file == NULL || fstat(fileno(file), &info) != 0) {
        error_set_errno(error, errno, "can't read %s", path);
        if (file != NULL)
            fclose(file);
        return NULL;
    }
    if (S_ISREG(info.st_mode))
        return file;
    fclose(file);
    error_set(error, ERROR_PARAMETER_VALUE, "%s is no file", path);
    return NULL;
}

/* Takes KEY. */
static EVP_PKEY *
check_rsa(EVP_PKEY *key, const char *path, const char *what, GError **error)
{
    ERR_clear_error();
    if (key == NULL)
        error_set(error, ERROR_PARAMETER_VALUE, "%s holds no %s in PEM form", path, what);
    else if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < LEAST_BITS ||
             EVP_PKEY_get_bits(key) > MOST_BITS)
        error_set(error, ERROR_PARAMETER_VALUE,
                  "the %s in %s is not of an RSA key of %d to %d bits, as bundles need", what, path,
                  LEAST_BITS, MOST_BITS);
    else
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

EVP_PKEY *
pem_read_private(const char *path, GError **error)
{
    FILE *file = open_pem(path, error);
    EVP_PKEY *key;

    if (file == NULL)
        return NULL;
    key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    fclose(file);
    return check_rsa(key, path, "private key without a passphrase", error);
}

EVP_PKEY *
pem_read_certificate(const char *path, GError **error)
{
    FILE *file = open_pem(path, error);
    g_autoptr(X509) certificate = NULL;

    if (file == NULL)
        return NULL;
    certificate = PEM_read_X509(file, NULL, no_passphrase, NULL);
    fclose(file);
    return check_rsa(certificate != NULL ? X509_get_pubkey(certificate) : NULL, path, "certificate",
                     error);
}

/* ---- HOME's own ---- */

static X509 *
certificate_new(EVP_PKEY *key, const char *name)
{
    X509 *made = X509_new();
    X509_NAME *subject = X509_get_subject_name(made);
    g_autofree char *common_name = g_strdup_printf("amilaunch %s", name);

    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), 0);
    X509_gmtime_adj(X509_getm_notAfter(made), YEARS * YEAR_S);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const guint8 *)common_name, -1, -1,
                               0);
    X509_set_issuer_name(made, subject);
    X509_set_pubkey(made, key);
    if (X509_sign(made, key, EVP_sha256()) != 0)
        return made;
    X509_free(made);
    return NULL;
}

static gboolean
write_pair(const char *path, EVP_PKEY *key, X509 *certificate, GError **error)
{
    FAILPOINT_AROUND("write");
    FILE *file = fopen(path, "wxe");
    gboolean written;

    if (file == NULL)
        return error_set_errno(error, errno, "can't make %s", path);
    written = fchmod(fileno(file), 0600) == 0 &&
              PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 &&
              PEM_write_X509(file, certificate) == 1 && fflush(file) == 0;
    if (fclose(file) != 0 || !written)
        return error_set_errno(error, errno != 0 ? errno : EIO, "can't write %s", path);
    return file_sync(path, error);
}

static gboolean
make_pair(const char *path, const char *name, GError **error)
{
    g_autoptr(EVP_PKEY) key = EVP_RSA_gen(BITS);
    g_autoptr(X509) certificate = key != NULL ? certificate_new(key, name) : NULL;

    if (certificate == NULL)
        return error_set(error, ERROR_INTERNAL, "libcrypto makes no RSA key");
    return write_pair(path, key, certificate, error);
}

/* Whoever comes first has made it; the file is whole from its first moment under this name. */
static gboolean
put_in_place(const char *unfinished, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GError) problem = NULL;
    gboolean there = file_link(unfinished, path, &problem) || g_file_test(path, G_FILE_TEST_EXISTS);

    if (!there)
        g_propagate_error(error, g_steal_pointer(&problem));
    return there && file_remove(unfinished, error) && file_sync(folder, error);
}

gboolean
pem_make(const char *path, const char *name, const char *unfinished, GError **error)
{
    return make_pair(unfinished, name, error) && put_in_place(unfinished, path, error);
}
