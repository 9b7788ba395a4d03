/* Instance types: what a virtual machine of each type has, as EC2 describes them. */
#ifndef CONF_TYPES_H
#define CONF_TYPES_H

#include "conf/settings.h"
#include "conf/words.h"

/* Sets of these are kept in a guint. */
enum { ARCHITECTURE_I386 = 1, ARCHITECTURE_X86_64 = 2, ARCHITECTURE_ARM64 = 4 };
enum { TYPE_HVM = 1, TYPE_PARAVIRTUAL = 2 };
enum { TYPE_ROOT_EBS = 1, TYPE_ROOT_INSTANCE_STORE = 2 };
enum { BOOT_MODE_LEGACY_BIOS = 1, BOOT_MODE_UEFI = 2 };

typedef enum {
    HYPERVISOR_NITRO,
    HYPERVISOR_XEN,
    HYPERVISOR_NONE /* bare metal */
} type_hypervisor;

/* How EC2 and instance-types.conf spell them, in the order in which they are listed. */
extern const word type_architectures[];
extern const word type_virtualizations[];
extern const word type_roots[];
extern const word type_boot_modes[];
extern const word type_hypervisors[];

/* Plain facts, owned by the instance_types they come from. */
typedef struct {
    char *name;   /* "m3.medium" */
    char *family; /* "m3" */
    guint vcpus;
    guint memory_mib;
    guint architectures;  /* ARCHITECTURE_... */
    guint virtualization; /* TYPE_HVM, ... */
    guint roots;          /* TYPE_ROOT_...: devices that may hold the root */
    guint boot_modes;     /* BOOT_... */
    type_hypervisor hypervisor;
    gboolean bare_metal;
    guint store_count; /* instance-store disks; 0: none */
    guint store_gb;    /* the size of each, in 10^9 bytes */
    gboolean store_ssd;
    gboolean store_nvme;      /* the guest sees them as NVMe devices */
    gboolean store_formatted; /* the first has a file system (ext3) */
    guint swap_mb;            /* instance-store swap (ephemeral sda3), in 10^6 bytes; 0: none */
    gboolean hibernation;
    gboolean current_generation;
    guint max_ebs; /* EBS volumes that can be attached at once */
} instance_type;

typedef struct instance_types instance_types;

/* Reads a file of instance types (conf/instance-types.conf explains the form). NULL with
 * ERROR_CONFIG, "FILE:LINE: ...", if anything in it isn't right. The caller frees the result. */
instance_types *instance_types_load(const char *path, GError **error);

/* SELF may be NULL. */
void instance_types_free(instance_types *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(instance_types, instance_types_free)

/* The type called NAME; if NAME is a family ("m3"), the smallest of it: the fewest vCPUs, then the
 * least memory. NULL with ERROR_PARAMETER_VALUE and a hint if there is none. */
const instance_type *instance_types_find(const instance_types *self, const char *name,
                                         GError **error);

/* How many there are, and the one at INDEX: by family (m3, m4, ... m10), the smallest first. */
guint instance_types_count(const instance_types *self);
const instance_type *instance_types_at(const instance_types *self, guint index);

/* The file to load: what the settings say, else instance-types.conf in $AMILAUNCH_DATADIR, in
 * conf/ beside the running program (as it is built), or where it is installed. The caller frees
 * it. */
char *instance_types_path(const settings *chosen);

#endif
