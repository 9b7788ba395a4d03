#include "launcher/console_evidence.h"
#include "drivers/boot_plan.h"

#include <string.h>

/* The first that matches counts: what is special comes before what is general. */
static const console_evidence texts[] = {
    /* ---- BIOS ---- */
    {"SeaBIOS (version ", EVIDENCE_BEGINS, BOOT_LINK_FIRMWARE, NULL},
    {"Booting from Hard Disk", EVIDENCE_REACHED, BOOT_LINK_BOOT_CODE, NULL},
    {"Booting from ROM", EVIDENCE_REACHED, BOOT_LINK_LOADER, NULL},
    {"Boot failed: not a bootable disk", EVIDENCE_CAUSE, BOOT_LINK_FIRMWARE,
     "sector 0 of the disk doesn't end with 55AA"},
    {"Boot failed: could not read the boot disk", EVIDENCE_CAUSE, BOOT_LINK_FIRMWARE,
     "the firmware can't read the disk"},
    {"No bootable device", EVIDENCE_STOPPED, BOOT_LINK_FIRMWARE,
     "the firmware found no disk that it can boot from"},

    /* ---- UEFI ---- */
    {"UEFI firmware (version ", EVIDENCE_BEGINS, BOOT_LINK_FIRMWARE, NULL},
    {"BdsDxe: failed to load Boot", EVIDENCE_CAUSE, BOOT_LINK_FIRMWARE,
     "the firmware found no boot loader to start"},
    {"BdsDxe: No bootable option", EVIDENCE_STOPPED, BOOT_LINK_FIRMWARE,
     "the firmware found nothing that it can boot"},
    {"BdsDxe: starting Boot*\"EFI Internal Shell\"", EVIDENCE_CAUSE, BOOT_LINK_FIRMWARE,
     "the firmware found no boot loader, and started its shell"},
    {"BdsDxe: loading Boot*\"EFI Internal Shell\"", EVIDENCE_CAUSE, BOOT_LINK_FIRMWARE,
     "the firmware found no boot loader, and started its shell"},
    {"BdsDxe: loading Boot", EVIDENCE_BEGINS, BOOT_LINK_FIRMWARE, NULL},
    {"BdsDxe: starting Boot", EVIDENCE_REACHED, BOOT_LINK_LOADER, NULL},
    {"UEFI Interactive Shell", EVIDENCE_CAUSE, BOOT_LINK_FIRMWARE,
     "the firmware found no boot loader, and started its shell"},
    {"Shell>", EVIDENCE_STOPPED, BOOT_LINK_FIRMWARE, "the firmware waits in its shell"},

    /* ---- boot code in sector 0 ---- */
    {"Missing operating system", EVIDENCE_STOPPED, BOOT_LINK_ACTIVE,
     "the boot code found no active partition with a boot sector"},
    {"Operating system load error", EVIDENCE_STOPPED, BOOT_LINK_ACTIVE,
     "the boot code can't read the active partition"},
    {"Error loading operating system", EVIDENCE_STOPPED, BOOT_LINK_ACTIVE,
     "the boot code can't read the active partition"},
    {"Invalid partition table", EVIDENCE_STOPPED, BOOT_LINK_ACTIVE,
     "the boot code doesn't take the partition table for one"},
    {"Multiple active partitions", EVIDENCE_STOPPED, BOOT_LINK_ACTIVE,
     "more than one partition is active"},
    {"Boot error", EVIDENCE_STOPPED, BOOT_LINK_BOOT_CODE,
     "the boot sector can't read the boot loader"},
    {"GRUB GRUB ", EVIDENCE_STOPPED, BOOT_LINK_BOOT_CODE,
     "GRUB's first sector finds nothing of GRUB behind it"},
    {"GRUB Geom Error", EVIDENCE_STOPPED, BOOT_LINK_BOOT_CODE, "GRUB can't read the disk"},
    {"GRUB Read Error", EVIDENCE_STOPPED, BOOT_LINK_BOOT_CODE, "GRUB can't read the disk"},
    {"GRUB Hard Disk Error", EVIDENCE_STOPPED, BOOT_LINK_BOOT_CODE, "GRUB can't read the disk"},

    /* ---- the Xen appliance ---- */
    {"amilaunch: PV-GRUB found no menu.lst", EVIDENCE_STOPPED, BOOT_LINK_LOADER,
     "PV-GRUB found no menu.lst where this kernel image looks"},
    {"amilaunch: the guest could not be built", EVIDENCE_STOPPED, BOOT_LINK_PARAVIRTUAL,
     "Xen could not build the guest"},
    {"amilaunch: the root disk * is not there", EVIDENCE_STOPPED, BOOT_LINK_PARAVIRTUAL,
     "the appliance didn't find the guest's root disk"},
    {"amilaunch: the guest crashed", EVIDENCE_STOPPED, NULL, "the guest crashed"},

    /* ---- GRUB 2, and GRUB Legacy ---- */
    {"GRUB loading", EVIDENCE_REACHED, BOOT_LINK_LOADER, NULL},
    {"GRUB Loading stage", EVIDENCE_REACHED, BOOT_LINK_LOADER, NULL},
    {"Welcome to GRUB", EVIDENCE_REACHED, BOOT_LINK_LOADER, NULL},
    {"error: *file `*.mod' not found", EVIDENCE_CAUSE, BOOT_LINK_LOADER,
     "GRUB doesn't find a module of its own"},
    {"error: *file `*initr*' not found", EVIDENCE_CAUSE, BOOT_LINK_RAMDISK,
     "the boot loader doesn't find the ramdisk that its menu names"},
    {"error: *file `*' not found", EVIDENCE_CAUSE, BOOT_LINK_KERNEL,
     "the boot loader doesn't find a file that its menu names"},
    {"error: *you need to load the kernel first", EVIDENCE_CAUSE, BOOT_LINK_KERNEL,
     "the boot loader could not load the kernel"},
    {"error: *not xen image", EVIDENCE_CAUSE, BOOT_LINK_KERNEL,
     "PV-GRUB can't unpack this kernel, or it is no kernel for Xen"},
    {"error: *invalid magic number", EVIDENCE_CAUSE, BOOT_LINK_KERNEL,
     "what the boot loader's menu names is no kernel"},
    {"error: *premature end of file", EVIDENCE_CAUSE, NULL, "a file is shorter than it should be"},
    {"error: ", EVIDENCE_CAUSE, NULL, "the boot loader met an error"},
    {"Entering rescue mode", EVIDENCE_CAUSE, BOOT_LINK_LOADER,
     "GRUB doesn't find its own files on the disk"},
    {"grub rescue>", EVIDENCE_STOPPED, BOOT_LINK_LOADER,
     "GRUB doesn't find its own files on the disk"},
    {"grub>", EVIDENCE_STOPPED, BOOT_LINK_LOADER, "GRUB waits at its prompt: it has no menu"},
    {"grubdom>", EVIDENCE_STOPPED, BOOT_LINK_LOADER,
     "PV-GRUB waits at its prompt: it found no menu"},
    {"Failed to boot both default and fallback entries", EVIDENCE_STOPPED, BOOT_LINK_LOADER,
     "neither the menu's default nor its fallback boots"},
    {"Falling back to `", EVIDENCE_BEGINS, BOOT_LINK_MENU, NULL},
    {"Booting `", EVIDENCE_BEGINS, BOOT_LINK_KERNEL, NULL},
    {"Booting '", EVIDENCE_BEGINS, BOOT_LINK_KERNEL, NULL},
    {"Loading Linux ", EVIDENCE_REACHED, BOOT_LINK_KERNEL, NULL},
    {"Loading initial ramdisk", EVIDENCE_REACHED, BOOT_LINK_RAMDISK, NULL},
    {"initrd /", EVIDENCE_REACHED, BOOT_LINK_RAMDISK, NULL},
    {"Error 13", EVIDENCE_WAITS, NULL, "GRUB doesn't know what kind of file this is"},
    {"Error 15", EVIDENCE_WAITS, NULL, "GRUB doesn't find the file that its menu names"},
    {"Error 16", EVIDENCE_WAITS, NULL, "GRUB finds the file system damaged"},
    {"Error 17", EVIDENCE_WAITS, NULL, "GRUB can't read the partition's file system"},
    {"Error 18", EVIDENCE_WAITS, NULL, "GRUB can't read so far into the disk"},
    {"Error 21", EVIDENCE_WAITS, NULL, "GRUB doesn't find the disk that its menu names"},
    {"Error 22", EVIDENCE_WAITS, NULL, "GRUB doesn't find the partition that its menu names"},
    {"Error 25", EVIDENCE_WAITS, NULL, "GRUB can't read the disk"},
    {"Error 28", EVIDENCE_WAITS, NULL, "the file doesn't fit into the guest's memory"},
    {"Press any key to continue", EVIDENCE_WAITS, BOOT_LINK_LOADER,
     "the boot loader waits for a key"},

    /* ---- syslinux and its kin, LILO ---- */
    {"SYSLINUX ", EVIDENCE_REACHED, BOOT_LINK_LOADER, NULL},
    {"EXTLINUX ", EVIDENCE_REACHED, BOOT_LINK_LOADER, NULL},
    {"ISOLINUX ", EVIDENCE_REACHED, BOOT_LINK_LOADER, NULL},
    {"LILO ", EVIDENCE_REACHED, BOOT_LINK_LOADER, NULL},
    {"Failed to load ldlinux", EVIDENCE_STOPPED, BOOT_LINK_LOADER,
     "syslinux doesn't find its own files"},
    {"No DEFAULT or UI configuration directive found", EVIDENCE_CAUSE, BOOT_LINK_LOADER,
     "syslinux's configuration has nothing to boot"},
    {"No configuration file found", EVIDENCE_CAUSE, BOOT_LINK_LOADER,
     "syslinux found no configuration"},
    {"Could not find kernel image", EVIDENCE_CAUSE, BOOT_LINK_KERNEL,
     "syslinux doesn't find the kernel that its menu names"},
    {"Invalid or corrupt kernel image", EVIDENCE_CAUSE, BOOT_LINK_KERNEL,
     "what syslinux's menu names is no kernel"},
    {"Could not find ramdisk image", EVIDENCE_CAUSE, BOOT_LINK_RAMDISK,
     "syslinux doesn't find the ramdisk that its menu names"},
    {"boot:", EVIDENCE_WAITS, BOOT_LINK_LOADER, "the boot loader waits at its prompt"},

    /* ---- Linux ---- */
    {"This kernel requires *CPU", EVIDENCE_CAUSE, BOOT_LINK_KERNEL,
     "the kernel wants another processor"},
    {"Unable to boot - please use a kernel appropriate for your CPU", EVIDENCE_STOPPED,
     BOOT_LINK_KERNEL, "the kernel wants another processor"},
    {"-- System halted", EVIDENCE_STOPPED, BOOT_LINK_KERNEL, "the kernel can't be unpacked"},
    {"*Linux version ", EVIDENCE_BEGINS, BOOT_LINK_KERNEL, NULL},
    {"*Initramfs unpacking failed", EVIDENCE_CAUSE, BOOT_LINK_RAMDISK,
     "the kernel can't unpack the ramdisk"},
    {"*Run /init as init process", EVIDENCE_REACHED, BOOT_LINK_RAMDISK, NULL},
    {"*Run /* as init process", EVIDENCE_REACHED, BOOT_LINK_INIT, NULL},
    {"*VFS: Cannot open root device", EVIDENCE_CAUSE, BOOT_LINK_ROOT,
     "the kernel doesn't find its root device"},
    {"*Kernel panic - not syncing: VFS: Unable to mount root", EVIDENCE_STOPPED, BOOT_LINK_ROOT,
     "the kernel can't mount its root"},
    {"*Kernel panic - not syncing: No *init found", EVIDENCE_STOPPED, BOOT_LINK_INIT,
     "the kernel found no init in its root"},
    {"*Kernel panic - not syncing: Requested init ", EVIDENCE_STOPPED, BOOT_LINK_INIT,
     "the kernel can't run the init that it was told to"},
    {"*Kernel panic - not syncing: Attempted to kill init", EVIDENCE_STOPPED, BOOT_LINK_INIT,
     "init ended"},
    {"*Kernel panic", EVIDENCE_STOPPED, BOOT_LINK_KERNEL, "the kernel gave up"},

    /* ---- in the ramdisk ---- */
    {"switch_root: ", EVIDENCE_CAUSE, BOOT_LINK_INIT, "the ramdisk can't start the root's init"},
    {"run-init: ", EVIDENCE_CAUSE, BOOT_LINK_INIT, "the ramdisk can't start the root's init"},
    {"Target filesystem doesn't have requested ", EVIDENCE_CAUSE, BOOT_LINK_INIT,
     "the root has no init"},
    {"No init found. Try passing init=", EVIDENCE_CAUSE, BOOT_LINK_INIT, "the root has no init"},
    {"mount: mounting * on /root failed", EVIDENCE_CAUSE, BOOT_LINK_ROOT,
     "the ramdisk can't mount the root"},
    {"Gave up waiting for root", EVIDENCE_CAUSE, BOOT_LINK_ROOT,
     "the ramdisk doesn't find the root device"},
    {"ALERT! * does not exist", EVIDENCE_CAUSE, BOOT_LINK_ROOT,
     "the ramdisk doesn't find the root device"},
    {"*dracut*Warning: *dev/*does not exist", EVIDENCE_CAUSE, BOOT_LINK_ROOT,
     "the ramdisk doesn't find the root device"},
    {"*dracut*timeout", EVIDENCE_CAUSE, BOOT_LINK_ROOT, "the ramdisk doesn't find the root device"},
    {"*could not find filesystem '/dev/root'", EVIDENCE_CAUSE, BOOT_LINK_ROOT,
     "the ramdisk doesn't find the root device"},
    {"*Dependency failed for *Initrd Root", EVIDENCE_CAUSE, BOOT_LINK_ROOT,
     "the ramdisk doesn't find the root device"},
    {"*Dependency failed for */sysroot", EVIDENCE_CAUSE, BOOT_LINK_ROOT,
     "the ramdisk can't mount the root"},
    {"*Failed to mount */sysroot", EVIDENCE_CAUSE, BOOT_LINK_ROOT,
     "the ramdisk can't mount the root"},
    {"Entering emergency mode", EVIDENCE_STOPPED, BOOT_LINK_ROOT, "the ramdisk waits in a shell"},
    {"dracut:/#", EVIDENCE_STOPPED, BOOT_LINK_ROOT, "the ramdisk waits in a shell"},
    {"(initramfs)", EVIDENCE_STOPPED, BOOT_LINK_ROOT, "the ramdisk waits in a shell"},
    {"BusyBox v*built-in shell (ash)", EVIDENCE_STOPPED, BOOT_LINK_ROOT,
     "the ramdisk waits in a shell"},

    /* ---- init and what it starts ---- */
    {"You are in emergency mode", EVIDENCE_STOPPED, BOOT_LINK_SYSTEM,
     "the system is in emergency mode"},
    {"Welcome to emergency mode", EVIDENCE_STOPPED, BOOT_LINK_SYSTEM,
     "the system is in emergency mode"},
    {"You are in rescue mode", EVIDENCE_STOPPED, BOOT_LINK_SYSTEM, "the system is in rescue mode"},
    {"*Cannot open access to console, the root account is locked", EVIDENCE_STOPPED,
     BOOT_LINK_SYSTEM, "the system is in emergency mode"},
    {"*Give root password for ", EVIDENCE_STOPPED, BOOT_LINK_SYSTEM,
     "the system asks for its administrator"},
    {"*fsck failed with exit status", EVIDENCE_CAUSE, BOOT_LINK_SYSTEM, "a file system is damaged"},
    {"*Timed out waiting for device ", EVIDENCE_CAUSE, BOOT_LINK_SYSTEM,
     "a device that fstab names isn't there"},
    {"*Failed to mount ", EVIDENCE_CAUSE, BOOT_LINK_SYSTEM, "something in fstab can't be mounted"},
    {"*Dependency failed for ", EVIDENCE_CAUSE, BOOT_LINK_SYSTEM,
     "something in fstab can't be mounted"},
    {"*The disk drive for * is not ready yet or not present", EVIDENCE_WAITS, BOOT_LINK_SYSTEM,
     "a device that fstab names isn't there"},
    {"Welcome to *(Initramfs)", EVIDENCE_REACHED, BOOT_LINK_RAMDISK, NULL},
    {"Welcome to ", EVIDENCE_REACHED, BOOT_LINK_SYSTEM, NULL},
    {"INIT: version ", EVIDENCE_REACHED, BOOT_LINK_SYSTEM, NULL},
    {"*Cloud-init v. ", EVIDENCE_REACHED, BOOT_LINK_SYSTEM, NULL},
    {"*login:", EVIDENCE_UP, NULL, NULL},
};

static const console_evidence appliance_texts[] = {
    {"*Panic on CPU ", EVIDENCE_STOPPED, BOOT_LINK_PARAVIRTUAL, "Xen crashed"},
    {"*Xen BUG at ", EVIDENCE_STOPPED, BOOT_LINK_PARAVIRTUAL, "Xen crashed"},
    {"*Could not construct d", EVIDENCE_STOPPED, BOOT_LINK_PARAVIRTUAL,
     "Xen could not start the appliance's own system"},
    {"*Could not set up DOM0", EVIDENCE_STOPPED, BOOT_LINK_PARAVIRTUAL,
     "Xen could not start the appliance's own system"},
    {"*Kernel panic", EVIDENCE_STOPPED, BOOT_LINK_PARAVIRTUAL,
     "the appliance's own system crashed"},
};

/* The pieces between the stars, one after the other, each as early as it can be: there is no way
 * back, so that no line takes long. */
static gboolean
matches(const char *line, const char *pattern)
{
    gsize length = strcspn(pattern, "*");

    if (strncmp(line, pattern, length) != 0)
        return FALSE;
    while (pattern[length] != '\0') {
        line += length;
        pattern += length + 1;
        length = strcspn(pattern, "*");
        line = memmem(line, strlen(line), pattern, length);
        if (line == NULL)
            return FALSE;
    }
    return TRUE;
}

static const console_evidence *
find(const console_evidence *all, gsize count, const char *line)
{
    for (gsize i = 0; i < count; i++)
        if (matches(line, all[i].pattern))
            return &all[i];
    return NULL;
}

const console_evidence *
console_evidence_find(const char *line)
{
    return find(texts, G_N_ELEMENTS(texts), line);
}

const console_evidence *
appliance_evidence_find(const char *line)
{
    return find(appliance_texts, G_N_ELEMENTS(appliance_texts), line);
}
