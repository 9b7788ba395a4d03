/* What the engine's own files share. Not for faces. */
#ifndef LAUNCHER_INTERNAL_H
#define LAUNCHER_INTERNAL_H

#include "drivers/hypervisor.h"
#include "launcher/launcher.h"

struct launcher {
    char *home;
    char *uri;
    char *config; /* the file that was named for it; NULL: the usual one */
    settings *conf;
    progress *listener;
    store *db;              /* NULL until needed */
    instance_types *types;  /* NULL until needed */
    kernel_images *kernels; /* the same */
    hypervisor *driver;     /* NULL until needed */

    /* Starts what carries guests' frames, and returns at once: netd_start(). NULL: nobody does. */
    gboolean (*start_netd)(launcher *self, GError **error);
    gboolean untold; /* it has to be told that the records have changed */
    gint64
        netd_started; /* when it was found missing and started, by the monotonic clock; 0: never */
    gboolean netd_noted; /* people know that there is none */
};

/* The database, opened (and HOME made) at the first call. */
store *launcher_store(launcher *self, GError **error);

/* The connection to what runs guests, opened at the first call. */
hypervisor *launcher_hypervisor(launcher *self, GError **error);

/* ---- access.c ---- */

/* Lets the user that guests run as reach what it must, and no more, if that is another user: the
 * folders on the way to the disks, and reading PLAN's snapshots. */
gboolean access_grant(launcher *self, const boot_plan *plan, GError **error);

/* The same for one disk of a guest that runs already. */
gboolean access_grant_disk(launcher *self, const boot_disk *disk, GError **error);

/* Makes HOME/net, and lets the user that guests run as have it; *OWNER says who that is. */
gboolean access_open_network(launcher *self, guest_user *owner, GError **error);

/* The same for PLAN's guest. Where guests are confined to what libvirt knows of they can't have the
 * socket, and PLAN loses its NIC, which is noted. */
gboolean access_grant_network(launcher *self, boot_plan *plan, GError **error);

/* Makes the files at which a guest's events are written, and lets it have them; leaves EVENTS of
 * PLAN NULL where guests are confined to what libvirt knows of. */
gboolean access_grant_events(launcher *self, boot_plan *plan, GError **error);

/* Takes the right to write from everybody for a snapshot that was just taken of a volume, and lets
 * the user that guests run as read it, if a guest may be using it. */
gboolean access_protect_snapshot(launcher *self, const char *path, GError **error);

/* Empties what VM's guest has left there: who starts it behind our back must not find an old end.
 */
gboolean access_clear_events(launcher *self, const instance *vm, GError **error);

/* ---- view.c ---- */

/* An instance, which is taken over, with all that belongs to it but its user data and its type.
 * NULL on failure. */
instance_view *view_of_instance(launcher *self, instance *vm, GError **error);

gboolean view_add_user_data(launcher *self, instance_view *view, GError **error);

state_change *state_change_new(const char *id, instance_state previous, instance_state current);
void state_change_free(state_change *self);

#endif
