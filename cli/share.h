/* Launch and create-volume permissions, for people and as DescribeImageAttribute and
 * DescribeSnapshotAttribute print them. Each takes WHO over; NULL: nothing is said. */
#ifndef CLI_SHARE_H
#define CLI_SHARE_H

#include "launcher/sharing.h"

#include <jansson.h>

/* A line of what `show` prints. */
void print_sharing(sharing *who);

/* Sets KEY of OBJECT to [{"Group": "all"}, {"UserId": "..."}]. */
void put_sharing(json_t *object, const char *key, sharing *who);

#endif
