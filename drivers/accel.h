/* Whether KVM is worth using. That /dev/kvm opens is no evidence: some hosts that are virtual
 * machines themselves offer a device that emulates instruction by instruction, on which a guest's
 * kernel never comes up. So a tiny guest is timed. */
#ifndef DRIVERS_ACCEL_H
#define DRIVERS_ACCEL_H

#include <glib.h>

typedef enum {
    KVM_ABSENT,   /* this host has no KVM that runs x86 guests */
    KVM_DENIED,   /* there is one, which this user may not open */
    KVM_PRETENDS, /* it opens, but doesn't run a guest, or not at a processor's speed */
    KVM_WORKS
} kvm_verdict;

/* Enough for making a guest and the millisecond that the loop takes on a real processor, on a busy
 * host. */
#define ACCEL_DEADLINE_MS 250

/* Has a guest count a million down on /dev/kvm, in a child process that is killed when DEADLINE_MS
 * milliseconds are over. That is KVM_PRETENDS, as is a count that takes over 200 ms. Takes no
 * longer than the deadline, leaves no child behind, and may be called from any thread. *DETAIL, if
 * DETAIL isn't NULL, gets a sentence that says to a person what was seen (without a full stop; the
 * caller frees it). */
kvm_verdict accel_probe_kvm(guint deadline_ms, char **detail);

/* The same for a device of another name. */
kvm_verdict accel_probe_device(const char *device, guint deadline_ms, char **detail);

/* "absent", "denied", "pretends" or "works", for a caller that remembers the verdict. */
const char *accel_verdict_text(kvm_verdict verdict);

/* The reverse. FALSE, with *VERDICT untouched, if TEXT is none of them; it may be NULL. */
gboolean accel_verdict_parse(const char *text, kvm_verdict *verdict);

#endif
