/* The host's requests, over the virtio-serial port amilaunch.0: a line of JSON each, and a line for
 * an answer; one at a time. The guest has no way to it. */
#ifndef APPLIANCE_CHANNEL_H
#define APPLIANCE_CHANNEL_H

#include <poll.h>

/* Opens the port if there is one and it isn't open. */
void channel_open(void);

/* What to wait for. */
struct pollfd channel_wanted(void);

/* Reads what has come, and goes on with the request that is being worked on. */
void channel_step(void);

#endif
