/* What the host can give. */
#include "common/error.h"
#include "common/files.h"
#include "drivers/accel.h"
#include "launcher/launch.h"

#include <string.h>
#include <unistd.h>

/* The verdict holds until the host boots again: its processor and its kernel don't change. */
static char *
verdict_recall(launcher *self, kvm_verdict *verdict)
{
    g_autofree char *known = host_fact_get(self->db, "kvm");
    g_auto(GStrv) parts = known != NULL ? g_strsplit(known, " ", 3) : NULL;

    if (parts == NULL || g_strv_length(parts) != 3 || !g_str_equal(parts[0], host_boot_id()) ||
        !accel_verdict_parse(parts[1], verdict))
        return NULL;
    return g_strdup(parts[2]);
}

static gboolean
verdict_remember(launcher *self, kvm_verdict verdict, const char *detail, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("%s %s %s", host_boot_id(), accel_verdict_text(verdict), detail);

    return host_fact_set(self->db, "kvm", text, error);
}

static gboolean
find_verdict(launcher *self, kvm_verdict *verdict, GError **error)
{
    g_autofree char *detail = NULL;

    if (launcher_store(self, error) == NULL)
        return FALSE;
    detail = verdict_recall(self, verdict);
    if (detail != NULL)
        return TRUE;
    *verdict = accel_probe_kvm(ACCEL_DEADLINE_MS, &detail);
    if (*verdict != KVM_WORKS)
        progress_note(self->listener, "%s: guests are emulated (TCG), which is slower", detail);
    return verdict_remember(self, *verdict, detail, error);
}

gboolean
host_look(launcher *self, host_facts *facts, GError **error)
{
    kvm_verdict verdict = KVM_ABSENT;

    facts->memory_mib =
        (guint64)sysconf(_SC_PHYS_PAGES) * (guint64)sysconf(_SC_PAGESIZE) / (1024 * 1024);
    facts->cpus = (guint)sysconf(_SC_NPROCESSORS_ONLN);
    facts->xen = g_str_has_prefix(self->uri, "xen:");
    facts->kvm = self->conf->accel == ACCEL_KVM;
    if (self->conf->accel != ACCEL_AUTO)
        return TRUE;
    if (!find_verdict(self, &verdict, error))
        return FALSE;
    facts->kvm = verdict == KVM_WORKS;
    return TRUE;
}
