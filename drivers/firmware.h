/* UEFI firmware for guests: OVMF without Secure Boot, as two files. */
#ifndef DRIVERS_FIRMWARE_H
#define DRIVERS_FIRMWARE_H

#include <glib.h>

typedef struct {
    char *code;      /* that all guests read */
    char *variables; /* with which a new guest begins; has the size that belongs to CODE */
} firmware;

/* The firmware of this host under ROOT ("/", but for tests): CODE and VARIABLES if they are given
 * (both, or neither), else where distributions have it. NULL without an error if there is none;
 * with Host.QEMU if what was given can't be read. The caller frees it. */
firmware *firmware_find(const char *root, const char *code, const char *variables, GError **error);

void firmware_free(firmware *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(firmware, firmware_free)

#endif
