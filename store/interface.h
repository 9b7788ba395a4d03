/* The network interface of an instance, and the ports of it that the host lends on its loopback. An
 * interface's address is its instance's for life: it is taken at the launch and free again when the
 * instance is terminated. */
#ifndef STORE_INTERFACE_H
#define STORE_INTERFACE_H

#include "store/store.h"

typedef struct {
    char *instance;
    char *id;       /* "eni-..." */
    gint64 address; /* IPv4, in host byte order; no two interfaces have the same */
    char *mac;      /* "0a:00:ac:1f:00:04" */
} interface;

typedef struct {
    gint64 host;    /* TCP port on 127.0.0.1; no two instances have the same */
    char *instance; /* whose */
    gint64 guest;   /* its port */
} published_port;

void interface_free(interface *self);
void published_port_free(published_port *self);

gboolean interface_insert(store *db, const interface *self, GError **error);
gboolean published_port_insert(store *db, const published_port *self, GError **error);

/* An instance's, or NULL without an error if it has none: it is terminated, or older than
 * interfaces are. The caller frees it. */
interface *interface_get(store *db, const char *instance, GError **error);

/* All, by address: interface*. NULL on failure. */
GPtrArray *interface_list(store *db, GError **error);

/* Those of one instance, or of all if INSTANCE is NULL, by the host's port: published_port*. NULL
 * on failure. */
GPtrArray *published_port_list(store *db, const char *instance, GError **error);

/* An instance's interface and its published ports. Fine if it has none. */
gboolean interface_delete(store *db, const char *instance, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(interface, interface_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(published_port, published_port_free)

#endif
