#include "launcher/publishing.h"
#include "common/error.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_LAST 65535
#define SSH_PLACES 100
#define SSH_PLACE 100 /* ports: as many as are launched at once, at most */
#define PRIVILEGED "/proc/sys/net/ipv4/ip_unprivileged_port_start"
#define PRIVILEGED_USUALLY 1024

/* ---- as it is written ---- */

/* From TEXT on to its end, which has to be at *TEXT's ENDING. */
static gboolean
parse_port(const char **text, char ending, gint64 *port)
{
    guint digits = (guint)strspn(*text, "0123456789");
    const char *end = *text + digits;

    if (digits == 0 || digits > 5 || *end != ending)
        return FALSE;
    *port = g_ascii_strtoll(*text, NULL, 10);
    *text = end + (ending != '\0');
    return *port >= 1 && *port <= PORT_LAST;
}

static published_port *
parse_one(const char *text, GError **error)
{
    g_autoptr(published_port) port = g_new0(published_port, 1);
    const char *rest = text;

    if (strchr(text, ':') == NULL) {
        if (parse_port(&rest, '\0', &port->guest)) {
            port->host = port->guest;
            return g_steal_pointer(&port);
        }
    } else if (parse_port(&rest, ':', &port->host) && parse_port(&rest, '\0', &port->guest))
        return g_steal_pointer(&port);
    error_set(error, ERROR_PARAMETER_VALUE,
              "--publish %s: expected HOST:PORT or PORT, each from 1 to %d", text, PORT_LAST);
    return NULL;
}

static const published_port *
find_host(const GPtrArray *ports, gint64 host)
{
    for (guint i = 0; i < ports->len; i++) {
        const published_port *one = g_ptr_array_index(ports, i);
        if (one->host == host)
            return one;
    }
    return NULL;
}

GPtrArray *
publishing_parse(const char *const *texts, GError **error)
{
    g_autoptr(GPtrArray) ports =
        g_ptr_array_new_with_free_func((GDestroyNotify)published_port_free);

    for (gsize i = 0; texts != NULL && texts[i] != NULL; i++) {
        published_port *port = NULL;
        if (i == PUBLISH_MOST) {
            error_set(error, ERROR_PARAMETER_VALUE, "at most %d ports can be published",
                      PUBLISH_MOST);
            return NULL;
        }
        port = parse_one(texts[i], error);
        if (port == NULL)
            return NULL;
        if (find_host(ports, port->host) != NULL) {
            error_set(error, ERROR_PARAMETER_VALUE,
                      "--publish %s: that port of the host is named twice", texts[i]);
            published_port_free(port);
            return NULL;
        }
        g_ptr_array_add(ports, port);
    }
    return g_steal_pointer(&ports);
}

/* ---- what the host has ---- */

/* The first port that needs no privilege, which the network process hasn't got. */
static gint64
first_unprivileged(void)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents(PRIVILEGED, &text, NULL, NULL))
        return PRIVILEGED_USUALLY;
    return g_ascii_strtoll(text, NULL, 10);
}

/* With SO_REUSEADDR, as who listens later: connections that have just ended don't count. 0 if it
 * can be had, else an errno. */
static int
try_port(gint64 host)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((guint16)host),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1, problem = 0;

    if (fd < 0)
        return errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&to, sizeof to) != 0)
        problem = errno;
    close(fd);
    return problem;
}

static gboolean
check_host(gint64 host, GError **error)
{
    int problem;

    if (host < first_unprivileged())
        return error_set(error, ERROR_HOST_PERMISSION,
                         "port %d of this host needs privileges, which guests' network has not: "
                         "choose one from %d on, as in --publish HOST:PORT",
                         (int)host, (int)first_unprivileged());
    problem = try_port(host);
    if (problem == EADDRINUSE)
        return error_set(error, ERROR_PORT_IN_USE,
                         "something on this host listens on port %d of 127.0.0.1: choose another, "
                         "as in --publish HOST:PORT",
                         (int)host);
    return problem == 0 ||
           error_set_errno(error, problem, "can't publish at port %d of this host", (int)host);
}

gboolean
publishing_check(launcher *self, const GPtrArray *ports, GError **error)
{
    g_autoptr(GPtrArray) recorded = NULL;

    if (ports->len == 0)
        return TRUE;
    recorded = published_port_list(self->db, NULL, error);
    for (guint i = 0; recorded != NULL && i < ports->len; i++) {
        gint64 host = ((published_port *)g_ptr_array_index(ports, i))->host;
        const published_port *other = find_host(recorded, host);
        if (other != NULL)
            return error_set(error, ERROR_PORT_IN_USE,
                             "port %d of this host is %s's: choose another, as in --publish "
                             "HOST:PORT",
                             (int)host, other->instance);
        if (!check_host(host, error))
            return FALSE;
    }
    return recorded != NULL;
}

void
publishing_note_taken(launcher *self, const char *id)
{
    g_autoptr(GPtrArray) ports = published_port_list(self->db, id, NULL);

    for (guint i = 0; ports != NULL && i < ports->len; i++) {
        const published_port *one = g_ptr_array_index(ports, i);
        if (try_port(one->host) == EADDRINUSE)
            progress_note(self->listener,
                          "something on this host listens on port %d of 127.0.0.1: port %d of %s "
                          "isn't published there unless that ends, and %s is started again",
                          (int)one->host, (int)one->guest, id, id);
    }
}

/* ---- ssh ---- */

static gboolean
leads_to_ssh(const GPtrArray *ports)
{
    for (guint i = 0; i < ports->len; i++)
        if (((published_port *)g_ptr_array_index(ports, i))->guest == PUBLISH_SSH_GUEST)
            return TRUE;
    return FALSE;
}

/* Where a HOME begins to look. Each at its own place, for two of them know nothing of each other's
 * launches that are just going on, nor of each other's instances that are stopped. All are below
 * those that hosts give to connections (32768 on). */
gint64
publishing_first_ssh(const char *home)
{
    return PUBLISH_SSH_HOST + (gint64)(g_str_hash(home) % SSH_PLACES) * SSH_PLACE;
}

gboolean
publishing_add_ssh(launcher *self, GPtrArray *ports, GError **error)
{
    const gint64 first = publishing_first_ssh(self->home);
    g_autoptr(GPtrArray) recorded = NULL;

    if (leads_to_ssh(ports))
        return TRUE;
    recorded = published_port_list(self->db, NULL, error);
    if (recorded == NULL)
        return FALSE;
    for (gint64 host = first; host <= PORT_LAST; host++) {
        published_port *port;
        if (find_host(recorded, host) != NULL || find_host(ports, host) != NULL ||
            try_port(host) != 0)
            continue;
        port = g_new0(published_port, 1);
        port->host = host;
        port->guest = PUBLISH_SSH_GUEST;
        g_ptr_array_add(ports, port);
        return TRUE;
    }
    return error_set(error, ERROR_PORT_IN_USE, "no port of this host from %d on is free for ssh",
                     (int)first);
}

gboolean
publishing_record(launcher *self, const GPtrArray *ports, const char *id, GError **error)
{
    for (guint i = 0; i < ports->len; i++) {
        published_port *port = g_ptr_array_index(ports, i);
        g_free(port->instance);
        port->instance = g_strdup(id);
        if (!published_port_insert(self->db, port, error))
            return FALSE;
    }
    return TRUE;
}
