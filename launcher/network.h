/* The network process of a HOME, amilaunch-netd, as the engine and the process itself see it.
 *
 * HOME/net belongs to whoever guests run as. In it:
 *   I.qemu   at which the QEMU of instance I listens; the network process connects
 *   I.imds   at which the network process takes instance I's requests for metadata
 *   control  at which the network process listens for commands of amilaunch
 *   lock     held exclusively (flock) by the network process for as long as it lives
 *   netd.log what it had to say
 * The network process lives from the first instance that runs to the last, and knows the instances
 * from the records alone. */
#ifndef LAUNCHER_NETWORK_H
#define LAUNCHER_NETWORK_H

#include "launcher/launcher.h"

/* An interface that a guest may be using now. */
typedef struct {
    char *instance;
    guint8 mac[6];
    guint32 address;      /* IPv4, in host byte order */
    char *region;         /* for its names */
    char *socket;         /* HOME/net/I.qemu */
    GPtrArray *published; /* published_port* */
} network_port;

void network_port_free(network_port *self);

/* Those of the instances that run, or are just being started or stopped: network_port*. Reads the
 * records, does not ask the hypervisor and puts nothing right. NULL on failure. */
GPtrArray *launcher_network_ports(launcher *self, GError **error);

/* For a process that others may take over: from now on it can read the records and not write them,
 * and holds none of the locks of those that do. FALSE on failure. */
gboolean launcher_only_read(launcher *self, GError **error);

/* Paths in HOME/net; the caller frees them. */
char *network_folder(const char *home);
char *network_socket(const char *home, const char *instance);
char *network_imds_socket(const char *home, const char *instance);
char *network_control(const char *home);
char *network_lock(const char *home);

/* TRUE if NAME is that of an instance's socket in it, whose id *ID (which may be NULL) gets then, for
 * the caller to free. */
gboolean network_socket_owner(const char *name, char **id);

/* On CONTROL a command writes NETWORK_LOOK, "the records have changed", and gets NETWORK_DONE when
 * the network process has read them. Each ends with a newline. */
#define NETWORK_LOOK "look\n"
#define NETWORK_DONE "done\n"

#endif
