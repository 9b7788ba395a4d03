/* What the network process gives up before it hears the first guest: should one get hold of it, it
 * can start no program, look into no other process, and mount, load or become nothing. */
#ifndef NET_CONFINE_H
#define NET_CONFINE_H

#include <glib.h>

/* For good, for all threads and those to come; the calls fail with EPERM, but clone3(), which is
 * not there: clone() does the same. No new privileges may be had after
 * that. Needs none itself. FALSE with Host.Permission where the kernel knows no filters; on
 * processors whose calls aren't known here, TRUE without one.
 * Source: seccomp(2); Linux, Documentation/userspace-api/seccomp_filter.rst. */
gboolean confine(GError **error);

#endif
