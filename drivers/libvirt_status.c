/* What libvirt knows of domains without looking into them. */
#include "common/error.h"
#include "drivers/domain_xml.h"
#include "drivers/libvirt.h"
#include "drivers/live_xml.h"

static domain_state
state_of(int state, int reason)
{
    switch (state) {
    case VIR_DOMAIN_SHUTOFF:
    case VIR_DOMAIN_CRASHED:
    case VIR_DOMAIN_NOSTATE:
        return DOMAIN_OFF;
    case VIR_DOMAIN_SHUTDOWN:
    case VIR_DOMAIN_PMSUSPENDED: /* guests can only suspend to disk, which ends in powering off */
        return DOMAIN_ENDING;
    case VIR_DOMAIN_PAUSED:
        return reason == VIR_DOMAIN_PAUSED_SHUTTING_DOWN ? DOMAIN_ENDING : DOMAIN_PAUSED;
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

static pause_reason
pause_of(int reason)
{
    switch (reason) {
    case VIR_DOMAIN_PAUSED_USER:
        return PAUSED_BY_USER;
    case VIR_DOMAIN_PAUSED_IOERROR:
        return PAUSED_IO_ERROR;
    case VIR_DOMAIN_PAUSED_SAVE:
    case VIR_DOMAIN_PAUSED_DUMP:
    case VIR_DOMAIN_PAUSED_SNAPSHOT:
    case VIR_DOMAIN_PAUSED_STARTING_UP:
        return PAUSED_BUSY;
    case VIR_DOMAIN_PAUSED_CRASHED:
        return PAUSED_CRASHED;
    default: /* one that was restored and waits is "migrating" */
        return PAUSED_UNKNOWN;
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
    status->state = state_of(state, reason);
    status->reason = reason_of(state, reason);
    if (status->state == DOMAIN_PAUSED)
        status->pause = pause_of(reason);
    g_hash_table_insert(all, g_strdup(virDomainGetName(record->dom)), status);
}

GHashTable *
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

char *
libvirt_home_of(hypervisor *base, const char *name, GError **error)
{
    gboolean absent;
    g_autoptr(virDomain) domain = libvirt_find((libvirt_driver *)base, name, &absent, error);
    g_autofree char *metadata = NULL;

    if (domain == NULL)
        return NULL;
    metadata = virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, DOMAIN_XML_NAMESPACE,
                                    VIR_DOMAIN_AFFECT_CURRENT);
    if (metadata != NULL)
        return live_home(metadata);
    if (virGetLastErrorCode() != VIR_ERR_NO_DOMAIN_METADATA &&
        virGetLastErrorCode() != VIR_ERR_NO_DOMAIN)
        libvirt_failed("can't ask libvirt whose the domain is", error);
    return NULL;
}
