/* What libvirt knows of passphrases, and for how long: for one call, under a UUID that is made for
 * it. So two calls never take away what the other still needs, whatever disks they share; and if a
 * process is killed meanwhile, the name that libvirt keeps with the secret tells whose it was. */
#ifndef DRIVERS_LIBVIRT_SECRET_H
#define DRIVERS_LIBVIRT_SECRET_H

#include "drivers/libvirt.h"

typedef struct {
    virConnectPtr connection;
    GHashTable *known; /* UUID in the plan -> libvirt's UUID: for disk_xml.h and domain_xml.h */
} secret_scope;

secret_scope *secret_scope_new(libvirt_driver *self);

/* Takes the secrets away again, and frees the scope. NULL is fine. */
void secret_scope_end(secret_scope *self);

/* Tells libvirt the passphrase in FILE. UUID may be NULL, for a file that isn't encrypted, or known
 * already. */
gboolean secret_scope_add(secret_scope *self, const char *uuid, const char *file, GError **error);

/* The same for a disk and all its layers, and for all disks of a plan. */
gboolean secret_scope_add_disk(secret_scope *self, const boot_disk *disk, GError **error);
gboolean secret_scope_add_plan(secret_scope *self, const boot_plan *plan, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(secret_scope, secret_scope_end)

#endif
