/* The libvirt driver: its connection, and what needs no waiting. */
#include "drivers/libvirt.h"
#include "common/error.h"
#include "drivers/domain_xml.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>
#include <unistd.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)

gboolean
libvirt_failed(const char *what, GError **error)
{
    return error_set(error, ERROR_HOST_LIBVIRT, "%s: %s", what, virGetLastErrorMessage());
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

/* Finds a domain that has to be there. */
static virDomainPtr
find_existing(libvirt_driver *self, const char *name, GError **error)
{
    gboolean absent;
    virDomainPtr found = libvirt_find(self, name, &absent, error);

    if (absent)
        error_set(error, ERROR_HOST_LIBVIRT, "libvirt has no domain %s at %s", name, self->uri);
    return found;
}

static gboolean
libvirt_can_boot(hypervisor *base G_GNUC_UNUSED, const boot_plan *plan, GError **error)
{
    if (plan->kind == BOOT_PARAVIRTUAL)
        return error_set(error, ERROR_HOST_LIBVIRT,
                         "this version can't boot paravirtual guests yet; `amilaunch plan` shows "
                         "what would boot");
    return TRUE;
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

static gboolean
libvirt_define(hypervisor *base, const boot_plan *plan, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    g_autofree char *xml = domain_xml(plan, NULL, error);
    g_autoptr(virDomain) defined = NULL;

    if (xml == NULL)
        return FALSE;
    defined = virDomainDefineXML(self->connection, xml);
    return defined != NULL || define_failed(error);
}

static gboolean
libvirt_start(hypervisor *base, const char *name, GError **error)
{
    g_autoptr(virDomain) domain = find_existing((libvirt_driver *)base, name, error);

    if (domain == NULL)
        return FALSE;
    return virDomainCreate(domain) == 0 || libvirt_failed("the guest does not start", error);
}

/* TRUE if the last failure only says that the domain is off or gone, which is what was wanted. */
static gboolean
is_off_or_gone(void)
{
    int code = virGetLastErrorCode();

    return code == VIR_ERR_OPERATION_INVALID || code == VIR_ERR_NO_DOMAIN;
}

static gboolean
libvirt_press_power(hypervisor *base, const char *name, GError **error)
{
    g_autoptr(virDomain) domain = find_existing((libvirt_driver *)base, name, error);

    if (domain == NULL)
        return FALSE;
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

static gboolean
libvirt_undefine(hypervisor *base, const char *name, GError **error)
{
    gboolean absent;
    g_autoptr(virDomain) domain = libvirt_find((libvirt_driver *)base, name, &absent, error);
    unsigned int flags = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_NVRAM |
                         VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
                         VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;

    if (domain == NULL)
        return absent;
    return virDomainUndefineFlags(domain, flags) == 0 ||
           virGetLastErrorCode() == VIR_ERR_NO_DOMAIN ||
           libvirt_failed("libvirt can't forget the domain", error);
}

static gboolean
libvirt_reset(hypervisor *base, const char *name, GError **error)
{
    g_autoptr(virDomain) domain = find_existing((libvirt_driver *)base, name, error);

    if (domain == NULL)
        return FALSE;
    return virDomainReset(domain, 0) == 0 || libvirt_failed("can't reset the guest", error);
}

static domain_state
state_of(int state)
{
    switch (state) {
    case VIR_DOMAIN_SHUTOFF:
    case VIR_DOMAIN_CRASHED:
    case VIR_DOMAIN_NOSTATE:
        return DOMAIN_OFF;
    case VIR_DOMAIN_SHUTDOWN:
        return DOMAIN_ENDING;
    case VIR_DOMAIN_PAUSED:
    case VIR_DOMAIN_PMSUSPENDED:
        return DOMAIN_PAUSED;
    default:
        return DOMAIN_ON;
    }
}

static off_reason
reason_of(int state, int reason)
{
    if (state == VIR_DOMAIN_CRASHED)
        return OFF_CRASHED;
    switch (reason) {
    case VIR_DOMAIN_SHUTOFF_SHUTDOWN:
        return OFF_SHUTDOWN;
    case VIR_DOMAIN_SHUTOFF_DESTROYED:
        return OFF_DESTROYED;
    case VIR_DOMAIN_SHUTOFF_CRASHED:
        return OFF_CRASHED;
    case VIR_DOMAIN_SHUTOFF_FAILED:
        return OFF_FAILED;
    case VIR_DOMAIN_SHUTOFF_SAVED:
        return OFF_SAVED;
    case VIR_DOMAIN_SHUTOFF_MIGRATED:
    case VIR_DOMAIN_SHUTOFF_FROM_SNAPSHOT:
    case VIR_DOMAIN_SHUTOFF_DAEMON:
        return OFF_MOVED;
    default:
        return OFF_UNKNOWN;
    }
}

static void
status_add(GHashTable *all, const virDomainStatsRecord *record)
{
    domain_status *status = g_new0(domain_status, 1);
    int state = VIR_DOMAIN_NOSTATE;
    int reason = 0;

    virTypedParamsGetInt(record->params, record->nparams, "state.state", &state);
    virTypedParamsGetInt(record->params, record->nparams, "state.reason", &reason);
    status->state = state_of(state);
    status->reason = reason_of(state, reason);
    g_hash_table_insert(all, g_strdup(virDomainGetName(record->dom)), status);
}

static GHashTable *
libvirt_list(hypervisor *base, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    g_autoptr(GHashTable) all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    virDomainStatsRecordPtr *records = NULL;
    int count = virConnectGetAllDomainStats(self->connection, VIR_DOMAIN_STATS_STATE, &records, 0);

    if (count < 0) {
        libvirt_failed("can't ask libvirt what runs", error);
        return NULL;
    }
    for (int i = 0; i < count; i++)
        status_add(all, records[i]);
    virDomainStatsRecordListFree(records);
    return g_steal_pointer(&all);
}

/* The capabilities name it "+UID:+GID", under the model "dac". */
static gboolean
owner_parse(const char *capabilities, uid_t *uid, gid_t *gid)
{
    g_autoptr(xmlDoc) document =
        xmlReadMemory(capabilities, (int)strlen(capabilities), NULL, NULL, XML_PARSE_NONET);
    g_autoptr(xmlXPathContext) context = document != NULL ? xmlXPathNewContext(document) : NULL;
    g_autoptr(xmlXPathObject) label = NULL;
    unsigned int user, group;

    if (context == NULL)
        return FALSE;
    label = xmlXPathEvalExpression(
        BAD_CAST "string(/capabilities/host/secmodel[model='dac']/baselabel[1])", context);
    if (label == NULL || label->stringval == NULL ||
        sscanf((const char *)label->stringval, "+%u:+%u", &user, &group) != 2)
        return FALSE;
    *uid = user;
    *gid = group;
    return TRUE;
}

static gboolean
libvirt_guest_user(hypervisor *base, guest_user *user, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    g_autofree char *capabilities = virConnectGetCapabilities(self->connection);

    if (capabilities == NULL)
        return libvirt_failed("can't ask libvirt for its capabilities", error);
    user->other = owner_parse(capabilities, &user->uid, &user->gid) && user->uid != geteuid();
    return TRUE;
}

static char *
version_text(unsigned long version)
{
    return g_strdup_printf("%lu.%lu.%lu", version / 1000000, version / 1000 % 1000, version % 1000);
}

static char *
libvirt_describe(hypervisor *base, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    g_autofree char *library = NULL;
    g_autofree char *emulator = NULL;
    unsigned long libvirt = 0;
    unsigned long qemu = 0;

    if (virConnectGetLibVersion(self->connection, &libvirt) < 0 ||
        virConnectGetVersion(self->connection, &qemu) < 0) {
        libvirt_failed("can't ask libvirt for versions", error);
        return NULL;
    }
    library = version_text(libvirt);
    emulator = version_text(qemu);
    return g_strdup_printf("libvirt %s, QEMU %s, at %s", library, emulator, self->uri);
}

static gboolean
libvirt_pause(hypervisor *base G_GNUC_UNUSED, const char *name G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

static gboolean
libvirt_resume(hypervisor *base G_GNUC_UNUSED, const char *name G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

static gboolean
libvirt_press_sleep(hypervisor *base G_GNUC_UNUSED, const char *name G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

static gboolean
libvirt_save(hypervisor *base G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
             const char *path G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

static gboolean
libvirt_restore(hypervisor *base G_GNUC_UNUSED, const boot_plan *plan G_GNUC_UNUSED,
                const char *path G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

static gboolean
libvirt_attach(hypervisor *base G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
               const boot_disk *disk G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

static gboolean
libvirt_detach(hypervisor *base G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
               const char *alias G_GNUC_UNUSED, gint64 timeout_ms G_GNUC_UNUSED,
               gboolean force G_GNUC_UNUSED, gboolean *gone G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

static gboolean
libvirt_resize(hypervisor *base G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
               const char *alias G_GNUC_UNUSED, guint64 size G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

static gboolean
libvirt_switch_disks(hypervisor *base G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
                     const GPtrArray *switches G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

static char *
libvirt_disk_file(hypervisor *base G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
                  const char *alias G_GNUC_UNUSED, GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

static char *
libvirt_home_of(hypervisor *base G_GNUC_UNUSED, const char *name G_GNUC_UNUSED, GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

static gboolean
libvirt_forget_secret(hypervisor *base G_GNUC_UNUSED, const char *uuid G_GNUC_UNUSED,
                      GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

static const hypervisor_ops ops = {
    .pause = libvirt_pause,
    .resume = libvirt_resume,
    .press_sleep = libvirt_press_sleep,
    .save = libvirt_save,
    .restore = libvirt_restore,
    .attach = libvirt_attach,
    .detach = libvirt_detach,
    .resize = libvirt_resize,
    .switch_disks = libvirt_switch_disks,
    .disk_file = libvirt_disk_file,
    .home_of = libvirt_home_of,
    .forget_secret = libvirt_forget_secret,
    .free = libvirt_free,
    .can_boot = libvirt_can_boot,
    .define = libvirt_define,
    .start = libvirt_start,
    .press_power = libvirt_press_power,
    .destroy = libvirt_destroy,
    .undefine = libvirt_undefine,
    .wait_off = libvirt_wait_off,
    .list = libvirt_list,
    .reboot = libvirt_reboot,
    .reset = libvirt_reset,
    .console = libvirt_console,
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
