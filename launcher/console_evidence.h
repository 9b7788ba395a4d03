/* What firmware, boot loaders, kernels and what comes after them say when they get somewhere, and
 * when they don't.
 *
 * The texts are those that these programs' sources print: SeaBIOS (boot.c), EDK2 (BdsDxe, Shell),
 * GNU GRUB 2 (boot.S, kern/err.c users, normal/main.c, normal/menu.c, loader/i386/xen_file.c), GRUB
 * Legacy (stage2/common.c), syslinux (mbr.S, the core's and ldlinux's messages), Linux
 * (init/main.c, init/do_mounts.c, arch/x86/boot/compressed), busybox (switch_root), klibc
 * (run-init), initramfs-tools (scripts/functions, init), dracut, systemd (its units' texts),
 * util-linux, Xen (console/panic texts), and this project's Xen appliance, whose lines begin with
 * "amilaunch: ". Those of SeaBIOS, EDK2, GRUB 2, Linux and busybox have been seen on guests of
 * ours, and recordings are among the tests. */
#ifndef LAUNCHER_CONSOLE_EVIDENCE_H
#define LAUNCHER_CONSOLE_EVIDENCE_H

#include <glib.h>

typedef enum {
    EVIDENCE_BEGINS,  /* LINK begins, and nothing that was said before counts any more */
    EVIDENCE_REACHED, /* the boot has got to LINK */
    EVIDENCE_CAUSE,   /* should it stop, then in LINK and for this reason */
    EVIDENCE_WAITS,   /* it waits for a person, but may go on after a while */
    EVIDENCE_STOPPED, /* it won't go on by itself */
    EVIDENCE_UP       /* it asks for a login */
} evidence_kind;

typedef struct {
    const char *pattern; /* of a line: "*" stands for anything; what isn't there at the end, too */
    evidence_kind kind;
    const char *link; /* a BOOT_LINK_ word; NULL: where it is */
    const char *what; /* for people, of CAUSE, WAITS and STOPPED; may be NULL */
} console_evidence;

/* What LINE of a guest's console tells; NULL for nothing. Owned by the library. */
const console_evidence *console_evidence_find(const char *line);

/* The same for a line of the Xen appliance's own log. */
const console_evidence *appliance_evidence_find(const char *line);

#endif
