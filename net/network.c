#include "net/network.h"

#include "launcher/subnet.h"

#include <sys/resource.h>

#define HOSTS (~SUBNET_MASK + 1)
#define LOOK_AGAIN_MS 500

struct network {
    port_world world;
    launcher *engine;
    void (*changed)(gpointer data);
    gpointer data;
    char *home;
    port *by_address[HOSTS]; /* owned */
    guint count;
    guint look;     /* source: the records are read soon */
    gboolean retry; /* and QEMUs that weren't to be found tried again */
};

static guint
place_of(guint32 address)
{
    return address & ~SUBNET_MASK;
}

static port *
find(guint32 address, gpointer data)
{
    network *self = data;

    return (address & SUBNET_MASK) == SUBNET_NETWORK ? self->by_address[place_of(address)] : NULL;
}

static gboolean
look_by_itself(gpointer data)
{
    network *self = data;
    g_autoptr(GError) error = NULL;

    self->look = 0;
    if (!network_look(self, self->retry, &error))
        g_warning("the records can't be read: %s", error->message);
    self->changed(self->data);
    return G_SOURCE_REMOVE;
}

/* Who asks is one of the ports, which mustn't be gone when this returns; and QEMUs that come and go
 * all the time mustn't make us read all the time. */
static void
on_lost(gpointer data)
{
    network *self = data;

    if (self->look == 0)
        self->look = g_timeout_add(LOOK_AGAIN_MS, look_by_itself, self);
}

network *
network_new(const char *home, launcher *engine, imds *service, void (*changed)(gpointer data),
            gpointer data, GError **error)
{
    g_autoptr(network) self = g_new0(network, 1);

    self->home = g_strdup(home);
    self->engine = engine;
    self->changed = changed;
    self->data = data;
    self->world = (port_world){.home = self->home,
                               .poll = poller_new(error),
                               .metadata = service,
                               .find = find,
                               .lost = on_lost,
                               .data = self};
    return self->world.poll != NULL ? g_steal_pointer(&self) : NULL;
}

static void
remove_port(network *self, guint place)
{
    if (self->by_address[place] == NULL)
        return;
    g_message("%s leaves", port_instance(self->by_address[place]));
    port_free(g_steal_pointer(&self->by_address[place]));
    self->count--;
}

void
network_free(network *self)
{
    if (self == NULL)
        return;
    for (guint i = 0; i < HOSTS; i++)
        remove_port(self, i);
    g_clear_handle_id(&self->look, g_source_remove);
    poller_free(self->world.poll);
    g_free(self->home);
    g_free(self);
}

static gboolean
is_possible(const network_port *record)
{
    return record->address >= SUBNET_FIRST && record->address <= SUBNET_LAST;
}

static void
remove_what_is_gone(network *self, const GPtrArray *records)
{
    gboolean is_there[HOSTS] = {FALSE};

    for (guint i = 0; i < records->len; i++) {
        const network_port *record = records->pdata[i];
        guint place = place_of(record->address);
        is_there[place] = is_possible(record) && self->by_address[place] != NULL &&
                          port_is(self->by_address[place], record);
    }
    for (guint i = 0; i < HOSTS; i++)
        if (!is_there[i])
            remove_port(self, i);
}

static void
add_or_keep(network *self, const network_port *record, gboolean retry)
{
    port **place = &self->by_address[place_of(record->address)];
    g_autoptr(GError) error = NULL;

    if (*place != NULL && retry)
        port_retry(*place);
    if (*place == NULL) {
        *place = port_new(&self->world, record, &error);
        if (*place == NULL) {
            g_warning("%s has no network: %s", record->instance, error->message);
            return;
        }
        self->count++;
        g_message("%s comes", record->instance);
    }
    port_publish(*place, record);
}

static void
share_files(network *self)
{
    struct rlimit files;
    stack_limits limits;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        files.rlim_cur = 1024;
    limits = stack_fair_limits(self->count, files.rlim_cur);
    for (guint i = 0; i < HOSTS; i++)
        if (self->by_address[i] != NULL)
            port_set_limits(self->by_address[i], &limits);
}

gboolean
network_look(network *self, gboolean retry, GError **error)
{
    g_autoptr(GPtrArray) records = launcher_network_ports(self->engine, error);

    self->retry = records == NULL && (retry || self->retry);
    if (records == NULL) {
        on_lost(self);
        return FALSE;
    }
    remove_what_is_gone(self, records);
    for (guint i = 0; i < records->len; i++)
        if (is_possible(records->pdata[i]))
            add_or_keep(self, records->pdata[i], retry);
    share_files(self);
    return TRUE;
}

gboolean
network_is_idle(const network *self)
{
    for (guint i = 0; i < HOSTS; i++)
        if (self->by_address[i] != NULL && port_is_alive(self->by_address[i]))
            return FALSE;
    return TRUE;
}
