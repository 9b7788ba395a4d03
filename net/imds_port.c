#include "net/imds_port.h"
#include "common/error.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTIONS 32 /* of an instance */
#define REQUEST_S 60   /* that a request may take, from its first byte to its answer's last */
#define SWEEP_S 5      /* how often it is looked after that */

/* ---- connections ---- */

/* What it is in the middle of isn't waited for. */
static void
connection_end(const imds_connection *self)
{
    shutdown(self->socket, SHUT_RDWR);
}

void
imds_connection_free(imds_connection *self)
{
    if (self->port != NULL)
        g_ptr_array_remove_fast(self->port->connections, self);
    self->service->open--;
    g_free(self);
}

/* A client that sends or reads byte by byte is never idle. */
void
imds_port_end_slow(imds_port *self)
{
    gint64 now = g_get_monotonic_time();

    for (guint i = 0; i < self->connections->len; i++) {
        const imds_connection *one = g_ptr_array_index(self->connections, i);
        if (now - one->since > REQUEST_S * G_USEC_PER_SEC)
            connection_end(one);
    }
}

static gboolean
sweep(gpointer data)
{
    imds *service = data;
    GHashTableIter at;
    gpointer port;

    g_hash_table_iter_init(&at, service->ports);
    while (g_hash_table_iter_next(&at, NULL, &port))
        imds_port_end_slow(port);
    if (service->open > 0)
        return G_SOURCE_CONTINUE;
    g_clear_pointer(&service->sweep, g_source_unref);
    return G_SOURCE_REMOVE;
}

/* Nothing wakes a process whose instances don't ask. */
static void
sweep_from_now(imds *service)
{
    if (service->sweep != NULL)
        return;
    service->sweep = g_timeout_source_new_seconds(SWEEP_S);
    g_source_set_callback(service->sweep, sweep, service, NULL);
    g_source_attach(service->sweep, g_main_context_get_thread_default());
}

static void
take(imds_port *self, int socket)
{
    imds_connection *taken = g_new0(imds_connection, 1);

    taken->service = self->service;
    taken->port = self;
    taken->socket = socket;
    taken->since = g_get_monotonic_time();
    g_ptr_array_add(self->connections, taken);
    self->service->open++;
    if (imds_server_add(self->service->server, socket, taken))
        sweep_from_now(self->service);
    else
        imds_connection_free(taken);
}

void
imds_port_accept(imds_port *self)
{
    int socket;

    while ((socket = accept4(self->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        if (self->connections->len < CONNECTIONS)
            take(self, socket);
        else
            close(socket);
    }
}

static gboolean
on_connections(int socket G_GNUC_UNUSED, GIOCondition what G_GNUC_UNUSED, gpointer data)
{
    imds_port_accept(data);
    return G_SOURCE_CONTINUE;
}

/* ---- ports ---- */

static void
end_all(imds_port *self)
{
    for (guint i = 0; i < self->connections->len; i++) {
        imds_connection *one = g_ptr_array_index(self->connections, i);
        one->port = NULL;
        connection_end(one);
    }
}

void
imds_port_free(imds_port *self)
{
    end_all(self);
    g_ptr_array_unref(self->connections);
    if (self->source != NULL) {
        g_source_destroy(self->source);
        g_source_unref(self->source);
    }
    if (self->socket >= 0) {
        close(self->socket);
        unlink(self->path);
    }
    metadata_free(self->about);
    for (guint i = 0; i < G_N_ELEMENTS(self->last); i++) {
        g_free(self->last[i].text);
        g_free(self->last[i].signature);
    }
    g_free(self->path);
    g_free(self->instance);
    g_free(self);
}

/* Its mode is right before anybody can connect, as nobody listens yet. */
static gboolean
listen_at_path(imds_port *self, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (g_strlcpy(address.sun_path, self->path, sizeof address.sun_path) >= sizeof address.sun_path)
        return error_set(error, ERROR_HOST_NETWORK,
                         "%s is too long for a socket's path: choose a shorter HOME", self->path);
    unlink(self->path);
    self->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (self->socket < 0 || bind(self->socket, (struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(self->path, 0600) != 0 || listen(self->socket, SOMAXCONN) != 0)
        return error_set_errno(error, errno, "can't listen at %s", self->path);
    return TRUE;
}

imds_port *
imds_port_new(imds *service, const char *id, const char *path, GError **error)
{
    imds_port *self = g_new0(imds_port, 1);

    self->service = service;
    self->instance = g_strdup(id);
    self->path = g_strdup(path);
    self->socket = -1;
    self->connections = g_ptr_array_new();
    if (!listen_at_path(self, error)) {
        imds_port_free(self);
        return NULL;
    }
    self->source = g_unix_fd_source_new(self->socket, G_IO_IN);
    g_source_set_callback(self->source, G_SOURCE_FUNC(on_connections), self, NULL);
    g_source_attach(self->source, g_main_context_get_thread_default());
    return self;
}
