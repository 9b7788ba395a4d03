/* The guest: built of what the command line says and of the disks that are there, built anew when
 * it reboots, watched until it is off. Nothing here waits: guest_step() does what can be done now.
 */
#ifndef APPLIANCE_GUEST_H
#define APPLIANCE_GUEST_H

#include "appliance/words.h"

#include <stdbool.h>

typedef enum {
    GUEST_WAITS, /* for its disks, or to be built */
    GUEST_BUILT, /* xl is building it */
    GUEST_RUNS,  /* the builder has let it go */
    GUEST_DESTROYED /* xl is taking it away, to build it anew */,
    GUEST_CRASHED, /* it, or building it, failed: stays until it is asked to reboot */
    GUEST_OFF      /* it powered itself off */
} guest_state;

/* WORDS must outlive all this. */
void guest_begin(const words *told);

/* Goes on, after anything may have happened. */
void guest_step(void);

guest_state guest_now(void);

/* Whether xl is at work on it: none of its disks may be taken away now. */
bool guest_is_worked_on(void);

/* How often it has been built. */
unsigned guest_boots(void);

/* Asks it to power off or to reboot. False if it can't be asked now. */
bool guest_ask(const char *what);

/* True if it was asked to power off and has had time enough to listen, but doesn't: a boot loader,
 * or a kernel that never came up. */
bool guest_is_deaf(void);

/* Takes it away and builds it anew, whatever it does. */
void guest_rebuild(void);

/* Whether its side of DEVICE is in use: 1, not yet: 0, or -1 if it has no such disk. */
int guest_has_disk(const char *device);

/* Begins to take DEVICE away: the guest is asked to let go. False if it has no such disk. */
bool guest_drop_disk(const char *device);

/* True when it has let go, or with FORCE at once: all that tells of the disk is removed. */
bool guest_dropped_disk(const char *device, bool force);

/* Takes back guest_drop_disk(). */
void guest_keep_disk(const char *device);

/* Tells the guest of the size that its disks have now. */
void guest_tell_sizes(void);

#endif
