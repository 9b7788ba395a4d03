/* How a guest that is off came to its end: by what QEMU told of it, which is right even if libvirt
 * was away, and by what libvirt knows. */
#ifndef LAUNCHER_ENDING_H
#define LAUNCHER_ENDING_H

#include "launcher/internal.h"

typedef struct {
    const char *code;     /* the reason: REASON_...; NULL: the one that is recorded */
    const char *message;  /* static; NULL for the code's usual sentence */
    gboolean powered_off; /* it was seen to power itself off */
    gboolean hibernated;  /* it saved its memory on its own disk before (ACPI S4) */
} ending;

/* Of a guest that was believed to be running. STATUS is NULL if its domain is gone. */
ending ending_of_guest(launcher *self, const instance *vm, const domain_status *status);

/* Of one that the user had told to stop or to hibernate. */
ending ending_of_stop(launcher *self, const instance *vm);

#endif
