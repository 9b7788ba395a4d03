#include "launcher/network.h"
#include "common/error.h"
#include "common/ids.h"
#include "launcher/internal.h"

#include <stdio.h>

/* ---- where things are ---- */

char *
network_folder(const char *home)
{
    return g_build_filename(home, "net", NULL);
}

static char *
file_of(const char *home, const char *id, const char *kind)
{
    g_autofree char *name = g_strdup_printf("%s.%s", id, kind);

    return g_build_filename(home, "net", name, NULL);
}

char *
network_socket(const char *home, const char *id)
{
    return file_of(home, id, "qemu");
}

char *
network_imds_socket(const char *home, const char *id)
{
    return file_of(home, id, "imds");
}

char *
network_control(const char *home)
{
    return g_build_filename(home, "net", "control", NULL);
}

char *
network_lock(const char *home)
{
    return g_build_filename(home, "net", "lock", NULL);
}

gboolean
network_socket_owner(const char *name, char **id)
{
    g_auto(GStrv) parts = g_strsplit(name, ".", 3);

    if (g_strv_length(parts) != 2 || !id_is("i", parts[0]) ||
        !(g_str_equal(parts[1], "qemu") || g_str_equal(parts[1], "imds")))
        return FALSE;
    if (id != NULL)
        *id = g_strdup(parts[0]);
    return TRUE;
}

/* ---- who is there ---- */

void
network_port_free(network_port *self)
{
    if (self == NULL)
        return;
    g_free(self->instance);
    g_free(self->region);
    g_free(self->socket);
    g_clear_pointer(&self->published, g_ptr_array_unref);
    g_free(self);
}

/* A guest that is just being started or ended may be sending, too. */
static gboolean
may_send(const instance *vm)
{
    return vm->state != INSTANCE_STOPPED && vm->state != INSTANCE_TERMINATED;
}

static gboolean
mac_parse(const char *text, guint8 mac[6])
{
    int end = 0;

    return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2], &mac[3],
                  &mac[4], &mac[5], &end) == 6 &&
           text[end] == '\0';
}

/* Takes what is INSTANCE's out of ALL. */
static GPtrArray *
take_published(GPtrArray *all, const char *id)
{
    GPtrArray *own = g_ptr_array_new_with_free_func((GDestroyNotify)published_port_free);

    for (guint i = 0; i < all->len;) {
        const published_port *one = g_ptr_array_index(all, i);
        if (g_str_equal(one->instance, id))
            g_ptr_array_add(own, g_ptr_array_steal_index(all, i));
        else
            i++;
    }
    return own;
}

static network_port *
port_of(launcher *self, const interface *nic, const instance *vm, GPtrArray *published,
        GError **error)
{
    network_port *port = g_new0(network_port, 1);

    port->instance = g_strdup(vm->id);
    port->region = g_strdup(vm->region);
    port->socket = network_socket(self->home, vm->id);
    port->address = (guint32)nic->address;
    port->published = take_published(published, vm->id);
    if (mac_parse(nic->mac, port->mac))
        return port;
    error_set(error, ERROR_HOST_DATABASE, "amilaunch.db has '%s' as the MAC address of %s",
              nic->mac, nic->id);
    network_port_free(port);
    return NULL;
}

/* Id -> instance*, which stays ALL's, of those that may be sending. */
static GHashTable *
senders(const GPtrArray *all)
{
    GHashTable *found = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < all->len; i++) {
        instance *vm = g_ptr_array_index(all, i);
        if (may_send(vm))
            g_hash_table_insert(found, vm->id, vm);
    }
    return found;
}

static GPtrArray *
ports_of(launcher *self, const GPtrArray *nics, GHashTable *machines, GPtrArray *published,
         GError **error)
{
    g_autoptr(GPtrArray) ports = g_ptr_array_new_with_free_func((GDestroyNotify)network_port_free);

    for (guint i = 0; i < nics->len; i++) {
        const interface *nic = g_ptr_array_index(nics, i);
        const instance *vm = g_hash_table_lookup(machines, nic->instance);
        network_port *port;
        if (vm == NULL)
            continue;
        port = port_of(self, nic, vm, published, error);
        if (port == NULL)
            return NULL;
        g_ptr_array_add(ports, port);
    }
    return g_steal_pointer(&ports);
}

GPtrArray *
launcher_network_ports(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GPtrArray) nics = NULL;
    g_autoptr(GPtrArray) published = NULL;
    g_autoptr(GHashTable) machines = NULL;

    if (launcher_store(self, error) == NULL)
        return NULL;
    nics = interface_list(self->db, error);
    published = nics != NULL ? published_port_list(self->db, NULL, error) : NULL;
    all = published != NULL ? instance_list(self->db, error) : NULL;
    if (all == NULL)
        return NULL;
    machines = senders(all);
    return ports_of(self, nics, machines, published, error);
}

gboolean
launcher_only_read(launcher *self, GError **error)
{
    return launcher_store(self, error) != NULL && store_only_read(self->db, error);
}
