/* From what was asked, what is so, and what is configured to a boot plan. Pure: the same input
 * gives the same plan. */
#ifndef LAUNCHER_PLAN_H
#define LAUNCHER_PLAN_H

#include "conf/kernel_images.h"
#include "conf/types.h"
#include "drivers/boot_plan.h"
#include "drivers/xen_appliance.h"
#include "images/facts.h"
#include "store/image.h"
#include "store/instance.h"
#include "store/interface.h"
#include "store/snapshot.h"
#include "store/volume.h"

/* What the host can give. */
typedef struct {
    guint64 memory_mib;
    guint cpus;
    gboolean kvm; /* usable, as measured or as forced by the configuration */
    gboolean xen; /* the connection is to a host that runs Xen itself */
} host_facts;

/* How a paravirtual guest can be run: "xen", "grub", "direct", "shim"; NULL after the last. */
extern const char *const pv_words[];

typedef struct {
    const instance_type *type;
    const char *architecture;
    virtualization virtualization;
    root_device_type root_device_type;
    const char *root_device;
    const char *region;
    const char *kernel;                 /* aki-..., or NULL */
    const kernel_image *aki;            /* KERNEL's; NULL: unknown */
    const kernel_images *kernel_images; /* that there are; NULL: unknown */
    const char *ramdisk;                /* ari-..., or NULL */
    const char *pv;                     /* one of pv_words[]; NULL: the best that there is */
    const xen_appliance *appliance;     /* NULL: there is none */
    gboolean image_only;      /* it's about the image alone: what the host lacks doesn't matter */
    const char *boot_mode;    /* "legacy-bios", "uefi", "uefi-preferred"; NULL: not said */
    const image_facts *facts; /* NULL if the image was never looked into */
    const GPtrArray *devices; /* block_device*, the root first */
    guint64 memory_limit_mib; /* 0 for none */
    guint cpu_limit;          /* 0 for none */
    gboolean screens;         /* each guest gets one that can have one */
    host_facts host;
} plan_input;

/* TRUE if the image and the type go together; else EC2's error. */
gboolean plan_check(const plan_input *input, GError **error);

/* The plan, not yet bound to an instance. NULL with EC2's error where the image and the type don't
 * go together. A type that is too large for the host gives a plan with a warning: plan_fits()
 * refuses. */
boot_plan *plan_boot(const plan_input *input, GError **error);

/* FALSE if PLAN can't be run: InsufficientInstanceCapacity if the host can't give it its memory,
 * UnsupportedOperation for a kernel that nothing here can start; with the way out. */
gboolean plan_fits(const boot_plan *plan, const plan_input *input, GError **error);

/* FALSE if PLAN's guest can't have a network here. */
gboolean plan_has_network(const boot_plan *plan);

/* One instance and what it has. */
typedef struct {
    const char *home;
    const instance *vm;
    const GPtrArray *volumes;     /* volume* */
    const GPtrArray *chains;      /* for each of VOLUMES, what its file stands on: a GPtrArray of
                                     snapshot*, the nearest first */
    const GPtrArray *store_disks; /* store_disk* */
    const interface *nic;         /* NULL: none */
} plan_binding;

/* Fills in what belongs to one instance: names, UUID, and the file of each disk. Volumes and
 * instance-store disks are matched with the plan's disks by device name. */
void plan_bind(boot_plan *plan, const plan_binding *to);

/* By which alias the driver finds a volume in a guest. The caller frees it. */
char *plan_alias_of_volume(const char *id);

/* The same as plan_bind() for one new disk that is a volume's; CHAIN as in plan_binding. */
void plan_bind_volume(boot_disk *disk, const char *home, const volume *what,
                      const GPtrArray *chain);

#endif
