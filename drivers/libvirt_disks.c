/* The disks of a running guest: more of them, larger ones, and in other files. */
#include "common/error.h"
#include "drivers/disk_xml.h"
#include "drivers/libvirt_agent.h"
#include "drivers/libvirt_hollow.h"
#include "drivers/libvirt_secret.h"
#include "drivers/libvirt_xen.h"
#include "drivers/xen_xml.h"

#define LEAVING_MS 3000
#define UNDO_MS 5000
#define LEAVING_STEP_MS 20

GPtrArray *
libvirt_live_disks(virDomainPtr domain, GError **error)
{
    g_autofree char *xml = virDomainGetXMLDesc(domain, 0);
    g_autoptr(GPtrArray) disks = NULL;

    if (xml == NULL) {
        libvirt_failed("can't ask libvirt for the guest's disks", error);
        return NULL;
    }
    disks = live_disks(xml, error);
    return disks != NULL && live_disks_known(disks, error) ? g_steal_pointer(&disks) : NULL;
}

static gboolean
plugged_in_already(virDomainPtr domain, const char *alias, GError **error)
{
    if (libvirt_is_hollow(domain, alias))
        return error_set(error, ERROR_HOST_LIBVIRT,
                         "the disk was taken from the guest by force, and the guest has not let go "
                         "of it yet: it does when it reboots");
    return error_set(error, ERROR_HOST_LIBVIRT, "the guest has the disk %s already", alias);
}

/* What a guest lets go of when it is reset, libvirt strikes off its list a moment later. */
static gboolean
wait_for_alias(virDomainPtr domain, const char *alias, GError **error)
{
    for (guint waited_ms = 0;; waited_ms += LEAVING_STEP_MS) {
        g_autoptr(GPtrArray) disks = libvirt_live_disks(domain, error);
        if (disks == NULL)
            return FALSE;
        if (live_disk_find(disks, alias) == NULL)
            return TRUE;
        if (waited_ms >= LEAVING_MS)
            return plugged_in_already(domain, alias, error);
        g_usleep(LEAVING_STEP_MS * 1000);
    }
}

/* Another process may take the same target meanwhile: then the next one is free. */
static gboolean
attach_somewhere(virDomainPtr domain, const boot_disk *disk, GHashTable *secrets, GError **error)
{
    g_autofree char *tried = NULL;
    g_autofree char *problem = NULL;

    for (;;) {
        g_autoptr(GPtrArray) disks = libvirt_live_disks(domain, error);
        g_autofree char *target = disks != NULL ? live_disk_free_target(disks) : NULL;
        g_autofree char *xml = disks != NULL ? disk_xml(disk, target, secrets, error) : NULL;
        if (xml == NULL)
            return FALSE;
        if (g_strcmp0(target, tried) == 0)
            return error_set(error, ERROR_HOST_LIBVIRT, "can't plug the disk in: %s", problem);
        if (virDomainAttachDeviceFlags(domain, xml, VIR_DOMAIN_AFFECT_LIVE) == 0)
            return TRUE;
        g_free(problem);
        problem = g_strdup(virGetLastErrorMessage());
        g_free(tried);
        tried = g_steal_pointer(&target);
    }
}

/* Under Xen the disk is the appliance's at first; the guest knows it by its serial number. */
static gboolean
attach_to_xen(libvirt_driver *self, virDomainPtr domain, const boot_disk *disk, GHashTable *secrets,
              GError **error)
{
    g_autofree char *name = xen_disk_name(disk->device);
    boot_disk named = *disk;
    gboolean gone;

    named.serial = name;
    if (!attach_somewhere(domain, &named, secrets, error))
        return FALSE;
    if (xen_wait_attached(self, domain, name, error))
        return TRUE;
    libvirt_detach(&self->base, virDomainGetName(domain), disk->alias, UNDO_MS, TRUE, &gone, NULL);
    return FALSE;
}

/* The first disk, the root, is on the bus that the others are on; if there is a choice, it was made
 * for a guest that has drivers for no other. */
gboolean
libvirt_can_plug(hypervisor *base, const char *name, GError **error)
{
    gboolean absent;
    g_autoptr(virDomain) domain = libvirt_find((libvirt_driver *)base, name, &absent, error);
    g_autoptr(GPtrArray) disks = NULL;
    disk_bus bus;

    if (domain == NULL || virDomainIsActive(domain) != 1)
        return domain != NULL || absent;
    disks = libvirt_live_disks(domain, error);
    if (disks == NULL)
        return FALSE;
    bus = disk_bus_of_target(((const live_disk *)g_ptr_array_index(disks, 0))->target);
    return disk_bus_plugs(bus) ||
           error_set(error, ERROR_UNSUPPORTED,
                     "The disks of '%s' are on %s, for a guest without drivers for virtio, and "
                     "can't be plugged or unplugged while it runs: stop it first",
                     name, bus == DISK_BUS_IDE ? "IDE" : "SATA");
}

gboolean
libvirt_attach(hypervisor *base, const char *name, const boot_disk *disk, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    g_autoptr(virDomain) domain = libvirt_find_existing(self, name, error);
    g_autoptr(secret_scope) secrets = secret_scope_new(self);

    if (domain == NULL || !wait_for_alias(domain, disk->alias, error) ||
        !secret_scope_add_disk(secrets, disk, error))
        return FALSE;
    return libvirt_has_agent(domain) ? attach_to_xen(self, domain, disk, secrets->known, error)
                                     : attach_somewhere(domain, disk, secrets->known, error);
}

static gboolean
no_such_disk(const char *name, const char *alias, GError **error)
{
    return error_set(error, ERROR_HOST_LIBVIRT, "the domain %s has no disk %s", name, alias);
}

gboolean
libvirt_resize(hypervisor *base, const char *name, const char *alias, guint64 size, GError **error)
{
    g_autoptr(virDomain) domain = libvirt_find_existing((libvirt_driver *)base, name, error);
    g_autoptr(GPtrArray) disks = domain != NULL ? libvirt_live_disks(domain, error) : NULL;
    const live_disk *disk;

    if (disks == NULL)
        return FALSE;
    disk = live_disk_find(disks, alias);
    if (disk == NULL)
        return no_such_disk(name, alias, error);
    if (virDomainBlockResize(domain, disk->target, size, VIR_DOMAIN_BLOCK_RESIZE_BYTES) != 0)
        return libvirt_failed("can't grow the disk", error);
    if (disk->serial != NULL && libvirt_has_agent(domain))
        xen_tell_resized((libvirt_driver *)base, domain, disk->serial);
    return TRUE;
}

/* Where the disks of SWITCHES are, in that order, and which disks are none of them. */
static gboolean
sort_targets(const char *name, const GPtrArray *disks, const GPtrArray *switches,
             GPtrArray *targets, GPtrArray *others, GError **error)
{
    for (guint i = 0; i < switches->len; i++) {
        const disk_switch *to = g_ptr_array_index(switches, i);
        const live_disk *disk = live_disk_find(disks, to->alias);
        if (disk == NULL)
            return no_such_disk(name, to->alias, error);
        g_ptr_array_add(targets, disk->target);
    }
    for (guint i = 0; i < disks->len; i++) {
        const live_disk *disk = g_ptr_array_index(disks, i);
        if (!g_ptr_array_find(targets, disk->target, NULL))
            g_ptr_array_add(others, disk->target);
    }
    return TRUE;
}

static gboolean
take_snapshot(virDomainPtr domain, const char *xml, GError **error)
{
    unsigned int flags = VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC |
                         VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA |
                         VIR_DOMAIN_SNAPSHOT_CREATE_REUSE_EXT;
    virDomainSnapshotPtr taken = virDomainSnapshotCreateXML(domain, xml, flags);

    if (taken == NULL)
        return libvirt_failed("the disks can't go on in other files", error);
    virDomainSnapshotFree(taken);
    return TRUE;
}

gboolean
libvirt_switch_disks(hypervisor *base, const char *name, const GPtrArray *switches, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    g_autoptr(virDomain) domain = libvirt_find_existing(self, name, error);
    g_autoptr(GPtrArray) disks = domain != NULL ? libvirt_live_disks(domain, error) : NULL;
    g_autoptr(GPtrArray) targets = g_ptr_array_new();
    g_autoptr(GPtrArray) others = g_ptr_array_new();
    g_autoptr(secret_scope) secrets = secret_scope_new(self);
    g_autofree char *xml = NULL;

    if (disks == NULL || !sort_targets(name, disks, switches, targets, others, error))
        return FALSE;
    for (guint i = 0; i < switches->len; i++) {
        const disk_switch *to = g_ptr_array_index(switches, i);
        if (!secret_scope_add(secrets, to->secret, to->secret_file, error))
            return FALSE;
    }
    xml = disk_xml_switches(switches, targets, others, secrets->known);
    return take_snapshot(domain, xml, error);
}

char *
libvirt_disk_file(hypervisor *base, const char *name, const char *alias, GError **error)
{
    gboolean absent, hollow;
    g_autoptr(virDomain) domain = libvirt_find((libvirt_driver *)base, name, &absent, error);
    g_autoptr(GPtrArray) disks = NULL;
    const live_disk *disk;

    if (domain == NULL || virDomainIsActive(domain) == 0)
        return NULL;
    /* This waits for what libvirt is at with the domain, so that what is read next is true even if
     * that was told by a command that has died. */
    if (!libvirt_ask_hollow(domain, alias, &hollow)) {
        if (virDomainIsActive(domain) != 0)
            error_set(error, ERROR_HOST_LIBVIRT, "the QEMU of %s doesn't answer: try again", name);
        return NULL;
    }
    disks = libvirt_live_disks(domain, error);
    disk = disks != NULL ? live_disk_find(disks, alias) : NULL;
    return disk != NULL && !hollow ? g_strdup(disk->file) : NULL;
}
