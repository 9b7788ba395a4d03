/* What is different with a running guest under Xen in an appliance: what HVM's hardware does is
 * asked of the appliance's agent. To be called for domains of which libvirt_has_agent() is true. */
#ifndef DRIVERS_LIBVIRT_XEN_H
#define DRIVERS_LIBVIRT_XEN_H

#include "drivers/libvirt.h"

/* As hypervisor_ops' reboot(). */
gboolean xen_reboot(libvirt_driver *self, virDomainPtr domain, gint64 timeout_ms,
                    reboot_result *result, GError **error);

/* Builds the guest anew at once. FALSE if the agent can't: then the appliance has to be reset. */
gboolean xen_rebuild(libvirt_driver *self, virDomainPtr domain);

/* Waits until the guest has DEVICE ("sdf"), which has been plugged into the appliance, or is sure
 * to find it when it boots. FALSE with Host.Libvirt or Host.Timeout if it doesn't get it. */
gboolean xen_wait_attached(libvirt_driver *self, virDomainPtr domain, const char *device,
                           GError **error);

/* Lets the guest give DEVICE back to the appliance, at most TIMEOUT_MS: FALSE in *given if it
 * didn't. With FORCE it isn't asked. */
gboolean xen_take_back(libvirt_driver *self, virDomainPtr domain, const char *device,
                       gint64 timeout_ms, gboolean force, gboolean *given, GError **error);

/* Tells the guest that DEVICE has grown. One that can't be told sees it when it boots again. */
void xen_tell_resized(libvirt_driver *self, virDomainPtr domain, const char *device);

#endif
