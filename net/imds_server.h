/* HTTP for the metadata service: libmicrohttpd without threads, run by the main context of who
 * makes it, on connections that others accept. It bounds what a request may take; how many
 * connections there are isn't its matter. */
#ifndef NET_IMDS_SERVER_H
#define NET_IMDS_SERVER_H

#include "net/imds_answer.h"

typedef struct imds_server imds_server;

/* How others learn of their connections, CONNECTION being what imds_server_add() was given. */
typedef struct {
    /* What to say to a request, which the server frees. NULL: the connection is closed. */
    imds_answer *(*answer)(gpointer connection, const imds_request *request);
    /* A request was answered, or was given up. */
    void (*completed)(gpointer connection);
    /* It is closed. */
    void (*closed)(gpointer connection);
} imds_server_user;

/* NULL on failure. USER must outlive it. */
imds_server *imds_server_new(const imds_server_user *user, GError **error);

/* Closes all connections. SELF may be NULL. */
void imds_server_free(imds_server *self);

/* Takes the connected socket SOCKET, whatever comes of it. Who wants to end it early shuts it down.
 * FALSE if there is no room for it: then closed() isn't called. */
gboolean imds_server_add(imds_server *self, int socket, gpointer connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(imds_server, imds_server_free)

#endif
