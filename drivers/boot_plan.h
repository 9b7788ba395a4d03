/* What a driver consumes: everything about one guest's hardware and the way it boots, as plain data
 * that can be printed, compared and explained. No handles, no images, no EC2 rules. */
#ifndef DRIVERS_BOOT_PLAN_H
#define DRIVERS_BOOT_PLAN_H

#include "drivers/disk_bus.h"

typedef enum {
    BOOT_BIOS,    /* firmware runs the boot code in the first disk's MBR */
    BOOT_UEFI,    /* OVMF runs what is in the EFI system partition, or in its variables */
    BOOT_XEN,     /* paravirtual, under Xen in an appliance: PV-GRUB reads the image's menu.lst */
    BOOT_GRUB,    /* GRUB, started as a kernel, reads the image's menu.lst; not paravirtual */
    BOOT_DIRECT,  /* the menu's kernel, started without a loader; not paravirtual */
    BOOT_SHIM,    /* paravirtual, by KVM's Xen emulation and Xen's PV shim */
    BOOT_XEN_HOST /* paravirtual, on a host that runs Xen itself */
} boot_kind;

typedef enum { NIC_VIRTIO, NIC_E1000 } nic_model;

/* A file of qcow2 that a disk is made of. */
typedef struct {
    char *path;
    char *secret;      /* UUID of its LUKS passphrase; NULL: not encrypted */
    char *secret_file; /* file that holds the passphrase */
} boot_layer;

/* A disk of the guest, in the order in which the guest finds them; the first is the root. */
typedef struct {
    char *device;       /* the mapping's name: "/dev/sda1" */
    char *target;       /* as a bus address: "vda" */
    char *guest;        /* what a Linux guest will most likely call it: "/dev/vda" */
    char *origin;       /* "snap-...", "ephemeral0", "ami" for a root on instance store */
    guint64 size;       /* bytes */
    gboolean encrypted; /* for people; the driver looks at SECRET */
    gboolean read_only;
    gboolean store; /* a blank instance-store disk: nobody expects it to outlive a crash */
    char *alias;    /* by which the driver finds it in a running guest: "ua-vol-..." */
    char *path;     /* file; NULL until the disk exists */
    char *format;   /* of the file: "qcow2", "raw" */
    char *secret;   /* UUID of the file's LUKS passphrase; NULL: not encrypted */
    char *secret_file;
    GPtrArray *layers; /* boot_layer*: what the file stands on, the nearest first; all qcow2 */
    char *serial;      /* that the guest can read; at most 20 characters */
} boot_disk;

/* The chain's links, in boot order; a chain has those that its kind of boot goes through. A guest
 * stops in the last link that it reached: firmware that finds no bootable disk stops in firmware, a
 * loader without its menu in the boot loader, and one whose menu names a kernel that isn't there in
 * the kernel. */
#define BOOT_LINK_FIRMWARE "firmware"
#define BOOT_LINK_MBR "MBR"
#define BOOT_LINK_BOOT_CODE "boot code" /* of sector 0, or of an active partition's first */
#define BOOT_LINK_ACTIVE "active partition"
#define BOOT_LINK_ESP "EFI system partition"
#define BOOT_LINK_PARAVIRTUAL "paravirtual"   /* how: the Xen appliance, or what stands in for it */
#define BOOT_LINK_KERNEL_IMAGE "kernel image" /* EC2's, an AKI */
#define BOOT_LINK_LOADER "boot loader"
#define BOOT_LINK_MENU "menu entry"
#define BOOT_LINK_KERNEL "kernel"
#define BOOT_LINK_RAMDISK "ramdisk"
#define BOOT_LINK_ROOT "root device"
#define BOOT_LINK_INIT "init"
#define BOOT_LINK_SYSTEM "operating system"   /* what init starts, and what fstab mounts */
#define BOOT_LINK_DEVICES "disks and network" /* what the guest has drivers for */

/* One link of the chain that will boot, e.g. { "boot loader", "GRUB 2", "after the MBR" }. */
typedef struct {
    char *name; /* a BOOT_LINK_ word */
    char *found;
    char *where; /* may be NULL */
} boot_link;

/* Something doubtful in the plan, and how to mend it. */
typedef struct {
    char *name;     /* for programs: "boot-code-missing" */
    char *text;     /* for people */
    char *remedy;   /* the next step; may be NULL */
    gboolean fatal; /* this will not boot as it is */
    char *link;     /* FATAL: in which link it will stop, a BOOT_LINK_ word; else NULL */
} boot_warning;

typedef struct {
    boot_kind kind;
    char *name;    /* of the domain: the instance's id; NULL in a plan for no instance yet */
    char *uuid;    /* of the domain and in its SMBIOS */
    char *home;    /* the folder that owns the domain, kept in its metadata */
    char *type;    /* the instance type, for people */
    char *machine; /* QEMU's machine type: "pc" or "q35" */
    gboolean kvm;
    guint vcpus;
    guint64 memory_mib; /* that the guest sees; an appliance's own comes on top */
    guint overhead_mib; /* BOOT_XEN: that is the appliance's own */
    disk_bus bus;
    nic_model nic;
    gboolean screen; /* a VGA card, besides the serial console */
    char *mac;       /* the NIC's address, "0a:00:ac:1f:00:04"; NULL: there is no NIC */
    char *
        network_socket; /* UNIX socket at which QEMU listens for the one that carries the NIC's
                           frames, each behind its length in 4 bytes, big-endian; NULL iff MAC is */

    char *firmware;       /* BOOT_UEFI: OVMF's code, a file that is only read */
    char *nvram_template; /* and the variables that a new instance begins with */
    char *nvram;          /* file of the instance's own variables; NULL until there is one */

    char *kernel;   /* file that is started: BOOT_DIRECT the image's, BOOT_GRUB GRUB, BOOT_SHIM the
                       shim, BOOT_XEN_HOST PV-GRUB */
    char *initrd;   /* file, or NULL */
    char *cmdline;  /* of KERNEL, or NULL */
    char *emulator; /* BOOT_SHIM: what starts QEMU so that it emulates Xen, too */

    /* BOOT_XEN: folder of the Xen appliance, NULL if there is none. Out of it come KERNEL, which is
     * Xen, with its CMDLINE, and the Linux that Xen starts: its kernel, its options, to which the
     * guest's particulars are added, and INITRD. */
    char *appliance;
    char *dom0_kernel;
    char *dom0_cmdline;

    gboolean partitioned; /* where PV-GRUB looks: in the root disk's partitions, as pv-grub-hd00
                             does, or in the disk itself, as pv-grub-hd0 does */
    char *console_log;    /* file that gets all of the serial console's output */
    char *appliance_log;  /* BOOT_XEN: file that gets what Xen and its dom0 say */
    char *events;     /* QEMU's events go to the file EVENTS.out, by a monitor on the fifo EVENTS.in
                         (see guest_events.h); NULL for none */
    GPtrArray *disks; /* boot_disk* */
    GPtrArray *links; /* boot_link*, in boot order */
    GPtrArray *warnings; /* boot_warning* */
} boot_plan;

boot_plan *boot_plan_new(void);
void boot_plan_free(boot_plan *self);

/* A disk without anything, but with an array for its layers; for those that aren't part of a plan.
 */
boot_disk *boot_disk_new(void);
void boot_disk_free(boot_disk *self);

/* Appends a new disk; the plan owns it. */
boot_disk *boot_plan_add_disk(boot_plan *self);

/* Appends a layer below those that DISK has. The texts are copied; both secrets may be NULL. */
void boot_disk_add_layer(boot_disk *disk, const char *path, const char *secret,
                         const char *secret_file);

/* MiB that the guest takes of the host: those that it sees, and those of the appliance around it.
 */
guint64 boot_plan_memory(const boot_plan *self);

/* WHERE and REMEDY may be NULL. The texts are copied. */
void boot_plan_add_link(boot_plan *self, const char *name, const char *found, const char *where);
void boot_plan_warn(boot_plan *self, const char *name, const char *text, const char *remedy);

/* The same of what won't boot, but stop in LINK. */
void boot_plan_warn_fatal(boot_plan *self, const char *link, const char *name, const char *text,
                          const char *remedy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(boot_disk, boot_disk_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(boot_plan, boot_plan_free)

#endif
