/* The manifest of an instance-store bundle, version 2007-10-10: XML <-> struct. Pure.
 *
 * A bundle is an image in a tar of its own, gzipped, encrypted with AES-128-CBC and cut into parts.
 * The manifest has the SHA-1 of the tar and of each part; the AES key and IV, as hex text encrypted
 * with RSA for the owner and for the cloud; and an RSA-SHA1 signature over two of its own elements.
 * Source: Amazon's AMI tools (ec2-bundle-image) and what they write. */
#ifndef IMAGES_MANIFEST_H
#define IMAGES_MANIFEST_H

#include "common/error.h"

#define MANIFEST_MOST_BYTES (4 * 1024 * 1024)
#define MANIFEST_MOST_PARTS 10000
#define MANIFEST_MOST_CODES 64
#define MANIFEST_MOST_SIZE (G_GUINT64_CONSTANT(10) << 30) /* EC2's limit for such an image */

typedef struct {
    char *filename; /* a bare name */
    char *digest;   /* SHA-1, 40 hex digits, as all digests here */
} manifest_part;

typedef struct {
    char *virtual_name; /* "ami", "root", "swap", "ephemeralN" */
    char *device;       /* "/dev/sda1", whatever the manifest had */
} manifest_mapping;

typedef struct {
    char *bundler; /* what made it; these three may be NULL */
    char *bundler_version;
    char *bundler_release;

    char *architecture;
    char *kernel;             /* aki-..., NULL for none */
    char *ramdisk;            /* ari-..., NULL for none */
    GPtrArray *mapping;       /* manifest_mapping*; never NULL */
    GPtrArray *product_codes; /* char*; never NULL */

    char *name;
    char *user;           /* account */
    char *digest;         /* of the tar */
    guint64 size;         /* of the image, bytes */
    guint64 bundled_size; /* of all parts, bytes */
    char *ec2_key;        /* hex of what RSA made of the key's hex digits; so the next three */
    char *user_key;
    char *ec2_iv;
    char *user_iv;
    GPtrArray *parts; /* manifest_part*; never NULL */

    char *document;    /* all of the file that was parsed; NULL: it wasn't */
    char *signed_text; /* what the signature is over, byte for byte as in the file */
    char *signature;   /* hex; NULL: it isn't signed */
} manifest;

manifest *manifest_new(void); /* all empty, arrays made */
void manifest_free(manifest *self);
void manifest_add_part(manifest *self, const char *filename, const char *digest);
void manifest_add_mapping(manifest *self, const char *virtual_name, const char *device);

/* What the LENGTH foreign bytes at TEXT say, with every name, number and digest checked; no entity
 * is expanded, nothing is fetched. NULL with InvalidManifest. */
manifest *manifest_parse(const char *text, gsize length, GError **error);

/* Writes all but the signature; sets SIGNED_TEXT to what is to be signed. */
void manifest_seal(manifest *self);

/* The whole document of a sealed manifest. The caller frees it. */
char *manifest_document(const manifest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(manifest, manifest_free)

#endif
