/* All that is known before something boots: the image, the type, the mapping, the host, the plan.
 */
#ifndef LAUNCHER_LAUNCH_H
#define LAUNCHER_LAUNCH_H

#include "launcher/internal.h"
#include "launcher/plan.h"

typedef struct {
    image_view *source;        /* NULL on start: the instance outlives its image */
    image_facts *facts;        /* for start only; else SOURCE has them */
    const instance_type *type; /* the launcher's */
    GPtrArray *devices;        /* block_device*, the root first */
    xen_appliance *appliance;  /* NULL: there is none, or none is needed */
    char *store_mapping;       /* for a new instance: see mapping_of_launch() */
    plan_input input;          /* points into the above */
    boot_plan *plan;           /* NULL once somebody has taken it */
} launch;

/* For a new instance. EC2's errors for what doesn't go together. */
launch *launch_of_request(launcher *self, const run_request *request, GError **error);

/* TRUE if the image of WHAT can still be launched and the snapshots are still there, as they were
 * when it was made: another command may have taken them away since. To be called within the
 * transaction that records who uses them. */
gboolean launch_is_still_right(launcher *self, const launch *what, GError **error);

/* For an instance that was stopped, on its own volumes and its type's fresh instance-store disks.
 */
launch *launch_of_instance(launcher *self, const instance *vm, const GPtrArray *volumes,
                           GError **error);

/* The plan that WHAT had once more, bound to nothing: each instance of a launch has its own. */
boot_plan *launch_plan_again(launcher *self, const launch *what, GError **error);

/* Binds PLAN, WHAT's or another of it, to VM with its volumes and instance-store disks (volume*,
 * store_disk*), whose files have to be there: Host.Disk names one that isn't. NIC may be NULL. */
gboolean launch_bind(launcher *self, boot_plan *plan, const instance *vm, const GPtrArray *volumes,
                     const GPtrArray *store_disks, const interface *nic, GError **error);

/* TRUE if the files of a bound disk are there, each standing on the one that the records say; else
 * Host.Disk or Host.Incomplete names the one that isn't. */
gboolean launch_check_disk(const boot_disk *disk, GError **error);

void launch_free(launch *self);

/* What the host can give, by measurement and configuration. The verdict about KVM is measured once
 * for each boot of the host. */
gboolean host_look(launcher *self, host_facts *facts, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(launch, launch_free)

#endif
