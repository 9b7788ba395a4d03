#include "net/stack.h"

#include "common/error.h"
#include "launcher/subnet.h"
#include "net/arp.h"
#include "net/flow.h"
#include "net/stack_files.h"

#include <errno.h>
#include <fcntl.h>
#include <slirp/libslirp.h>

#define PORT_HTTP 80
#define MTU 1500
#define CLOCK_MOST_US (20 * 1000) /* how old libslirp's idea of the time may be */
#define RESTLESS_US (150 * G_USEC_PER_SEC)
#define TICK_MS 500

struct stack {
    Slirp *slirp;
    poller *poll;
    station guest;
    stack_send send;
    gpointer data;
    stack_files *files;
    flow_table *flows;
    stack_limits limits;
    poller_task work;
    gint64 last_input;
    guint closed; /* how many files have been */
};

/* libslirp has one clock for all its stacks, which runs only while one of them is looked after. */
static gint64 clock_set;

static int
on_add(int fd, int events, void *data)
{
    stack *self = data;

    stack_files_want(self->files, fd, events);
    return fd;
}

static int
on_events(int fd, void *data)
{
    stack *self = data;

    return stack_files_take_events(self->files, fd);
}

static void
look_after(stack *self)
{
    clock_set = g_get_monotonic_time();
    slirp_pollfds_poll(self->slirp, 0, on_events, self);
}

/* When libslirp's timers are to be looked after; 0: it has none that matter. A stack without
 * connections that hasn't had any for a while is left alone. Together with the others, so that many
 * guests wake us no more often than one. */
static gint64
next_time(const stack *self, guint32 timeout_ms)
{
    gint64 now = g_get_monotonic_time(), tick = TICK_MS * 1000;

    if (stack_files_count(self->files) == 0 && now - self->last_input > RESTLESS_US)
        return 0;
    if (timeout_ms < TICK_MS - 1)
        return now + timeout_ms * (gint64)1000;
    return (now + tick) / tick * tick;
}

static void
work(gpointer data)
{
    stack *self = data;
    guint32 timeout = G_MAXUINT32;

    look_after(self);
    stack_files_begin(self->files);
    slirp_pollfds_fill(self->slirp, &timeout, on_add, self);
    stack_files_end(self->files, stack_files_count_of(self->files, FILE_TCP) < self->limits.tcp);
    poller_set_alarm(self->poll, &self->work, next_time(self, timeout));
}

static void
defer(stack *self)
{
    poller_defer(self->poll, ROUND_WORK, &self->work);
}

static void
on_ready(gpointer data)
{
    defer(data);
}

static ssize_t
on_send(const void *bytes, size_t length, void *data)
{
    stack *self = data;
    frame what;

    if (length > FRAME_MOST || !frame_read(bytes, length, &what) || what.kind != FRAME_IPV4)
        return (ssize_t)length;
    if (what.protocol == PROTOCOL_TCP && what.has_head)
        flow_acknowledge(self->flows, &what);
    self->send((guint8 *)bytes, length, &what, self->data);
    return (ssize_t)length;
}

/* A guest that misbehaves is nothing that is worth telling. */
static void
on_guest_error(const char *text G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
}

static int64_t
on_clock(void *data G_GNUC_UNUSED)
{
    return g_get_monotonic_time() * 1000;
}

/* Not all of libslirp's sockets are made so that they don't block. */
static void
on_register(int fd, void *data)
{
    stack *self = data;

    if (fd < 0)
        return;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    stack_files_open(self->files, fd);
}

static void
on_unregister(int fd, void *data)
{
    stack *self = data;

    if (fd < 0)
        return;
    stack_files_close(self->files, fd);
    self->closed++;
}

static void
on_notify(void *data)
{
    defer(data);
}

/* Timers are for IPv6 alone, which is off. */
static const SlirpCb callbacks = {
    .send_packet = on_send,
    .guest_error = on_guest_error,
    .clock_get_ns = on_clock,
    .register_poll_fd = on_register,
    .unregister_poll_fd = on_unregister,
    .notify = on_notify,
};

static struct in_addr
in_address(guint32 address)
{
    return (struct in_addr){.s_addr = g_htonl(address)};
}

/* What is known here: later ones want other callbacks. */
#define CONFIG_VERSION 4

static Slirp *
make_slirp(stack *self)
{
    SlirpConfig config = {
        .version = MIN(SLIRP_CONFIG_VERSION_MAX, CONFIG_VERSION),
        .in_enabled = true,
        .vnetwork = in_address(SUBNET_NETWORK),
        .vnetmask = in_address(SUBNET_MASK),
        .vhost = in_address(SUBNET_GATEWAY),
        .vnameserver = in_address(SUBNET_DNS),
        .vdhcp_start = in_address(self->guest.address),
        .if_mtu = MTU,
        .if_mru = MTU,
        .disable_host_loopback = true,
#if SLIRP_CONFIG_VERSION_MAX >= 4
        .disable_dhcp = true,
#endif
    };

    return slirp_new(&config, &callbacks, self);
}

/* libslirp learns hardware addresses; it is told the only one, and hears no other ARP. */
static void
introduce_guest(stack *self)
{
    guint8 announcement[FRAME_ARP_SIZE];

    arp_announcement(self->guest.address, self->guest.mac, announcement);
    slirp_input(self->slirp, announcement, sizeof announcement);
}

stack *
stack_new(poller *poll, const station *guest, const char *metadata, stack_send send, gpointer data,
          GError **error)
{
    g_autoptr(stack) self = g_new0(stack, 1);
    struct in_addr spare = in_address(SUBNET_SPARE);

    self->poll = poll;
    self->guest = *guest;
    self->send = send;
    self->data = data;
    self->work = (poller_task){.run = work, .data = self};
    self->files = stack_files_new(poll, on_ready, self);
    self->flows = flow_table_new();
    self->slirp = make_slirp(self);
    if (self->slirp == NULL || slirp_add_unix(self->slirp, metadata, &spare, PORT_HTTP) != 0) {
        error_set(error, ERROR_INTERNAL, "libslirp can't make a network");
        return NULL;
    }
    introduce_guest(self);
    return g_steal_pointer(&self);
}

void
stack_free(stack *self)
{
    if (self == NULL)
        return;
    if (self->slirp != NULL)
        slirp_cleanup(self->slirp);
    poller_cancel(self->poll, &self->work);
    stack_files_free(self->files);
    flow_table_free(self->flows);
    g_free(self);
}

static guint
share(guint64 all, guint ports, guint least, guint most)
{
    return (guint)CLAMP(all / ports, least, most);
}

/* A TCP connection whose buffers are full takes 256 KiB: of those the sum is bounded, too. */
stack_limits
stack_fair_limits(guint ports, guint64 files)
{
    const guint64 connections = 16384;

    ports = MAX(ports, 1);
    return (stack_limits){
        .tcp = share(MIN(files / 2, connections), ports, 4, 1024),
        .udp = share(files / 8, ports, 2, 256),
        .icmp = share(files / 32, ports, 1, 32),
        .metadata = share(files / 8, ports, 4, 256),
    };
}

void
stack_set_limits(stack *self, const stack_limits *limits)
{
    self->limits = *limits;
}

static file_kind
kind_of(const frame *what)
{
    if (what->protocol == PROTOCOL_ICMP)
        return FILE_ICMP;
    if (what->protocol == PROTOCOL_UDP)
        return FILE_UDP;
    return what->destination == SUBNET_SPARE ? FILE_METADATA : FILE_TCP;
}

/* Whether WHAT would make libslirp open a file: for each echo request; for a UDP port's first
 * datagram; for a connection, of which those to the metadata are opened later than they begin. */
static gboolean
is_opening(const stack *self, const frame *what, file_kind kind)
{
    if (kind == FILE_UDP)
        return !stack_files_has(self->files, kind, what->source_port);
    return kind == FILE_ICMP || what->is_opening;
}

static guint
limit_of(const stack *self, file_kind kind)
{
    switch (kind) {
    case FILE_TCP:
        return self->limits.tcp;
    case FILE_UDP:
        return self->limits.udp;
    case FILE_ICMP:
        return self->limits.icmp;
    default:
        return self->limits.metadata;
    }
}

static gboolean
admit(stack *self, const frame *what, file_kind kind)
{
    if (what->protocol == PROTOCOL_TCP && !flow_admit(self->flows, what))
        return FALSE;
    if (!is_opening(self, what, kind))
        return TRUE;
    if (stack_files_count_of(self->files, kind) >= limit_of(self, kind))
        return FALSE;
    stack_files_announce(self->files, kind, what->source_port);
    return TRUE;
}

void
stack_input(stack *self, const guint8 *bytes, const frame *what)
{
    file_kind kind = kind_of(what);
    guint closed = self->closed;

    if (!admit(self, what, kind))
        return;
    self->last_input = g_get_monotonic_time();
    if (self->last_input - clock_set > CLOCK_MOST_US)
        look_after(self);
    stack_files_expect(self->files, kind, what->source_port);
    slirp_input(self->slirp, bytes, (int)what->end);
    stack_files_expect(self->files, FILE_TCP, 0);
    if (what->is_reset && self->closed != closed)
        flow_end(self->flows, what);
    defer(self);
}

gboolean
stack_publish(stack *self, guint16 port, guint16 guest_port, GError **error)
{
    if (slirp_add_hostfwd(self->slirp, 0, in_address(INADDR_LOOPBACK), port,
                          in_address(self->guest.address), guest_port) != 0)
        return error_set_errno(error, errno, "port %u of 127.0.0.1 can't be listened at", port);
    defer(self);
    return TRUE;
}

void
stack_unpublish(stack *self, guint16 port)
{
    slirp_remove_hostfwd(self->slirp, 0, in_address(INADDR_LOOPBACK), port);
    defer(self);
}
