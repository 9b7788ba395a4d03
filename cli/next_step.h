/* What to do next where a message doesn't tell: EC2's own messages don't, and stay as they are.
 * Pure. */
#ifndef CLI_NEXT_STEP_H
#define CLI_NEXT_STEP_H

#include <glib.h>

/* A sentence without a full stop; NULL if ERROR's message tells by itself, or nobody knows. */
const char *next_step(const GError *error);

#endif
