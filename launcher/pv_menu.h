/* Which menu.lst a paravirtual guest boots by, and where a Linux kernel's menu leads. Pure.
 * Source of the places: Amazon EC2 User Guide, "Enable your own Linux kernels". */
#ifndef LAUNCHER_PV_MENU_H
#define LAUNCHER_PV_MENU_H

#include "images/facts.h"

/* The menu.lst that PV-GRUB reads if it looks in the root disk's partitions (PARTITIONED), or in
 * the disk itself; NULL if there is none. Owned by FACTS. */
const loader_facts *pv_menu_find(const image_facts *facts, gboolean partitioned);

/* The one whose kernel FACTS name copies of, for a boot without a loader, or that might be that
 * one; NULL if there are none. */
const loader_facts *pv_menu_direct(const image_facts *facts);

/* The kernel that MENU (NULL: none) boots; NULL if nothing is known of it. */
const kernel_facts *menu_kernel(const image_facts *facts, const loader_facts *menu);

/* The value of KEY in a kernel's ARGUMENTS (NULL: none), the last if there are several; NULL if
 * there is none. The caller frees it. */
char *argument_find(const char *arguments, const char *key);

#endif
