/* Publishing: TCP ports of the host's loopback that lead to ports of an instance. */
#ifndef LAUNCHER_PUBLISHING_H
#define LAUNCHER_PUBLISHING_H

#include "launcher/internal.h"

#define PUBLISH_MOST 32        /* for each instance */
#define PUBLISH_SSH_GUEST 22   /* the port that an instance with a key has published, too: */
#define PUBLISH_SSH_HOST 22000 /* at one of the host's ports from here on */

/* TEXTS ("8080:80": the host's and the guest's; "8080": both; NULL: none) as published_port*,
 * nobody's yet. InvalidParameterValue. Pure. */
GPtrArray *publishing_parse(const char *const *texts, GError **error);

/* TRUE if the host can lend PORTS; else PortInUse, naming who has one, or Host.Permission. It is
 * asked once before anything is recorded, and again within the transaction that does. */
gboolean publishing_check(launcher *self, const GPtrArray *ports, GError **error);

/* The port from which on HOME's are looked for. Pure. */
gint64 publishing_first_ssh(const char *home);

/* Adds one for ssh to PORTS, if none of them leads to there. Within that transaction, too. */
gboolean publishing_add_ssh(launcher *self, GPtrArray *ports, GError **error);

/* Records PORTS as those of the instance ID. */
gboolean publishing_record(launcher *self, const GPtrArray *ports, const char *id, GError **error);

/* Notes which of the ports recorded for the instance ID, whose guest is off, others have taken
 * meanwhile: that is no reason not to start it. */
void publishing_note_taken(launcher *self, const char *id);

#endif
