#include "net/port.h"

#include "launcher/subnet.h"
#include "net/arp.h"
#include "net/dhcp.h"
#include "net/qemu_link.h"

#include <string.h>
#include <unistd.h>

struct port {
    const port_world *world;
    char *instance;
    char *region;
    station me;
    char *host_name;
    char *domain;
    dhcp_lease lease;
    qemu_link *link;
    stack *way_out;
    char *metadata_socket;
    gboolean has_metadata;
    GHashTable *published; /* the host's port -> the guest's */
};

/* ---- what the guest sends ---- */

static const station *
find_station(guint32 address, gpointer data)
{
    const port_world *world = ((port *)data)->world;
    const port *peer = world->find(address, world->data);

    return peer != NULL ? &peer->me : NULL;
}

static void
answer_arp(port *self, const frame *what, const station *who)
{
    guint8 answer[FRAME_ARP_SIZE];

    arp_answer(what, who != NULL ? who->mac : gateway_mac, answer);
    qemu_link_send(self->link, answer, sizeof answer);
}

static void
answer_dhcp(port *self, const guint8 *bytes, const frame *what)
{
    guint8 answer[FRAME_MOST];
    gsize length = dhcp_answer(bytes, what, &self->lease, answer);

    if (length > 0)
        qemu_link_send(self->link, answer, length);
}

static void
send_to_peer(port *self, const station *who, const guint8 *bytes, gsize length)
{
    const port *peer = self->world->find(who->address, self->world->data);

    qemu_link_pass(peer->link, bytes, length);
}

/* libslirp connects while it takes the packet, and would wait for a service that is full. */
static void
send_to_metadata(port *self, guint8 *bytes, frame *what)
{
    if (!self->has_metadata)
        return;
    frame_set_destination(bytes, what, SUBNET_SPARE);
    what->destination = SUBNET_SPARE;
    stack_input(self->way_out, bytes, what);
    imds_accept(self->world->metadata, self->instance);
}

static void
on_guest_frame(guint8 *bytes, gsize length, gpointer data)
{
    port *self = data;
    verdict found;
    frame what;

    if (!frame_read(bytes, length, &what))
        return;
    found = verdict_of(&what, length, &self->me, find_station, self);
    switch (found.kind) {
    case VERDICT_DROP:
        break;
    case VERDICT_ARP:
        answer_arp(self, &what, found.who);
        break;
    case VERDICT_DHCP:
        answer_dhcp(self, bytes, &what);
        break;
    case VERDICT_PEER:
        send_to_peer(self, found.who, bytes, length);
        break;
    case VERDICT_METADATA:
        send_to_metadata(self, bytes, &what);
        break;
    case VERDICT_OUTSIDE:
        stack_input(self->way_out, bytes, &what);
        break;
    }
}

static void
on_lost(gpointer data)
{
    const port *self = data;

    self->world->lost(self->world->data);
}

/* ---- what comes for the guest ---- */

static void
on_stack_frame(guint8 *bytes, gsize length, const frame *what, gpointer data)
{
    port *self = data;

    if (what->source == SUBNET_SPARE)
        frame_set_source(bytes, what, IMDS_ADDRESS);
    qemu_link_send(self->link, bytes, length);
}

/* ---- its life ---- */

static void
fill_in(port *self, const network_port *record)
{
    g_autofree char *full = subnet_host_name(record->address, record->region);

    self->instance = g_strdup(record->instance);
    self->region = g_strdup(record->region);
    self->me.address = record->address;
    memcpy(self->me.mac, record->mac, sizeof self->me.mac);
    self->host_name = g_strndup(full, strcspn(full, "."));
    self->domain = subnet_domain(record->region);
    self->lease = (dhcp_lease){
        .address = record->address, .host_name = self->host_name, .domain = self->domain};
    memcpy(self->lease.mac, record->mac, sizeof self->lease.mac);
}

/* An instance without its metadata is better than none. */
static void
open_metadata(port *self)
{
    g_autoptr(GError) error = NULL;

    self->has_metadata =
        imds_open(self->world->metadata, self->instance, self->metadata_socket, &error);
    if (!self->has_metadata)
        g_warning("%s has no metadata: %s", self->instance, error->message);
}

port *
port_new(const port_world *world, const network_port *record, GError **error)
{
    static const qemu_link_events events = {on_guest_frame, on_lost};
    g_autoptr(port) self = g_new0(port, 1);

    self->world = world;
    self->published = g_hash_table_new(NULL, NULL);
    fill_in(self, record);
    self->metadata_socket = network_imds_socket(world->home, record->instance);
    self->way_out =
        stack_new(world->poll, &self->me, self->metadata_socket, on_stack_frame, self, error);
    if (self->way_out == NULL)
        return NULL;
    open_metadata(self);
    self->link = qemu_link_new(world->poll, record->socket, &events, self);
    return g_steal_pointer(&self);
}

void
port_free(port *self)
{
    if (self == NULL)
        return;
    stack_free(self->way_out);
    qemu_link_free(self->link);
    if (self->has_metadata) {
        imds_close(self->world->metadata, self->instance);
        unlink(self->metadata_socket);
    }
    g_hash_table_unref(self->published);
    g_free(self->metadata_socket);
    g_free(self->host_name);
    g_free(self->domain);
    g_free(self->region);
    g_free(self->instance);
    g_free(self);
}

gboolean
port_is(const port *self, const network_port *record)
{
    return g_str_equal(self->instance, record->instance) &&
           g_str_equal(self->region, record->region) && self->me.address == record->address &&
           memcmp(self->me.mac, record->mac, sizeof self->me.mac) == 0;
}

static gboolean
is_recorded(const network_port *record, guint host, guint guest)
{
    for (guint i = 0; i < record->published->len; i++) {
        const published_port *which = record->published->pdata[i];
        if (which->host == host && which->guest == guest)
            return TRUE;
    }
    return FALSE;
}

static void
withdraw(port *self, const network_port *record)
{
    GHashTableIter iter;
    gpointer host, guest;

    g_hash_table_iter_init(&iter, self->published);
    while (g_hash_table_iter_next(&iter, &host, &guest)) {
        if (is_recorded(record, GPOINTER_TO_UINT(host), GPOINTER_TO_UINT(guest)))
            continue;
        stack_unpublish(self->way_out, (guint16)GPOINTER_TO_UINT(host));
        g_hash_table_iter_remove(&iter);
    }
}

void
port_publish(port *self, const network_port *record)
{
    withdraw(self, record);
    for (guint i = 0; i < record->published->len; i++) {
        const published_port *which = record->published->pdata[i];
        gpointer host = GUINT_TO_POINTER((guint)which->host);
        g_autoptr(GError) error = NULL;
        if (g_hash_table_contains(self->published, host))
            continue;
        if (stack_publish(self->way_out, (guint16)which->host, (guint16)which->guest, &error))
            g_hash_table_insert(self->published, host, GUINT_TO_POINTER((guint)which->guest));
        else
            g_warning("%s: %s", self->instance, error->message);
    }
}

void
port_set_limits(port *self, const stack_limits *limits)
{
    stack_set_limits(self->way_out, limits);
}

gboolean
port_is_alive(const port *self)
{
    return qemu_link_is_alive(self->link);
}

void
port_retry(port *self)
{
    qemu_link_retry(self->link);
}

const char *
port_instance(const port *self)
{
    return self->instance;
}
