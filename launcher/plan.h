/* From what was asked, what is so, and what is configured to a boot plan. Pure: the same input
 * gives the same plan. */
#ifndef LAUNCHER_PLAN_H
#define LAUNCHER_PLAN_H

#include "conf/types.h"
#include "drivers/boot_plan.h"
#include "images/facts.h"
#include "store/image.h"
#include "store/instance.h"
#include "store/snapshot.h"
#include "store/volume.h"

/* What the host can give. */
typedef struct {
    guint64 memory_mib;
    guint cpus;
    gboolean kvm; /* usable, as measured or as forced by the configuration */
} host_facts;

typedef struct {
    const instance_type *type;
    const char *architecture;
    virtualization virtualization;
    root_device_type root_device_type;
    const char *root_device;
    const char *kernel;       /* aki-..., or NULL */
    const char *boot_mode;    /* "legacy-bios", "uefi", "uefi-preferred"; NULL: not said */
    const image_facts *facts; /* NULL if the image was never looked into */
    const GPtrArray *devices; /* block_device*, the root first */
    guint64 memory_limit_mib; /* 0 for none */
    guint cpu_limit;          /* 0 for none */
    host_facts host;
} plan_input;

/* TRUE if the image and the type go together; else EC2's error. */
gboolean plan_check(const plan_input *input, GError **error);

/* The plan, not yet bound to an instance. NULL with EC2's error where the image and the type don't
 * go together. A type that is too large for the host gives a plan with a warning: plan_fits()
 * refuses. */
boot_plan *plan_boot(const plan_input *input, GError **error);

/* FALSE with InsufficientInstanceCapacity and the way out if the host can't give PLAN its memory.
 */
gboolean plan_fits(const boot_plan *plan, const plan_input *input, GError **error);

/* One instance and what it has. */
typedef struct {
    const char *home;
    const instance *vm;
    const GPtrArray *volumes;     /* volume* */
    const GPtrArray *chains;      /* for each of VOLUMES, what its file stands on: a GPtrArray of
                                     snapshot*, the nearest first */
    const GPtrArray *store_disks; /* store_disk* */
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
