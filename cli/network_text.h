/* An instance's network in a line. */
#ifndef CLI_NETWORK_TEXT_H
#define CLI_NETWORK_TEXT_H

#include "launcher/launcher.h"

/* "172.31.5.10", and "8080:80 22000:22", the host's ports and the guest's; NULL if it has none. The
 * caller frees them. */
char *network_address(const instance_view *view);
char *network_ports_text(const instance_view *view);

#endif
