/* Waiting for a guest, by libvirt's events. An event may be missed (the guest may be off before we
 * listen, the daemon may be restarted), so the state is looked at as well. */
#include "drivers/libvirt.h"
#include "common/error.h"
#include "drivers/libvirt_agent.h"
#include "drivers/libvirt_xen.h"

#define LOOK_EVERY_MS 500

/* What the callbacks saw. */
typedef struct {
    gboolean look; /* the state may have changed, or it is time to look again */
    gboolean stopped;
    gboolean rebooted;
} watch;

static void
on_time(int timer G_GNUC_UNUSED, void *seen)
{
    ((watch *)seen)->look = TRUE;
}

static int
on_lifecycle(virConnectPtr connection G_GNUC_UNUSED, virDomainPtr domain G_GNUC_UNUSED, int event,
             int detail G_GNUC_UNUSED, void *opaque)
{
    watch *seen = opaque;

    seen->look = TRUE;
    /* It may be on again before anybody looks. */
    seen->stopped = seen->stopped || event == VIR_DOMAIN_EVENT_STOPPED;
    return 0;
}

static void
on_reboot(virConnectPtr connection G_GNUC_UNUSED, virDomainPtr domain G_GNUC_UNUSED, void *seen)
{
    ((watch *)seen)->rebooted = TRUE;
}

static gboolean
is_off(virDomainPtr domain, gboolean *off, GError **error)
{
    int state;

    if (virDomainGetState(domain, &state, NULL, 0) == 0) {
        *off = state == VIR_DOMAIN_SHUTOFF || state == VIR_DOMAIN_CRASHED;
        return TRUE;
    }
    if (virGetLastErrorCode() != VIR_ERR_NO_DOMAIN)
        return libvirt_failed("libvirt went away", error);
    *off = TRUE;
    return TRUE;
}

/* Runs the event loop until the domain is off, has rebooted, or the time is over. Each turn of the
 * loop is for some event, most of which are answers to our own questions: they are no reason to ask
 * again. */
static gboolean
wait_for(virDomainPtr domain, watch *seen, gint64 timeout_ms, gboolean *off, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + timeout_ms * 1000;

    seen->look = TRUE;
    for (;;) {
        if (seen->look && !is_off(domain, off, error))
            return FALSE;
        seen->look = FALSE;
        *off = *off || seen->stopped;
        if (*off || seen->rebooted || g_get_monotonic_time() >= deadline)
            return TRUE;
        if (virEventRunDefaultImpl() < 0)
            return libvirt_failed("can't wait for libvirt's events", error);
    }
}

static gboolean
watched_wait(libvirt_driver *self, virDomainPtr domain, gboolean press_reboot, gint64 timeout_ms,
             watch *seen, gboolean *off, GError **error)
{
    virConnectPtr connection = self->connection;
    int lifecycle =
        virConnectDomainEventRegisterAny(connection, domain, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                         VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), seen, NULL);
    int reboot = virConnectDomainEventRegisterAny(connection, domain, VIR_DOMAIN_EVENT_ID_REBOOT,
                                                  VIR_DOMAIN_EVENT_CALLBACK(on_reboot), seen, NULL);
    int timer = virEventAddTimeout((int)MIN(LOOK_EVERY_MS, timeout_ms), on_time, seen, NULL);
    gboolean done;

    /* The ACPI button first, so that the guest ends its work as on a shutdown; libvirt resets the
     * machine when the guest has powered off. */
    if (press_reboot && virDomainReboot(domain, VIR_DOMAIN_REBOOT_ACPI_POWER_BTN) < 0 &&
        virGetLastErrorCode() != VIR_ERR_OPERATION_INVALID)
        done = libvirt_failed("can't reboot the guest", error);
    else
        done = wait_for(domain, seen, timeout_ms, off, error);
    if (timer >= 0)
        virEventRemoveTimeout(timer);
    if (reboot >= 0)
        virConnectDomainEventDeregisterAny(connection, reboot);
    if (lifecycle >= 0)
        virConnectDomainEventDeregisterAny(connection, lifecycle);
    return done;
}

gboolean
libvirt_wait_off(hypervisor *base, const char *name, gint64 timeout_ms, gboolean *off,
                 GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    gboolean absent;
    g_autoptr(virDomain) domain = libvirt_find(self, name, &absent, error);
    watch seen = {0};

    if (domain == NULL) {
        *off = absent;
        return absent;
    }
    do {
        /* A guest that reboots instead is still on. */
        gint64 begun = g_get_monotonic_time();
        seen.rebooted = FALSE;
        if (!watched_wait(self, domain, FALSE, timeout_ms, &seen, off, error))
            return FALSE;
        timeout_ms -= (g_get_monotonic_time() - begun) / 1000;
    } while (!*off && timeout_ms > 0);
    return TRUE;
}

gboolean
libvirt_reboot(hypervisor *base, const char *name, gint64 timeout_ms, reboot_result *result,
               GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    gboolean absent;
    g_autoptr(virDomain) domain = libvirt_find(self, name, &absent, error);
    watch seen = {0};
    gboolean off = FALSE;

    if (domain == NULL) {
        *result = REBOOT_OFF;
        return absent;
    }
    if (libvirt_has_agent(domain))
        return xen_reboot(self, domain, timeout_ms, result, error);
    if (!watched_wait(self, domain, TRUE, timeout_ms, &seen, &off, error))
        return FALSE;
    *result = seen.rebooted ? REBOOT_DONE : off ? REBOOT_OFF : REBOOT_TIMED_OUT;
    return TRUE;
}
