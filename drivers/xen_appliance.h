/* The Xen appliance: a folder with a stock hypervisor, a dom0 and PV-GRUB, in which QEMU runs a
 * paravirtual guest on a host without Xen. The program make-appliance fills it; its manifest says
 * how it is to be started. */
#ifndef DRIVERS_XEN_APPLIANCE_H
#define DRIVERS_XEN_APPLIANCE_H

#include "common/error.h"

/* A file of the appliance. */
typedef struct {
    char *name;
    guint64 bytes;
} xen_appliance_file;

/* A package that it was made from. */
typedef struct {
    char *name;
    char *version;
} xen_appliance_package;

typedef struct {
    char *folder;
    char *xen;         /* the hypervisor, a multiboot kernel for QEMU */
    char *dom0_kernel; /* its first module */
    char *dom0_initrd; /* its second one */
    char *grub_hd0;    /* GRUB as a kernel for QEMU, without Xen: reads the disk's own menu.lst */
    char *grub_hd00;   /* the same, reads that of a partition */
    char *xen_cmdline;
    char *dom0_cmdline;  /* what tells dom0 of its guest comes after it */
    guint overhead_mib;  /* memory for Xen and dom0, on top of the guest's */
    char *inputs;        /* digest of what it was made from */
    char *built;         /* when: "2026-11-21T19:00:00Z" */
    GPtrArray *files;    /* xen_appliance_file* */
    GPtrArray *packages; /* xen_appliance_package* */
    guint64 bytes;       /* of all files */
} xen_appliance;

/* Where HOME's own one is; it may not be there. The caller frees it. */
char *xen_appliance_own(const char *home);

/* Where the one for everybody on this host is: $AMILAUNCH_APPLIANCE, or else in /var/lib. It may
 * not be there. The caller frees it. */
char *xen_appliance_shared(void);

/* The folder of the one that HOME's guests run by: HOME's own, else the one for everybody, if that
 * is sound and nobody but root and this user can write to it. NULL if there is none. Takes well
 * under a millisecond. The caller frees it. */
char *xen_appliance_find(const char *home);

/* What is in FOLDER: its manifest is read, and that its files are there and as long as that says.
 * Host.Incomplete if not, with what is wrong and the next step. */
xen_appliance *xen_appliance_read(const char *folder, GError **error);

void xen_appliance_free(xen_appliance *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xen_appliance, xen_appliance_free)

#endif
