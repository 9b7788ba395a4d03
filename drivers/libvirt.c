/* The libvirt driver: its connection, and what needs no waiting. */
#include "drivers/libvirt.h"
#include "common/error.h"
#include "drivers/domain_xml.h"
#include "drivers/libvirt_agent.h"
#include "drivers/libvirt_can.h"
#include "drivers/libvirt_events.h"
#include "drivers/libvirt_secret.h"
#include "drivers/libvirt_xen.h"

#include <string.h>
#include <unistd.h>

gboolean
libvirt_failed(const char *what, GError **error)
{
    /* A libvirtd that died between writing down a guest and starting its QEMU has, when it is back,
     * a guest that nothing can be done with (seen with libvirt 9.0). */
    const char *remedy = virGetLastErrorCode() == VIR_ERR_OPERATION_TIMEOUT
                             ? "; if it stays so, see WHAT OTHERS DO in amilaunch(1)"
                             : "";

    return error_set(error, ERROR_HOST_LIBVIRT, "%s: %s%s", what, virGetLastErrorMessage(), remedy);
}

static void
libvirt_free(hypervisor *base)
{
    libvirt_driver *self = (libvirt_driver *)base;

    if (self->connection != NULL)
        virConnectClose(self->connection);
    g_free(self->uri);
    g_free(self);
}

virDomainPtr
libvirt_find(libvirt_driver *self, const char *name, gboolean *absent, GError **error)
{
    virDomainPtr found = virDomainLookupByName(self->connection, name);

    *absent = found == NULL && virGetLastErrorCode() == VIR_ERR_NO_DOMAIN;
    if (found == NULL && !*absent)
        libvirt_failed(name, error);
    return found;
}

virDomainPtr
libvirt_find_existing(libvirt_driver *self, const char *name, GError **error)
{
    gboolean absent;
    virDomainPtr found = libvirt_find(self, name, &absent, error);

    if (absent)
        error_set(error, ERROR_HOST_LIBVIRT, "libvirt has no domain %s at %s", name, self->uri);
    return found;
}

/* Whether the connection is to a host that runs Xen itself. */
static gboolean
is_xen(const libvirt_driver *self)
{
    return g_str_has_prefix(self->uri, "xen");
}

static gboolean
libvirt_can_boot(hypervisor *base, const boot_plan *plan, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    boot_abilities abilities = {.xen = is_xen(self),
                                .session = strstr(self->uri, "/session") != NULL};

    /* Asking costs every launch a call, and only the shim needs a QEMU of some age. */
    if (plan->kind == BOOT_SHIM && !abilities.xen &&
        virConnectGetVersion(self->connection, &abilities.qemu) != 0)
        abilities.qemu = 0;
    return boot_abilities_check(&abilities, plan, error);
}

/* Without an emulator libvirt knows of no machine at all, and says that in its own way. */
static gboolean
define_failed(GError **error)
{
    g_autofree char *emulator = g_find_program_in_path("qemu-system-x86_64");

    if (emulator == NULL)
        return error_set(error, ERROR_HOST_QEMU,
                         "qemu-system-x86_64 is not in PATH (apt install qemu-system-x86): %s",
                         virGetLastErrorMessage());
    return libvirt_failed("libvirt refuses the domain", error);
}

gboolean
libvirt_define_with(libvirt_driver *self, const boot_plan *plan, GHashTable *secrets,
                    GError **error)
{
    g_autofree char *xml = domain_xml(plan, secrets, error);
    g_autoptr(virDomain) defined = NULL;

    if (xml == NULL)
        return FALSE;
    defined = virDomainDefineXML(self->connection, xml);
    return defined != NULL || define_failed(error);
}

static gboolean
libvirt_define(hypervisor *base, const boot_plan *plan, GError **error)
{
    return libvirt_define_with((libvirt_driver *)base, plan, NULL, error);
}

/* Who has an old QEMU learns it here: to ask before would cost every launch a call. */
static gboolean
start_failed(libvirt_driver *self, const boot_plan *plan, GError **error)
{
    g_autofree char *said = g_strdup(virGetLastErrorMessage());
    unsigned long version = 0;

    libvirt_failed("the guest does not start", error);
    if (plan->mac == NULL || virConnectGetVersion(self->connection, &version) != 0 ||
        version == 0 || version >= QEMU_WITH_STREAMS)
        return FALSE;
    g_clear_error(error);
    return error_set(error, ERROR_HOST_QEMU,
                     "guests' network needs QEMU 7.2 or later, which Debian 12 and Ubuntu 24.04 "
                     "have, and this is %lu.%lu: %s",
                     version / 1000000, version / 1000 % 1000, said);
}

/* The definition has to name the secrets by what libvirt knows them by during this call. A memory
 * that somebody saved with libvirt's own tools is dropped: its disks are not the plan's. */
static gboolean
libvirt_start(hypervisor *base, const boot_plan *plan, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    g_autoptr(virDomain) domain = libvirt_find_existing(self, plan->name, error);
    g_autoptr(secret_scope) secrets = secret_scope_new(self);
    int held, result;

    if (domain == NULL || !secret_scope_add_plan(secrets, plan, error))
        return FALSE;
    if (g_hash_table_size(secrets->known) > 0 &&
        !libvirt_define_with(self, plan, secrets->known, error))
        return FALSE;
    if (!events_ask(plan->events, &held, error))
        return FALSE;
    result = virDomainCreateWithFlags(domain, VIR_DOMAIN_START_FORCE_BOOT);
    events_release(held);
    return result == 0 || start_failed(self, plan, error);
}

/* TRUE if the last failure only says that the domain is off or gone, which is what was wanted. */
static gboolean
is_off_or_gone(void)
{
    int code = virGetLastErrorCode();

    return code == VIR_ERR_OPERATION_INVALID || code == VIR_ERR_NO_DOMAIN;
}

/* A machine that is paused hears no button. If its disk is still full it will soon pause again. */
static void
wake(virDomainPtr domain)
{
    int state, reason;

    if (virDomainGetState(domain, &state, &reason, 0) == 0 && state == VIR_DOMAIN_PAUSED &&
        (reason == VIR_DOMAIN_PAUSED_USER || reason == VIR_DOMAIN_PAUSED_IOERROR))
        virDomainResume(domain);
}

static gboolean
libvirt_press_power(hypervisor *base, const char *name, GError **error)
{
    gboolean absent;
    g_autoptr(virDomain) domain = libvirt_find((libvirt_driver *)base, name, &absent, error);

    if (domain == NULL)
        return absent;
    wake(domain);
    return virDomainShutdownFlags(domain, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN) == 0 ||
           is_off_or_gone() || libvirt_failed("can't press the power button", error);
}

static gboolean
libvirt_destroy(hypervisor *base, const char *name, GError **error)
{
    gboolean absent;
    g_autoptr(virDomain) domain = libvirt_find((libvirt_driver *)base, name, &absent, error);

    if (domain == NULL)
        return absent;
    return virDomainDestroy(domain) == 0 || is_off_or_gone() ||
           libvirt_failed("can't power the guest off", error);
}

/* The firmware's variables are the instance's, in its folder, and go with that; a domain that is
 * only forgotten until the next start finds them again. Xen's driver knows of none. */
static unsigned int
undefine_flags(const libvirt_driver *self)
{
    if (is_xen(self))
        return VIR_DOMAIN_UNDEFINE_MANAGED_SAVE;
    return VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_KEEP_NVRAM |
           VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;
}

static gboolean
libvirt_undefine(hypervisor *base, const char *name, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    gboolean absent;
    g_autoptr(virDomain) domain = libvirt_find(self, name, &absent, error);

    if (domain == NULL)
        return absent;
    return virDomainUndefineFlags(domain, undefine_flags(self)) == 0 ||
           virGetLastErrorCode() == VIR_ERR_NO_DOMAIN ||
           libvirt_failed("libvirt can't forget the domain", error);
}

static gboolean
libvirt_reset(hypervisor *base, const char *name, GError **error)
{
    g_autoptr(virDomain) domain = libvirt_find_existing((libvirt_driver *)base, name, error);

    if (domain == NULL)
        return FALSE;
    if (libvirt_has_agent(domain) && xen_rebuild((libvirt_driver *)base, domain))
        return TRUE;
    return virDomainReset(domain, 0) == 0 || libvirt_failed("can't reset the guest", error);
}

static const hypervisor_ops ops = {
    .many_at_once = TRUE,
    .free = libvirt_free,
    .can_boot = libvirt_can_boot,
    .define = libvirt_define,
    .start = libvirt_start,
    .press_power = libvirt_press_power,
    .destroy = libvirt_destroy,
    .undefine = libvirt_undefine,
    .wait_off = libvirt_wait_off,
    .reboot = libvirt_reboot,
    .reset = libvirt_reset,
    .pause = libvirt_pause,
    .resume = libvirt_resume,
    .press_sleep = libvirt_press_sleep,
    .save = libvirt_save,
    .restore = libvirt_restore,
    .can_plug = libvirt_can_plug,
    .attach = libvirt_attach,
    .detach = libvirt_detach,
    .resize = libvirt_resize,
    .switch_disks = libvirt_switch_disks,
    .disk_file = libvirt_disk_file,
    .home_of = libvirt_home_of,
    .forget_secret = libvirt_forget_secret,
    .list = libvirt_list,
    .console = libvirt_console,
    .screenshot = libvirt_screenshot,
    .guest_user = libvirt_guest_user,
    .describe = libvirt_describe,
};

/* Errors come back as values; libvirt would also print them. */
static void
silence(void *unused G_GNUC_UNUSED, virErrorPtr problem G_GNUC_UNUSED)
{
}

static const char *
next_step(const char *uri)
{
    if (strstr(uri, "/session") != NULL && geteuid() == 0)
        return "root has no session: use qemu:///system";
    if (strstr(uri, "/session") != NULL)
        return "is libvirtd installed? (apt install libvirt-daemon libvirt-daemon-driver-qemu)";
    return "is libvirtd running? (systemctl start libvirtd, or, without systemd: virtlogd -d; "
           "libvirtd -d)";
}

hypervisor *
libvirt_open(const char *uri, GError **error)
{
    libvirt_driver *self = g_new0(libvirt_driver, 1);

    self->base.ops = &ops;
    self->uri = g_strdup(uri);
    virSetErrorFunc(NULL, silence);
    virEventRegisterDefaultImpl();
    self->connection = virConnectOpenAuth(uri, virConnectAuthPtrDefault, 0);
    if (self->connection == NULL) {
        error_set(error, ERROR_HOST_LIBVIRT, "can't connect to libvirt at %s: %s; %s", uri,
                  virGetLastErrorMessage(), next_step(uri));
        hypervisor_free(&self->base);
        return NULL;
    }
    return &self->base;
}
