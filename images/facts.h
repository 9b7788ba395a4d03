/* What an image was found to be, once, when it was imported. Plain data; kept as JSON under the
 * content's digest. */
#ifndef IMAGES_FACTS_H
#define IMAGES_FACTS_H

#include "common/error.h"

typedef enum {
    PARTITIONS_NONE,
    PARTITIONS_MBR,
    PARTITIONS_GPT,
    PARTITIONS_HYBRID
} partition_scheme;

typedef struct {
    guint number;  /* as the guest counts: 1 for the first */
    guint64 start; /* bytes from the disk's start */
    guint64 size;  /* bytes */
    char *type;    /* "83", "EFI system", ...; for people */
    gboolean active;
    gboolean esp;
    gboolean bios_boot;
    char *filesystem; /* "ext4"; NULL if unknown */
    char *label;      /* NULL if none */
    char *uuid;
} partition_facts;

typedef struct {
    char *path;      /* within its file system, "/boot/grub/grub.cfg" */
    guint partition; /* number; 0: the whole disk */
    char *kind;      /* "grub.cfg", "menu.lst", "extlinux" */
    char *title;     /* of the entry that boots; this and the rest NULL if not understood */
    char *root;      /* menu.lst's root command in that entry, as written: "(hd0,0)" */
    char *kernel;    /* as written: with a device in front if there is one */
    char *arguments;
    char *initrd;
    char *chain;            /* of menu.lst, what the entry does that has no kernel, as written:
                               "chainloader +1", "configfile (hd0,1)/grub.conf" (one that couldn't be
                               followed) */
    char *way;              /* how the entry was chosen: "default 1", "fallback 2 (default 7 isn't
                               there)"; for people */
    char *timeout;          /* of menu.lst, in seconds; NULL: it waits for a key for ever */
    char *kernel_found;     /* of menu.lst: "yes", "no": whether the kernel's file is there; NULL:
                               unknown */
    guint kernel_partition; /* where it was found; 0: the whole disk. This and */
    char *kernel_path;      /* its path in that file system are as in kernel_facts */
    char *initrd_found;     /* the same as KERNEL_FOUND of its ramdisk; NULL, too: it has none */
    GPtrArray *modules;     /* char*: each module line's text, for a kernel that is a Xen or another
                               multiboot one; never NULL */
    GPtrArray *unknown;     /* char*: commands that the loader doesn't know; never NULL */
} loader_facts;

/* Where a driver of a kernel is. */
#define DRIVER_BUILTIN "builtin"
#define DRIVER_INITRAMFS "initramfs" /* a module in the initramfs that belongs to the kernel */
#define DRIVER_MODULE "module"       /* a module in the root file system alone */
#define DRIVER_ABSENT "absent"

typedef struct {
    char *path;        /* in its file system: "/boot/vmlinuz-6.1.0-56-cloud-amd64" */
    guint partition;   /* 0: the whole disk */
    char *version;     /* "6.1.0-56-cloud-amd64"; may be NULL */
    char *compression; /* of the kernel in a bzImage: "gzip", "bzip2", "lzma", "xz", "lzo", "lz4",
                          "zstd", "none"; NULL: this is no kernel, or one of an unknown kind */
    guint bits;        /* 32 or 64; 0: unknown */
    char *initramfs;   /* path of the one that belongs to it; NULL: none was found */
    char *xen_pv;      /* "yes", "no": whether it has a paravirtual entry; NULL: unknown */
    char *xen_pvh;     /* the same for PVH */
    char *virtio_blk;  /* a DRIVER_ word; NULL: unknown. This and the following */
    char *virtio_net;
    char *nvme;
    char *ahci;
    char *ata_piix;
    char *e1000;
    char *xen_blkfront;
    char *xen_netfront;
} kernel_facts;

typedef struct {
    char *device;
    char *mount_point;
    char *type;
} fstab_entry;

/* Raised when an inspection finds more than those before it did. */
#define INSPECTION_VERSION 2

typedef struct {
    guint inspection;      /* INSPECTION_VERSION of the one that found these facts; 0 or less than
                              today's: some of them are unknown for that alone */
    gboolean incomplete;   /* this host kept it from finding all: another one may find more */
    char *format;          /* of the imported file: "raw", "qcow2", ... */
    guint64 virtual_size;  /* bytes */
    int scheme;            /* partition_scheme */
    gboolean signature;    /* sector 0 ends with 55AA */
    guint active;          /* number of the active partition; 0: none */
    char *boot_code;       /* whose: "GRUB 2", "GRUB Legacy", "syslinux", "LILO", "Windows",
                              "unknown"; NULL: there is none */
    char *boot_code_after; /* whose code is in the sectors before the first partition */
    GPtrArray *partitions; /* partition_facts*; never NULL */

    char *os_type;      /* "linux", "windows"; NULL: no operating system found */
    char *distribution; /* "debian" */
    char *product;      /* "Debian GNU/Linux 12 (bookworm)" */
    char *version;      /* "12.0" */
    char *hostname;
    char *package_format;
    char *architecture;   /* "x86_64", "i386", "arm64"; NULL: unknown */
    char *root_device;    /* as the inspection names it: "/dev/sda1" */
    guint root_partition; /* number; 0: the whole disk; meaningful with an os_type */
    char *root_filesystem;

    loader_facts *loader; /* the boot loader's configuration; NULL: none found */
    GPtrArray *menu_lsts; /* loader_facts*: each menu.lst at a place where PV-GRUB looks, in its
                             order of looking; never NULL */
    char *efi_loader;     /* path in the EFI system partition of what UEFI boots by itself,
                             "/EFI/BOOT/BOOTX64.EFI"; NULL: there is none */
    guint efi_partition;  /* number of the partition that it is on; 0: the whole disk */
    GPtrArray *kernels;   /* kernel_facts*; never NULL */
    GPtrArray *fstab;     /* fstab_entry*; never NULL */
    char *windows_virtio; /* of Windows: "yes", "no": whether it has a virtio block driver */
    char *boot_kernel; /* copies for a boot without a loader, kept by content: names of the files in
                          home_boot_folder(); NULL if there are none. Of the first of MENU_LSTS
                          whose kernel is there */
    char *boot_initrd;
    GPtrArray *notes; /* char*: what could not be looked into; never NULL */
} image_facts;

/* All empty but for INSPECTION, which is today's; arrays made. */
image_facts *image_facts_new(void);
/* Whether it can only be started by PV-GRUB: a file system without a partition table and without
 * boot code, but with a menu.lst. */
gboolean image_facts_are_paravirtual(const image_facts *self);

void image_facts_free(image_facts *self);

/* Lossless both ways, for strings that are valid UTF-8 (of others the bytes that aren't become
 * U+FFFD). Unknown keys are ignored, missing ones are empty. NULL with Host.Database, where facts
 * are kept, on text that isn't a JSON object of the right types. The caller frees. */
char *image_facts_to_json(const image_facts *self);
image_facts *image_facts_from_json(const char *text, GError **error);

/* All empty. For one that does not become part of image_facts: the caller frees it. */
loader_facts *loader_facts_new(void);
kernel_facts *kernel_facts_new(void);
void kernel_facts_free(kernel_facts *self);
void loader_facts_free(loader_facts *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(image_facts, image_facts_free)

#endif
