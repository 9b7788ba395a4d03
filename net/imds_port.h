/* What imds.c and imds_port.c share. */
#ifndef NET_IMDS_PORT_H
#define NET_IMDS_PORT_H

#include "images/identity.h"
#include "net/imds.h"
#include "net/imds_server.h"

struct imds {
    launcher *engine;
    identity *signer;
    char *secret; /* of tokens */
    imds_server *server;
    GHashTable *ports; /* instance -> imds_port* */
    guint open;        /* connections */
    GSource *sweep;    /* ends those that take too long; NULL while there are none */
};

/* What was signed last in one form. */
typedef struct {
    char *text;
    char *signature;
} imds_signed;

/* Where an instance asks. */
typedef struct {
    imds *service;
    char *instance;
    char *path;
    int socket;
    GSource *source;
    GPtrArray *connections; /* imds_connection* */
    metadata *about;        /* NULL until asked */
    gint64 version;         /* of the records that ABOUT is from */
    imds_signed last[IDENTITY_PKCS7 + 1];
} imds_port;

typedef struct {
    imds *service;
    imds_port *port; /* NULL: that is closed */
    int socket;
    gint64 since; /* microseconds: when it came, or was last answered */
} imds_connection;

/* See imds_open(). NULL on failure. */
imds_port *imds_port_new(imds *service, const char *id, const char *path, GError **error);

/* Ends its connections, which the server closes later. */
void imds_port_free(imds_port *self);

/* See imds_accept(). */
void imds_port_accept(imds_port *self);

/* Ends the connections whose clients take too long over a request. */
void imds_port_end_slow(imds_port *self);

/* After the server has closed it. */
void imds_connection_free(imds_connection *self);

#endif
