/* The instance metadata service: one HTTP server for all instances of a HOME, in the thread and
 * main context of who makes it. Each instance asks at a UNIX socket of its own, which is how the
 * service knows who asks.
 *
 * What differs from EC2 is told in amilaunch(1), METADATA. */
#ifndef NET_IMDS_H
#define NET_IMDS_H

#include "launcher/metadata.h"

typedef struct imds imds;

/* ENGINE must outlive it. Reads, and at the first time makes, what only the owner of HOME may read
 * there: to be called before the process becomes another user. NULL on failure. */
imds *imds_new(launcher *engine, GError **error);
void imds_free(imds *self);

/* Listens at PATH, which is made anew, for the requests of the instance ID, until imds_close().
 * What one instance does must not keep the service from others: its connections are limited. */
gboolean imds_open(imds *self, const char *id, const char *path, GError **error);

/* Takes the connections that wait at ID's socket, or closes them where it has too many. The
 * main loop does so by itself; who connects in the same thread has to, before the backlog is full
 * and connecting blocks. */
void imds_accept(imds *self, const char *id);

/* Ends ID's connections. Fine if it was never opened. */
void imds_close(imds *self, const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(imds, imds_free)

#endif
