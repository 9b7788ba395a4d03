/* The instance metadata service: one HTTP server for all instances of a HOME, in the thread and
 * main context of who makes it. Each instance asks at a UNIX socket of its own, which is how the
 * service knows who asks. */
#ifndef NET_IMDS_H
#define NET_IMDS_H

#include "launcher/metadata.h"

typedef struct imds imds;

/* ENGINE must outlive it. NULL on failure. */
imds *imds_new(launcher *engine, GError **error);
void imds_free(imds *self);

/* Listens at PATH, which is made anew, for the requests of INSTANCE, until imds_close(). What one
 * instance does must not keep the service from others: its connections are limited. */
gboolean imds_open(imds *self, const char *instance, const char *path, GError **error);

/* Ends INSTANCE's connections and forgets its tokens. Fine if it was never opened. */
void imds_close(imds *self, const char *instance);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(imds, imds_free)

#endif
