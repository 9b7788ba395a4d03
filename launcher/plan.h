/* From what was asked, what is so, and what is configured to a boot plan. Pure: the same input
 * gives the same plan. */
#ifndef LAUNCHER_PLAN_H
#define LAUNCHER_PLAN_H

#include "conf/types.h"
#include "drivers/boot_plan.h"
#include "images/facts.h"
#include "store/image.h"
#include "store/instance.h"
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
    const image_facts *facts; /* NULL if the image was never looked into */
    const GPtrArray *devices; /* block_device*, the root first */
    guint64 memory_limit_mib; /* 0 for none */
    guint cpu_limit;          /* 0 for none */
    host_facts host;
} plan_input;

/* The plan, not yet bound to an instance. NULL with EC2's error where the image and the type don't
 * go together. A type that is too large for the host gives a plan with a warning: plan_fits()
 * refuses. */
boot_plan *plan_boot(const plan_input *input, GError **error);

/* FALSE with InsufficientInstanceCapacity and the way out if the host can't give PLAN its memory.
 */
gboolean plan_fits(const boot_plan *plan, const plan_input *input, GError **error);

/* Fills in what belongs to one instance: names, UUID, and the file of each disk. VOLUMES and
 * STORE_DISKS (volume*, store_disk*) are matched with the plan's disks by device name. */
void plan_bind(boot_plan *plan, const char *home, const instance *vm, const GPtrArray *volumes,
               const GPtrArray *store_disks);

#endif
