/* A guest at rest: paused, asleep, or with its memory in a file. */
#include "drivers/libvirt.h"
#include "common/error.h"
#include "common/files.h"
#include "drivers/domain_xml.h"
#include "drivers/libvirt_events.h"
#include "drivers/libvirt_secret.h"
#include "drivers/live_xml.h"

#include <errno.h>
#include <sys/stat.h>

#define KEY_OF_SLEEP 142 /* linux/input-event-codes.h: KEY_SLEEP */

gboolean
libvirt_pause(hypervisor *base, const char *name, GError **error)
{
    g_autoptr(virDomain) domain = libvirt_find_existing((libvirt_driver *)base, name, error);

    if (domain == NULL)
        return FALSE;
    return virDomainSuspend(domain) == 0 || libvirt_failed("can't pause the guest", error);
}

gboolean
libvirt_resume(hypervisor *base, const char *name, GError **error)
{
    g_autoptr(virDomain) domain = libvirt_find_existing((libvirt_driver *)base, name, error);
    g_autofree char *why = NULL;
    int state;

    if (domain == NULL)
        return FALSE;
    if (virDomainResume(domain) == 0)
        return TRUE;
    why = g_strdup(virGetLastErrorMessage());
    /* libvirt minds if it runs already. */
    return (virDomainGetState(domain, &state, NULL, 0) == 0 && state == VIR_DOMAIN_RUNNING) ||
           error_set(error, ERROR_HOST_LIBVIRT, "can't let the guest go on: %s", why);
}

gboolean
libvirt_press_sleep(hypervisor *base, const char *name, GError **error)
{
    g_autoptr(virDomain) domain = libvirt_find_existing((libvirt_driver *)base, name, error);
    unsigned int key = KEY_OF_SLEEP;

    if (domain == NULL)
        return FALSE;
    return virDomainSendKey(domain, VIR_KEYCODE_SET_LINUX, 0, &key, 1, 0) == 0 ||
           libvirt_failed("can't press the sleep key", error);
}

gboolean
libvirt_save(hypervisor *base, const char *name, const char *path, GError **error)
{
    g_autoptr(virDomain) domain = libvirt_find_existing((libvirt_driver *)base, name, error);

    /* What an interrupted call left is the memory of nothing, as the guest runs. */
    if (domain == NULL || !file_remove(path, error))
        return FALSE;
    if (virDomainSaveFlags(domain, path, NULL, VIR_DOMAIN_SAVE_RUNNING) < 0) {
        libvirt_failed("can't save the guest's memory", error);
        file_remove(path, NULL);
        return FALSE;
    }
    if (chmod(path, 0600) != 0)
        return error_set_errno(error, errno, "can't close %s to others", path);
    return TRUE;
}

static char *
rebased_xml(libvirt_driver *self, const boot_plan *plan, const char *path, GHashTable *secrets,
            GError **error)
{
    g_autofree char *fresh = domain_xml(plan, secrets, error);
    g_autofree char *saved = NULL;

    if (fresh == NULL)
        return NULL;
    saved = virDomainSaveImageGetXMLDesc(self->connection, path, VIR_DOMAIN_SAVE_IMAGE_XML_SECURE);
    if (saved == NULL) {
        libvirt_failed("the saved memory can't be read", error);
        return NULL;
    }
    return saved_xml_rebase(saved, fresh, error);
}

static gboolean
restore(libvirt_driver *self, const boot_plan *plan, const char *path, GError **error)
{
    g_autoptr(secret_scope) secrets = secret_scope_new(self);
    g_autofree char *xml = NULL;
    int held, result;

    if (!secret_scope_add_plan(secrets, plan, error))
        return FALSE;
    xml = rebased_xml(self, plan, path, secrets->known, error);
    if (xml == NULL || !events_ask(plan->events, &held, error))
        return FALSE;
    result = virDomainRestoreFlags(self->connection, path, xml, VIR_DOMAIN_SAVE_PAUSED);
    events_release(held);
    return result == 0 || libvirt_failed("the guest does not go on from its saved memory", error);
}

gboolean
libvirt_restore(hypervisor *base, const boot_plan *plan, const char *path, GError **error)
{
    /* Defined first: a domain that is only restored would be gone when it goes off. */
    return libvirt_define_with((libvirt_driver *)base, plan, NULL, error) &&
           restore((libvirt_driver *)base, plan, path, error);
}
