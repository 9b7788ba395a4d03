/* Whether an sshd answers at a port of the host's loopback. */
#ifndef LAUNCHER_SSH_PROBE_H
#define LAUNCHER_SSH_PROBE_H

#include <glib.h>

/* Tries once: TRUE as soon as it says that it speaks SSH; FALSE if it doesn't within WAIT_MS, or
 * nobody is there. */
gboolean ssh_probe(guint port, int wait_ms);

#endif
