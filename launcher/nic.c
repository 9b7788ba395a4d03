#include "launcher/nic.h"
#include "common/error.h"
#include "common/ids.h"
#include "launcher/subnet.h"

/* Ascending. */
static GArray *
addresses_taken(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) nics = interface_list(self->db, error);
    GArray *taken;

    if (nics == NULL)
        return NULL;
    taken = g_array_sized_new(FALSE, FALSE, sizeof(guint32), nics->len);
    for (guint i = 0; i < nics->len; i++) {
        guint32 address = (guint32)((interface *)g_ptr_array_index(nics, i))->address;
        g_array_append_val(taken, address);
    }
    return taken;
}

static gboolean
no_address(GError **error)
{
    g_autofree char *network = subnet_text(SUBNET_NETWORK);

    return error_set(error, ERROR_ADDRESSES,
                     "There are not enough free addresses in the subnet %s/%d: terminate instances "
                     "that aren't needed",
                     network, SUBNET_BITS);
}

gboolean
nic_check_room(launcher *self, guint count, GError **error)
{
    g_autoptr(GArray) taken = addresses_taken(self, error);

    return taken != NULL &&
           (taken->len + count <= SUBNET_LAST - SUBNET_FIRST + 1 || no_address(error));
}

interface *
nic_take(launcher *self, const char *id, GError **error)
{
    g_autoptr(GArray) taken = addresses_taken(self, error);
    g_autoptr(interface) nic = NULL;
    guint32 address = taken != NULL ? subnet_choose(taken, g_random_int()) : 0;

    if (address == 0) {
        if (taken != NULL)
            no_address(error);
        return NULL;
    }
    nic = g_new0(interface, 1);
    nic->instance = g_strdup(id);
    nic->id = id_new("eni");
    nic->address = address;
    nic->mac = subnet_mac(address);
    return interface_insert(self->db, nic, error) ? g_steal_pointer(&nic) : NULL;
}

interface *
nic_of(launcher *self, const char *id, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(interface) nic = interface_get(self->db, id, &problem);
    g_autoptr(transaction) change = NULL;

    if (problem != NULL)
        g_propagate_error(error, g_steal_pointer(&problem));
    else if (nic == NULL && (change = transaction_begin(self->db, error)) != NULL) {
        nic = nic_take(self, id, error);
        if (nic != NULL && !transaction_commit(change, error))
            g_clear_pointer(&nic, interface_free);
    }
    return g_steal_pointer(&nic);
}
