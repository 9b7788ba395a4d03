/* Unplugging a disk: the guest is asked for it, and has to let go. */
#include "common/error.h"
#include "drivers/libvirt.h"
#include "drivers/libvirt_agent.h"
#include "drivers/libvirt_hollow.h"
#include "drivers/libvirt_xen.h"

#include <string.h>

#define LOOK_EVERY_MS 500

/* A guest that is only just booting doesn't hear the request. */
#define ASK_AGAIN_MS 5000

static gboolean
is_gone(virDomainPtr domain, const char *alias, gboolean *gone, GError **error)
{
    g_autoptr(GPtrArray) disks = NULL;

    *gone = virDomainIsActive(domain) == 0;
    if (*gone)
        return TRUE;
    disks = libvirt_live_disks(domain, error);
    if (disks == NULL)
        return FALSE;
    *gone = live_disk_find(disks, alias) == NULL || libvirt_is_hollow(domain, alias);
    return TRUE;
}

/* That the guest has been asked before is no failure. */
static gboolean
ask(virDomainPtr domain, const char *alias, gboolean *gone, GError **error)
{
    g_autofree char *problem = NULL;

    if (virDomainDetachDeviceAlias(domain, alias, VIR_DOMAIN_AFFECT_LIVE) == 0)
        return TRUE;
    problem = g_strdup(virGetLastErrorMessage());
    if (!is_gone(domain, alias, gone, error))
        return FALSE;
    return *gone || strstr(problem, "in the process of unplug") != NULL ||
           error_set(error, ERROR_HOST_LIBVIRT, "can't unplug the disk: %s", problem);
}

static void
on_removed(virConnectPtr connection G_GNUC_UNUSED, virDomainPtr domain G_GNUC_UNUSED,
           const char *alias G_GNUC_UNUSED, void *look)
{
    *(gboolean *)look = TRUE;
}

static void
on_time(int timer G_GNUC_UNUSED, void *look)
{
    *(gboolean *)look = TRUE;
}

/* Runs the event loop until the disk is gone or the time is over. */
static gboolean
wait_gone(virDomainPtr domain, const char *alias, gint64 timeout_ms, gboolean *look, gboolean *gone,
          GError **error)
{
    gint64 begun = g_get_monotonic_time();
    gint64 asked = begun;

    while (!*gone && g_get_monotonic_time() - begun < timeout_ms * 1000) {
        if (virEventRunDefaultImpl() < 0)
            return libvirt_failed("can't wait for libvirt's events", error);
        if (*look && !is_gone(domain, alias, gone, error))
            return FALSE;
        *look = FALSE;
        if (!*gone && g_get_monotonic_time() - asked >= ASK_AGAIN_MS * 1000) {
            virDomainDetachDeviceAlias(domain, alias, VIR_DOMAIN_AFFECT_LIVE);
            asked = g_get_monotonic_time();
        }
    }
    return TRUE;
}

static gboolean
watched_wait(libvirt_driver *self, virDomainPtr domain, const char *alias, gint64 timeout_ms,
             gboolean *gone, GError **error)
{
    gboolean look = TRUE;
    int removed = virConnectDomainEventRegisterAny(
        self->connection, domain, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
        VIR_DOMAIN_EVENT_CALLBACK(on_removed), &look, NULL);
    int timer = virEventAddTimeout((int)CLAMP(timeout_ms, 1, LOOK_EVERY_MS), on_time, &look, NULL);
    gboolean done =
        ask(domain, alias, gone, error) && wait_gone(domain, alias, timeout_ms, &look, gone, error);

    if (timer >= 0)
        virEventRemoveTimeout(timer);
    if (removed >= 0)
        virConnectDomainEventDeregisterAny(self->connection, removed);
    return done;
}

static gboolean
take_away(virDomainPtr domain, const char *alias, gboolean *gone, GError **error)
{
    g_autoptr(GPtrArray) disks = libvirt_live_disks(domain, error);
    const live_disk *disk = disks != NULL ? live_disk_find(disks, alias) : NULL;

    if (disks == NULL)
        return FALSE;
    *gone = disk == NULL || libvirt_hollow_out(domain, disk);
    return TRUE;
}

/* The appliance can only be asked for what its guest has given back. */
static gboolean
take_back(libvirt_driver *self, virDomainPtr domain, const char *alias, gint64 timeout_ms,
          gboolean force, gboolean *given, GError **error)
{
    g_autoptr(GPtrArray) disks = libvirt_live_disks(domain, error);
    const live_disk *disk = disks != NULL ? live_disk_find(disks, alias) : NULL;

    if (disks == NULL)
        return FALSE;
    *given = TRUE;
    return disk == NULL || disk->serial == NULL ||
           xen_take_back(self, domain, disk->serial, timeout_ms, force, given, error);
}

gboolean
libvirt_detach(hypervisor *base, const char *name, const char *alias, gint64 timeout_ms,
               gboolean force, gboolean *gone, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    gboolean absent;
    g_autoptr(virDomain) domain = libvirt_find(self, name, &absent, error);

    *gone = absent;
    if (domain == NULL)
        return absent;
    if (!is_gone(domain, alias, gone, error))
        return FALSE;
    if (*gone)
        return TRUE;
    if (libvirt_has_agent(domain)) {
        gboolean given;
        if (!take_back(self, domain, alias, timeout_ms, force, &given, error))
            return FALSE;
        if (!given && !force)
            return is_gone(domain, alias, gone, error);
    }
    return watched_wait(self, domain, alias, timeout_ms, gone, error) &&
           (*gone || !force || take_away(domain, alias, gone, error));
}
