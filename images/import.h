/* From a disk image on somebody's machine to a registered image (AMI) over an immutable snapshot,
 * or over a template if its root is on instance store. */
#ifndef IMAGES_IMPORT_H
#define IMAGES_IMPORT_H

#include "common/progress.h"
#include "conf/kernel_images.h"
#include "images/facts.h"
#include "store/image.h"
#include "store/store.h"

/* What the person asked; NULL means as found, or the default. */
typedef struct {
    const char *path;   /* the file, or its http or https address */
    const char *format; /* stated format, or NULL to find it safely */
    const char *name;   /* NULL: made from the file's name */
    const char *description;
    const char *architecture;     /* "x86_64", "i386", "arm64" */
    const char *virtualization;   /* "hvm" or "paravirtual" */
    const char *root_device_type; /* "ebs" or "instance-store"; NULL: ebs */
    const char *root_device;      /* NULL: /dev/sda1 */
    const char *kernel;           /* aki-...; NULL: the region's newest that fits the disk */
    const char *const *tags;      /* for the engine, which gives them as import_context.tags */
    const char *checksum;         /* of the file: see checksum.h */
    const char *checksums;        /* a file, or its address, with that of many files; NULL: none */
} import_request;

/* For whom and how. */
typedef struct {
    store *db;
    const char *home;
    const char *owner;
    const char *region;
    const GPtrArray *tags;        /* tag* that the image gets; NULL: none */
    const kernel_images *kernels; /* of which a paravirtual image gets one; NULL: none */
    gboolean force_tcg;           /* for the inspection's appliance */
    progress *listener;
    guint64 download_limit; /* as fetch_context has these three */
    guint download_timeout_s;
    guint download_retries;
} import_context;

/* TRUE if an image can have this name; else InvalidAMIName.Malformed. */
gboolean image_name_check(const char *name, GError **error);

/* Imports and registers. The new image's id, which the caller frees. On failure NULL, and nothing
 * is left: InvalidParameterValue or InvalidFormat for what can't be an image, BadDigest for one
 * that isn't as its checksum says, InvalidAMIName.*, Host.*. Only what a next try can use stays of
 * a file that comes from the web: see fetch.h.
 *
 * The content is copied with every format stated; a file whose content was imported before isn't
 * looked into again. */
char *image_import(const import_context *context, const import_request *request, GError **error);

/* Takes back what an interrupted import (OPERATION, adopted) has done, and ends it. */
gboolean image_import_undo(store *db, const char *home, gint64 operation, GError **error);

#endif
