/* What the parts of the libvirt driver share. */
#ifndef DRIVERS_LIBVIRT_H
#define DRIVERS_LIBVIRT_H

#include "drivers/hypervisor.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

typedef struct {
    hypervisor base;
    virConnectPtr connection;
    char *uri;
} libvirt_driver;

/* Sets *error to Host.Libvirt with WHAT and libvirt's own words for its last failure. FALSE always.
 */
gboolean libvirt_failed(const char *what, GError **error);

/* The domain, or NULL: with *absent TRUE if there is none of that name, else with *error set. */
virDomainPtr libvirt_find(libvirt_driver *self, const char *name, gboolean *absent, GError **error);

/* hypervisor_ops: wait_off and reboot (libvirt_wait.c), console (libvirt_console.c). */
gboolean libvirt_wait_off(hypervisor *base, const char *name, gint64 timeout_ms, gboolean *off,
                          GError **error);
gboolean libvirt_reboot(hypervisor *base, const char *name, gint64 timeout_ms,
                        reboot_result *result, GError **error);
gboolean libvirt_console(hypervisor *base, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(virDomain, virDomainFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virStream, virStreamFree)

#endif
