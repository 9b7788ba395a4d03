/* Instance-store bundles, as a face asks for them. */
#ifndef LAUNCHER_BUNDLES_H
#define LAUNCHER_BUNDLES_H

#include "launcher/launcher.h"

/* Whose keys; NULL for those that HOME has for the asking account and the cloud, which are made
 * when they are first needed. All are PEM files. */
typedef struct {
    const char *certificate; /* the owner's; it and KEY come together when a bundle is made */
    const char *key;
    const char *cloud_certificate;
} bundle_keys;

typedef struct {
    const char *source; /* an instance's id, or a disk image's file */
    const char *folder; /* where the bundle goes */
    const char *name;   /* of its files; NULL: made from the source's */
    const char *user;   /* account; NULL: who asks */
    bundle_keys keys;
    const char *format;       /* of the file; NULL to find it safely */
    const char *architecture; /* these: NULL for the instance's, or x86_64 and none */
    const char *kernel;
    const char *ramdisk;
    const char *const *map; /* "/dev/sdb=ephemeral0" or "ephemeral0=sdb"; NULL: none more */
    int level;              /* gzip's, 1 to 9 */
    gboolean replace;       /* a bundle of that name that is there already */
} bundle_ask;

/* Bundles an instance's root or a disk image. The path of the manifest, which the caller frees;
 * NULL on failure, and nothing is left. An instance may run: an EBS root is read through a
 * snapshot, which goes afterwards; with a root on instance store the guest rests while what it has
 * written is copied. */
char *launcher_bundle(launcher *self, const bundle_ask *what, GError **error);

typedef struct {
    const char *path; /* of the manifest */
    bundle_keys keys;
    const char *output;    /* NULL: made from PATH, in the current folder */
    gboolean unsigned_too; /* a manifest that nobody signed is fine */
    gboolean replace;      /* a file that is there */
} unbundle_ask;

/* Makes a raw image of a bundle, after checking all that can be checked. Its path, which the caller
 * frees. InvalidManifest, AuthFailure; on failure nothing is left. */
char *launcher_unbundle(launcher *self, const unbundle_ask *what, GError **error);

typedef struct {
    const char *path; /* of the manifest */
    bundle_keys keys;
    const char *name; /* NULL: the manifest's */
    const char *description;
    const char *virtualization; /* NULL: paravirtual if there is a kernel image, else hvm */
    const char *root_device;    /* these: NULL for the manifest's */
    const char *architecture;
    const char *kernel;
    const char *ramdisk;
    const char *const *tags; /* of the image: see tagging.h; NULL: none */
    gboolean unsigned_too;
} bundle_register_ask;

/* Registers a bundle, of which HOME keeps a copy, as an instance-store-backed image; it is
 * unbundled at its first launch. The new image's id, which the caller frees. */
char *launcher_bundle_register(launcher *self, const bundle_register_ask *what, GError **error);

#endif
