#include "net/imds_server.h"
#include "common/error.h"
#include "common/times.h"

#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>

#define MEMORY 16384      /* of a connection: request line and headers have to fit */
#define MEMORY_STEP 1024  /* by which it grows */
#define IDLE_S 60         /* until a connection on which nothing comes is closed */
#define BODY_MOST 4096    /* bytes; no request needs any */
#define CONNECTIONS 65536 /* the user's limits are below */

/* Newer ones keep an added connection waiting for MHD_run(), unless told that there is one thread
 * only; then it begins while it is added, as it always does in older ones. */
#if MHD_VERSION >= 0x00097707
#define ONE_THREAD MHD_USE_NO_THREAD_SAFETY
#else
#define ONE_THREAD 0
#endif

struct imds_server {
    const imds_server_user *user;
    struct MHD_Daemon *daemon;
    GSource *source;
    gpointer arriving; /* the connection that is being added */
};

/* ---- answers ---- */

static void
put_header(struct MHD_Response *response, const char *name, const char *value)
{
    MHD_add_response_header(response, name, value);
}

static void
put_headers(struct MHD_Response *response, const imds_answer *answer)
{
    put_header(response, MHD_HTTP_HEADER_SERVER, "EC2ws");
    put_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
    put_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "none");
    if (answer->allow != NULL)
        put_header(response, MHD_HTTP_HEADER_ALLOW, answer->allow);
    if (answer->left > 0) {
        g_autofree char *left = g_strdup_printf("%" G_GINT64_FORMAT, answer->left);
        put_header(response, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds", left);
    }
}

static enum MHD_Result
send_answer(struct MHD_Connection *connection, const imds_answer *answer)
{
    gsize length = 0;
    gconstpointer bytes = g_bytes_get_data(answer->content, &length);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)bytes, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result queued;

    if (response == NULL)
        return MHD_NO;
    put_headers(response, answer);
    queued = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return queued;
}

/* ---- requests ---- */

static const char *
header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static gpointer
connection_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

static enum MHD_Result
answer_request(imds_server *self, struct MHD_Connection *connection, const char *method,
               const char *path)
{
    const imds_request request = {.method = method,
                                  .path = path,
                                  .token = header(connection, "X-aws-ec2-metadata-token"),
                                  .ttl = header(connection, "X-aws-ec2-metadata-token-ttl-seconds"),
                                  .forwarded = header(connection, "X-Forwarded-For") != NULL};
    g_autoptr(imds_answer) answer = self->user->answer(connection_of(connection), &request);

    return answer != NULL ? send_answer(connection, answer) : MHD_NO;
}

/* Before it comes. */
static gboolean
announces_too_much(struct MHD_Connection *connection)
{
    const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);

    return length != NULL && !g_ascii_string_to_unsigned(length, 10, 0, BODY_MOST, NULL, NULL);
}

/* Called once when a request's headers are there, once for each piece of its body, and once when
 * that has ended; STATE is how many bytes of the body have come. */
static enum MHD_Result
take_request(void *data, struct MHD_Connection *connection, const char *path, const char *method,
             const char *version G_GNUC_UNUSED, const char *body G_GNUC_UNUSED, size_t *length,
             void **state)
{
    gsize *taken = *state;

    if (taken == NULL) {
        *state = g_new0(gsize, 1);
        if (announces_too_much(connection)) {
            g_autoptr(imds_answer) answer = imds_answer_status(413);
            return send_answer(connection, answer);
        }
        return MHD_YES;
    }
    if (*length == 0)
        return answer_request(data, connection, method, path);
    *taken += *length;
    *length = 0;
    return *taken <= BODY_MOST ? MHD_YES : MHD_NO;
}

static void
request_completed(void *data, struct MHD_Connection *connection, void **state,
                  enum MHD_RequestTerminationCode how G_GNUC_UNUSED)
{
    imds_server *self = data;
    gpointer own = connection_of(connection);

    g_clear_pointer(state, g_free);
    if (own != NULL)
        self->user->completed(own);
}

/* ---- connections ---- */

static void
connection_changed(void *data, struct MHD_Connection *connection G_GNUC_UNUSED, void **own,
                   enum MHD_ConnectionNotificationCode what)
{
    imds_server *self = data;

    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *own = g_steal_pointer(&self->arriving);
    else if (*own != NULL)
        self->user->closed(g_steal_pointer(own));
}

gboolean
imds_server_add(imds_server *self, int socket, gpointer connection)
{
    /* It wants an address, and has no use for it. */
    const struct sockaddr nobody = {.sa_family = AF_UNIX};

    self->arriving = connection;
    MHD_add_connection(self->daemon, socket, &nobody, sizeof nobody);
    return g_steal_pointer(&self->arriving) == NULL;
}

/* ---- the main context's source ---- */

typedef struct {
    GSource base;
    struct MHD_Daemon *daemon;
    gpointer events;
} server_source;

/* How many milliseconds it has time; -1: any. */
static int
time_left(const server_source *self)
{
    MHD_UNSIGNED_LONG_LONG left = 0;

    if (MHD_get_timeout(self->daemon, &left) != MHD_YES)
        return -1;
    return (int)MIN(left, (MHD_UNSIGNED_LONG_LONG)G_MAXINT);
}

static gboolean
source_prepare(GSource *source, int *timeout)
{
    *timeout = time_left((server_source *)source);
    return *timeout == 0;
}

static gboolean
source_check(GSource *source)
{
    server_source *self = (server_source *)source;

    return g_source_query_unix_fd(source, self->events) != 0 || time_left(self) == 0;
}

static gboolean
source_dispatch(GSource *source, GSourceFunc unused G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
    MHD_run(((server_source *)source)->daemon);
    return G_SOURCE_CONTINUE;
}

static GSource *
source_new(struct MHD_Daemon *daemon)
{
    static GSourceFuncs functions = {
        .prepare = source_prepare, .check = source_check, .dispatch = source_dispatch};
    GSource *source = g_source_new(&functions, sizeof(server_source));
    server_source *self = (server_source *)source;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);

    self->daemon = daemon;
    self->events = g_source_add_unix_fd(source, info->epoll_fd, G_IO_IN);
    g_source_attach(source, g_main_context_get_thread_default());
    return source;
}

/* ---- life ---- */

imds_server *
imds_server_new(const imds_server_user *user, GError **error)
{
    g_autoptr(imds_server) self = g_new0(imds_server, 1);

    self->user = user;
    self->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | ONE_THREAD, 0, NULL, NULL, take_request, self,
        MHD_OPTION_NOTIFY_COMPLETED, request_completed, self, MHD_OPTION_NOTIFY_CONNECTION,
        connection_changed, self, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)MEMORY_STEP, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned int)IDLE_S, MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS,
        MHD_OPTION_END);
    if (self->daemon == NULL) {
        error_set(error, ERROR_HOST_NETWORK, "libmicrohttpd can't serve metadata here");
        return NULL;
    }
    self->source = source_new(self->daemon);
    return g_steal_pointer(&self);
}

void
imds_server_free(imds_server *self)
{
    if (self == NULL)
        return;
    if (self->source != NULL) {
        g_source_destroy(self->source);
        g_source_unref(self->source);
    }
    if (self->daemon != NULL)
        MHD_stop_daemon(self->daemon);
    g_free(self);
}
