#include "drivers/hypervisor.h"

void
hypervisor_free(hypervisor *self)
{
    if (self != NULL)
        self->ops->free(self);
}

gboolean
hypervisor_can_boot(hypervisor *self, const boot_plan *plan, GError **error)
{
    return self->ops->can_boot(self, plan, error);
}

gboolean
hypervisor_start(hypervisor *self, const boot_plan *plan, GError **error)
{
    if (!hypervisor_can_boot(self, plan, error) || !self->ops->define(self, plan, error))
        return FALSE;
    if (self->ops->start(self, plan->name, error))
        return TRUE;
    /* The first failure is the one to tell; who started it decides whether the domain stays. */
    self->ops->destroy(self, plan->name, NULL);
    return FALSE;
}

gboolean
hypervisor_press_power(hypervisor *self, const char *name, GError **error)
{
    return self->ops->press_power(self, name, error);
}

gboolean
hypervisor_destroy(hypervisor *self, const char *name, GError **error)
{
    return self->ops->destroy(self, name, error);
}

gboolean
hypervisor_wait_off(hypervisor *self, const char *name, gint64 timeout_ms, gboolean *off,
                    GError **error)
{
    return self->ops->wait_off(self, name, timeout_ms, off, error);
}

gboolean
hypervisor_reboot(hypervisor *self, const char *name, gint64 timeout_ms, reboot_result *result,
                  GError **error)
{
    return self->ops->reboot(self, name, timeout_ms, result, error);
}

gboolean
hypervisor_reset(hypervisor *self, const char *name, GError **error)
{
    return self->ops->reset(self, name, error);
}

gboolean
hypervisor_discard(hypervisor *self, const char *name, GError **error)
{
    return self->ops->destroy(self, name, error) && self->ops->undefine(self, name, error);
}

GHashTable *
hypervisor_list(hypervisor *self, GError **error)
{
    return self->ops->list(self, error);
}

gboolean
hypervisor_console(hypervisor *self, const char *name, GError **error)
{
    return self->ops->console(self, name, error);
}

gboolean
hypervisor_guest_owner(hypervisor *self, gboolean *other, uid_t *uid, gid_t *gid, GError **error)
{
    return self->ops->guest_owner(self, other, uid, gid, error);
}

char *
hypervisor_describe(hypervisor *self, GError **error)
{
    return self->ops->describe(self, error);
}
