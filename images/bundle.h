/* Instance-store bundles as a whole: a manifest and its parts in a folder. */
#ifndef IMAGES_BUNDLE_H
#define IMAGES_BUNDLE_H

#include "common/progress.h"
#include "images/bundle_key.h"
#include "images/manifest.h"

/* ---- making one ---- */

typedef struct {
    const char *image;        /* raw */
    const char *folder;       /* where it is made; empty */
    const bundle_key *owner;  /* signs */
    const bundle_key *opener; /* who can open it: the public half of the owner's ... */
    const bundle_key *cloud;  /* ... and the cloud's */
    int level;                /* gzip's */
    progress *listener;
} bundle_request;

/* TRUE if NAME can be the first part of its files' names; else InvalidParameterValue. */
gboolean bundle_name_check(const char *name, GError **error);

/* Writes all parts, then the manifest, of WHAT, whose NAME, USER, ARCHITECTURE, KERNEL, RAMDISK and
 * mapping are set. The manifest is there only if all else is, too. On failure files may be left in
 * FOLDER. */
gboolean bundle_make(const bundle_request *request, manifest *what, GError **error);

/* The name of its manifest's file. The caller frees it. */
char *bundle_manifest_name(const char *name);

/* TRUE if FOLDER has no file that a bundle NAME would have; else InvalidParameterValue. */
gboolean bundle_is_absent(const char *folder, const char *name, GError **error);

typedef enum {
    BUNDLE_WHOLE,  /* it is in its place */
    BUNDLE_UNDONE, /* nothing is left of it, and what was there is as it was; the error says why */
    BUNDLE_STUCK,  /* neither is possible now */
} bundle_fate;

/* Moves a bundle NAME from the folder SCRATCH, which goes then, into FOLDER, the manifest last;
 * with REPLACE in place of one that is there, else it is undone if there is any file of its names
 * that isn't its own. Where it was cut off, it goes on, for which REPLACE had better be FALSE: what
 * is there may have come since. A bundle whose manifest isn't there yet is undone. */
bundle_fate bundle_publish(const char *scratch, const char *folder, const char *name,
                           gboolean replace, GError **error);

/* ---- opening one ---- */

/* TRUE if one of SIGNERS (bundle_key*) signed WHAT, or if it isn't signed and UNSIGNED_TOO; else
 * InvalidManifest. */
gboolean bundle_check_signature(const manifest *what, const GPtrArray *signers,
                                gboolean unsigned_too, GError **error);

/* The AES key and IV, as hex, by the first of KEYS (bundle_key*) that opens them. The caller frees
 * both. AuthFailure if none does. */
gboolean bundle_open(const manifest *what, const GPtrArray *keys, char **key, char **iv,
                     GError **error);

#endif
