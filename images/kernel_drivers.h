/* Where a kernel's drivers are: in itself, in its initramfs, or in modules on the root file system,
 * from the lists and the configuration that distributions put beside it. Pure: what the files hold
 * is given piece by piece, in any order. All bytes are foreign. */
#ifndef IMAGES_KERNEL_DRIVERS_H
#define IMAGES_KERNEL_DRIVERS_H

#include "images/facts.h"

typedef struct kernel_drivers kernel_drivers;

typedef enum {
    INITRAMFS_NONE,   /* the kernel boots without one, or none is known */
    INITRAMFS_UNREAD, /* what is in it is unknown */
    INITRAMFS_READ
} initramfs_state;

kernel_drivers *kernel_drivers_new(void); /* nothing known, INITRAMFS_NONE */

void kernel_drivers_add_config(kernel_drivers *self, const char *text, gsize length);
/* modules.builtin and modules.dep: paths, old ones absolute; what follows a colon is ignored. */
void kernel_drivers_add_builtin(kernel_drivers *self, const char *text, gsize length);
void kernel_drivers_add_modules(kernel_drivers *self, const char *text, gsize length);
/* A file in the initramfs; SELF is a kernel_drivers, for cpio_list.h. */
void kernel_drivers_add_initramfs_file(const char *name, gpointer self);
void kernel_drivers_set_initramfs(kernel_drivers *self, initramfs_state state);

/* Sets the drivers' places in FACTS, and, where FACTS doesn't know of Xen's entries, what the
 * configuration says of them. */
void kernel_drivers_tell(const kernel_drivers *self, kernel_facts *facts);

void kernel_drivers_free(kernel_drivers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kernel_drivers, kernel_drivers_free)

#endif
