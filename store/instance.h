/* An instance: what was launched, and how it is. */
#ifndef STORE_INSTANCE_H
#define STORE_INSTANCE_H

#include "store/store.h"

typedef enum {
    INSTANCE_PENDING,
    INSTANCE_RUNNING,
    INSTANCE_SHUTTING_DOWN,
    INSTANCE_TERMINATED,
    INSTANCE_STOPPING,
    INSTANCE_STOPPED,
} instance_state;

typedef enum { ON_SHUTDOWN_STOP, ON_SHUTDOWN_TERMINATE } shutdown_behavior;

/* Of a stopped instance. */
typedef enum {
    HIBERNATED_NO,
    HIBERNATED_MEMORY, /* by the host: its memory is in its folder, and a start restores it */
    HIBERNATED_GUEST,  /* by the guest (ACPI S4): its memory is on its own disk, and it resumes
                          itself */
} hibernated_how;

/* The metadata service: with or without a token, with one only, or not at all. */
typedef enum { IMDS_OPTIONAL, IMDS_REQUIRED, IMDS_DISABLED } imds_access;

extern const char *const instance_state_words[];
extern const char *const imds_words[];
extern const char *const shutdown_behavior_words[];
extern const char *const hibernated_words[];

typedef struct {
    char *id;
    char *reservation;
    gint64 launch_index; /* among the instances of its reservation */
    char *uuid;          /* of its domain; begins with "ec2" */
    char *image;
    char *type;
    int state;            /* instance_state */
    char *reason_code;    /* why it is in this state, e.g. "Client.UserInitiatedShutdown" */
    char *reason_message; /* the same for people */
    char *transition;     /* "User initiated (2013-12-31 23:59:59 UTC)" */
    gint64 created;       /* the run that made it */
    gint64 launched;      /* the last run or start */
    gint64 starts;        /* how often it was started: tells one life of its guest from the next */
    gint64 ended;         /* since when it is terminated; 0 before */
    gint64 stop_deadline; /* while stopping: when patience ends */
    gint64 stop_pressed;  /* while stopping: whether the guest has been told */
    char *host_boot;      /* the host's boot id at the last start */
    char *owner;
    char *region;
    char *zone;
    char *architecture;
    int virtualization;
    int root_device_type;
    char *root_device;
    char *kernel;    /* aki-..., or NULL */
    char *pv;        /* how it is to be run if it is paravirtual, e.g. "xen"; NULL: the best that
                        there is */
    char *boot_mode; /* its image's; NULL: not said */
    char *content;   /* digest of what its image was made from: the key of its facts */
    int shutdown_behavior;
    gint64 memory_limit_mib; /* cap on what the guest really gets; 0 for none */
    gint64 operation;        /* under way on it; 0 for none */
    char *ramdisk;           /* ari-..., or NULL */
    gint64 ebs_optimized;
    gint64 no_api_termination; /* disableApiTermination: `terminate` is refused */
    gint64 no_api_stop;        /* disableApiStop: `stop` and `terminate` are refused */
    gint64 hibernation_configured;
    int hibernated;        /* hibernated_how */
    char *saved_by;        /* which QEMU saved the memory; NULL unless HIBERNATED_MEMORY */
    char *store_mapping;   /* the instance-store disks that a mapping named, as mapping.h has it;
                              NULL: all that its type has */
    char *key_name;        /* of its key pair; NULL: none */
    char *public_key;      /* of that, in one line of OpenSSH's format */
    int imds;              /* imds_access */
    gint64 imds_hop_limit; /* 1 to 64 */
    gint64 imds_tags;      /* its tags can be read there */
    gint64 seed;           /* it has a disk that tells it what the metadata service would */
} instance;

#define STORE_ROOT_POSITION (-1)

/* An instance-store disk of an instance. Its file lives in the instance's folder. */
typedef struct {
    char *instance;
    gint64 position; /* N of ephemeralN; STORE_ROOT_POSITION for a root on instance store */
    char *device;
    char *virtual_name;
    gint64 size;   /* bytes */
    gint64 mapped; /* a mapping named it; else it came with the type */
} store_disk;

void instance_free(instance *self);
void store_disk_free(store_disk *self);

gboolean instance_insert(store *db, const instance *self, GError **error);
gboolean instance_update(store *db, const instance *self, GError **error);
gboolean instance_delete(store *db, const char *id, GError **error);
gboolean store_disk_insert(store *db, const store_disk *self, GError **error);

/* NULL with InvalidInstanceID.NotFound if there is none. The caller frees it. */
instance *instance_get(store *db, const char *id, GError **error);

/* All, in the order in which they were run: instance*. NULL on failure. */
GPtrArray *instance_list(store *db, GError **error);
GPtrArray *instance_list_of_operation(store *db, gint64 operation, GError **error);

/* An instance's instance-store disks, in order: store_disk*. NULL on failure. */
GPtrArray *store_disk_list(store *db, const char *instance, GError **error);

gboolean store_disk_delete_all(store *db, const char *instance, GError **error);

/* An instance's user data in base64, or NULL without an error if it has none; the caller frees it.
 * Setting NULL takes it away. */
char *user_data_get(store *db, const char *instance, GError **error);
gboolean user_data_set(store *db, const char *instance, const char *base64, GError **error);

/* Forgets the instances that were terminated before WHEN. */
gboolean instance_forget_ended(store *db, gint64 when, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(instance, instance_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store_disk, store_disk_free)

#endif
