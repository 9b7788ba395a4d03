#include "drivers/xen_plan.h"
#include "drivers/xen_appliance.h"

static void
set_text(char **place, const char *value)
{
    g_free(*place);
    *place = g_strdup(value);
}

gboolean
xen_plan_fill(boot_plan *plan, GError **error)
{
    g_autoptr(xen_appliance) from = xen_appliance_read(plan->appliance, error);

    if (from == NULL)
        return FALSE;
    set_text(&plan->kernel, from->xen);
    set_text(&plan->cmdline, from->xen_cmdline);
    set_text(&plan->dom0_kernel, from->dom0_kernel);
    set_text(&plan->dom0_cmdline, from->dom0_cmdline);
    set_text(&plan->initrd, from->dom0_initrd);
    plan->overhead_mib = from->overhead_mib;
    return TRUE;
}
