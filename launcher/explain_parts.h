/* The parts of explain.c, each about some links of the chain. Only for explain*.c. */
#ifndef LAUNCHER_EXPLAIN_PARTS_H
#define LAUNCHER_EXPLAIN_PARTS_H

#include "launcher/plan.h"

/* "partition 1, ext4, 1022 MiB"; "the whole disk" for 0. The caller frees it. */
char *explain_partition_text(const image_facts *facts, guint number);

/* From the firmware, or from what stands in for one, to the boot loader and what it boots. */
void explain_hvm(boot_plan *plan, const plan_input *input);
void explain_pv(boot_plan *plan, const plan_input *input);

/* PROGRAM reads MENU: the links from the boot loader to the root device. */
void explain_menu(boot_plan *plan, const plan_input *input, const char *program,
                  const loader_facts *menu);

/* What is doubtful in starting KERNEL and in its finding its root. */
void explain_kernel(boot_plan *plan, const plan_input *input, const kernel_facts *kernel);

/* The guest's hardware, if it isn't the usual; and what its fstab names. */
void explain_hardware(boot_plan *plan, const plan_input *input);
void explain_fstab(boot_plan *plan, const plan_input *input);

#endif
