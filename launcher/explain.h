/* The chain that will boot, link by link, and what is doubtful in it, from an image's facts. Pure.
 */
#ifndef LAUNCHER_EXPLAIN_H
#define LAUNCHER_EXPLAIN_H

#include "launcher/plan.h"

/* Adds the links and the warnings to PLAN, whose machine is known. */
void explain_boot(boot_plan *plan, const plan_input *input);

#endif
