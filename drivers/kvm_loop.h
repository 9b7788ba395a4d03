/* The smallest guest that tells whether KVM runs at a processor's speed. Only for accel.c. */
#ifndef DRIVERS_KVM_LOOP_H
#define DRIVERS_KVM_LOOP_H

#include <glib.h>

/* How far it came: the step that failed, or LOOP_DONE. */
typedef enum {
    LOOP_UNSUPPORTED, /* this program was not built for x86-64 */
    LOOP_OPEN,
    LOOP_VERSION,
    LOOP_MACHINE,
    LOOP_MEMORY,
    LOOP_PROCESSOR,
    LOOP_REGISTERS,
    LOOP_RUN,
    LOOP_HALT, /* it ran, and left for another reason than the end of the loop */
    LOOP_DONE
} loop_step;

typedef struct {
    loop_step step;
    int problem;         /* errno of the step that failed; at LOOP_HALT KVM's exit reason */
    gint64 microseconds; /* at LOOP_DONE: how long the loop took */
} loop_result;

/* Makes a virtual machine with DEVICE and has it count 1,000,000 down in 64-bit mode.
 *
 * To be called in a fork()ed child that calls _exit() next: it uses async-signal-safe functions and
 * plain system calls only, closes and frees nothing, and may take for ever. */
loop_result kvm_loop_run(const char *device);

#endif
