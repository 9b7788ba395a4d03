/* How a guest ended, from what QEMU wrote about it: libvirt can't tell hibernating from powering
 * off, and knows nothing of what happened while its daemon was away.
 *
 * A boot_plan's EVENTS stands for two files: the fifo EVENTS.in, by which QEMU was asked for its
 * events when the guest started, and the regular file EVENTS.out, empty before that, to which it
 * wrote them. Events are QEMU's (QEMU Machine Protocol), an object of JSON in each line. */
#ifndef DRIVERS_GUEST_EVENTS_H
#define DRIVERS_GUEST_EVENTS_H

#include <glib.h>

typedef enum {
    GUEST_SILENT,      /* it runs, or its process ended without a word, or nobody listened */
    GUEST_POWERED_OFF, /* by itself */
    GUEST_HIBERNATED,  /* by itself, into its own disk */
    GUEST_PANICKED,
    GUEST_CUT_OFF /* by the host */
} guest_end;

/* From the text of EVENTS.out since the guest's start, or the end of that text. */
guest_end guest_events_parse(const char *text);

/* From the file. GUEST_SILENT if EVENTS is NULL or can't be read. */
guest_end guest_events_read(const char *events);

#endif
