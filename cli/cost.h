/* What things cost, in words. */
#ifndef CLI_COST_H
#define CLI_COST_H

#include "launcher/costing.h"

/* "$0.0838"; the caller frees it. */
char *cost_spelled(double dollars);

#endif
