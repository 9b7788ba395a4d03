/* What plans are made of in tests: a type, a mapping and the facts of an image that boots. */
#ifndef TESTS_UNIT_PHONY_PLAN_H
#define TESTS_UNIT_PHONY_PLAN_H

#include "launcher/plan.h"

typedef struct {
    instance_types *types;
    kernel_images *kernels;
    xen_appliance *appliance;
    image_facts *facts;
    GPtrArray *devices;
    plan_input input; /* points into the above; no appliance */
} phony_plan;

/* A partitioned disk with GRUB 2, on m3.medium; or a file system that is a whole disk, with a
 * menu.lst for PV-GRUB, on m1.small. Both with one kernel that has all drivers, and one volume as
 * /dev/sda1. */
void phony_plan_hvm(phony_plan *self);
void phony_plan_pv(phony_plan *self);
void phony_plan_clear(phony_plan *self);

/* Puts the image on a disk with a partition table, its first partition being the root; the menu
 * goes there, too. */
void phony_plan_partition(phony_plan *self);

/* The one kernel, and the menu that boots it. */
kernel_facts *phony_plan_kernel(phony_plan *self);
loader_facts *phony_plan_menu(phony_plan *self);

/* Replaces a text of facts by a copy of VALUE, which may be NULL. */
void phony_set(char **place, const char *value);

/* Another disk, blank if FROM, its snapshot, is NULL. */
void phony_plan_add_disk(phony_plan *self, const char *device, const char *from);

/* All that PLAN says, as text for a golden file; the caller frees it. */
char *phony_plan_text(const boot_plan *plan);

/* PLAN's warning of that NAME; NULL if it has none. */
const boot_warning *phony_plan_warning(const boot_plan *plan, const char *name);

#endif
