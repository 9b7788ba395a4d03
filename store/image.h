/* A registered image (AMI) and its block device mapping. */
#ifndef STORE_IMAGE_H
#define STORE_IMAGE_H

#include "store/store.h"

typedef enum {
    IMAGE_PENDING,
    IMAGE_AVAILABLE,
    IMAGE_FAILED,
    IMAGE_DISABLED,     /* its owner sees it, nobody launches it */
    IMAGE_DEREGISTERED, /* in the recycle bin */
} image_state;

/* Whether it can be deregistered. Any greater number is the end of the cool-down that follows a
 * protection: seconds since 1970. */
typedef enum { PROTECTION_OFF, PROTECTION_ON, PROTECTION_COOLDOWN } image_protection;

typedef enum { VIRTUALIZATION_HVM, VIRTUALIZATION_PARAVIRTUAL } virtualization;
typedef enum { ROOT_EBS, ROOT_INSTANCE_STORE } root_device_type;

extern const char *const image_state_words[];
extern const char *const virtualization_words[];
extern const char *const root_device_type_words[];

typedef struct {
    char *id;
    char *name; /* unique for its owner in its region */
    char *description;
    int state;          /* image_state */
    char *architecture; /* "x86_64", "i386", "arm64" */
    int virtualization;
    int root_device_type;
    char *root_device; /* "/dev/sda1" or "/dev/xvda" */
    char *kernel;      /* aki-..., or NULL */
    char *ramdisk;     /* ari-..., or NULL */
    char *content;     /* digest of the imported file: the key of its facts */
    char *source;      /* name of the imported file, for people */
    char *owner;
    char *region;
    gint64 created;      /* this and all times: seconds since 1970 */
    char *boot_mode;     /* "legacy-bios", "uefi", "uefi-preferred"; NULL: not said */
    char *platform;      /* "windows"; NULL for others */
    char *location;      /* a bundle's manifest, as it was registered; NULL for others */
    gint64 public;       /* everybody may launch it */
    gint64 deprecated;   /* from then on; 0: never */
    gint64 protected;    /* image_protection, or until when it can't be deregistered */
    gint64 binned;       /* since when it is in the recycle bin; 0: it isn't */
    gint64 bin_until;    /* when it leaves the bin for good */
    gint64 was_disabled; /* before it went to the bin */
    char *source_image;  /* what it is a copy of, where; NULL: it isn't one */
    char *source_region;
    gint64 operation; /* that is making it; 0 for none */
} image;

/* How an entry says that there is nothing at its device, whatever would come by itself. */
#define MAPPED_TO_NOTHING "none"

/* One entry of a block device mapping: an EBS volume (SNAPSHOT or a size), or an instance-store
 * disk (VIRTUAL_NAME). */
typedef struct {
    char *image;
    gint64 position;
    char *device;
    char *virtual_name; /* "ephemeral0", "ami" for a root on instance store, MAPPED_TO_NOTHING; NULL
                           for EBS */
    char *snapshot;
    gint64 size_gib;
    char *volume_type; /* "gp2"; NULL for instance store */
    gint64 delete_on_termination;
    gint64 encrypted;
} image_mapping;

/* Whether it is such an entry. */
gboolean image_mapping_is_nothing(const image_mapping *self);

void image_free(image *self);
void image_mapping_free(image_mapping *self);

/* Within a transaction. InvalidAMIName.Duplicate if the owner has that name in that region. */
gboolean image_insert(store *db, const image *self, GError **error);
gboolean image_mapping_insert(store *db, const image_mapping *self, GError **error);

gboolean image_update(store *db, const image *self, GError **error);

/* With its mapping. */
gboolean image_delete(store *db, const char *id, GError **error);

/* NULL with InvalidAMIID.NotFound if REGION has none with this id. The caller frees it. */
image *image_get(store *db, const char *id, const char *region, GError **error);

/* All of a region, newest first: image*. NULL on failure. */
GPtrArray *image_list(store *db, const char *region, GError **error);

/* Those for which the SQL condition WHERE (and what may follow it) holds, ?1 and on in which are
 * VALUES (char*): image*. For this folder's own use. */
GPtrArray *image_list_where(store *db, const char *where, const GPtrArray *values, GError **error);

/* All of every region whose root is of that type: image*. NULL on failure. */
GPtrArray *image_list_of_root(store *db, root_device_type type, GError **error);

/* Those that an operation is at: image*. NULL on failure. */
GPtrArray *image_list_of_operation(store *db, gint64 operation, GError **error);

/* What is in the recycle bin, of a region, the first to leave it first; and what has to leave it
 * NOW, of all: image*. NULL on failure. */
GPtrArray *image_list_binned(store *db, const char *region, GError **error);
GPtrArray *image_list_due(store *db, gint64 now, GError **error);

/* TRUE if OWNER had an image of that id in REGION, which is gone for good. */
gboolean image_was_deregistered(store *db, const char *id, const char *owner, const char *region);

/* Whether an image of any region, or in the bin, has its root on instance store, made of CONTENT.
 */
gboolean image_find_content_use(store *db, const char *content, gboolean *used, GError **error);

/* Whether an image or a live instance has its root on instance store, made of CONTENT. */
gboolean image_find_template_use(store *db, const char *content, gboolean *used, GError **error);

/* Whether an image of any region, or in the bin, or a live instance was made of CONTENT, whatever
 * its root is on. */
gboolean image_find_boot_use(store *db, const char *content, gboolean *used, GError **error);

/* The mapping of one image, in order: image_mapping*. NULL on failure. */
GPtrArray *image_mapping_list(store *db, const char *id, GError **error);

/* The mappings of each of IDS (char*), in one query: the id -> GPtrArray of image_mapping*, in
 * order; an image without one isn't in it. The caller unrefs the map, which owns all. */
GHashTable *image_mapping_list_of_many(store *db, const GPtrArray *ids, GError **error);

/* The entries of all images that name a snapshot: image_mapping*. NULL on failure. */
GPtrArray *image_mapping_list_of_snapshot(store *db, const char *id, GError **error);

/* TRUE if the owner has an image of that name in that region. */
gboolean image_name_taken(store *db, const char *owner, const char *region, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(image, image_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(image_mapping, image_mapping_free)

#endif
