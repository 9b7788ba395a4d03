#include "drivers/hypervisor.h"
#include "common/failpoint.h"

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

static gboolean
define(hypervisor *self, const boot_plan *plan, GError **error)
{
    FAILPOINT_AROUND("define");
    return self->ops->define(self, plan, error);
}

static gboolean
start(hypervisor *self, const boot_plan *plan, GError **error)
{
    FAILPOINT_AROUND("start");
    return self->ops->start(self, plan, error);
}

static gboolean
undefine(hypervisor *self, const char *name, GError **error)
{
    FAILPOINT_AROUND("undefine");
    return self->ops->undefine(self, name, error);
}

static gboolean
restore(hypervisor *self, const boot_plan *plan, const char *path, GError **error)
{
    FAILPOINT_AROUND("restore");
    return self->ops->restore(self, plan, path, error);
}

gboolean
hypervisor_start(hypervisor *self, const boot_plan *plan, GError **error)
{
    if (!hypervisor_can_boot(self, plan, error) || !define(self, plan, error))
        return FALSE;
    if (start(self, plan, error))
        return TRUE;
    /* The first failure is the one to tell; who started it decides whether the domain stays. */
    hypervisor_destroy(self, plan->name, NULL);
    return FALSE;
}

gboolean
hypervisor_press_power(hypervisor *self, const char *name, GError **error)
{
    FAILPOINT_AROUND("press power");
    return self->ops->press_power(self, name, error);
}

gboolean
hypervisor_destroy(hypervisor *self, const char *name, GError **error)
{
    FAILPOINT_AROUND("destroy");
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
    FAILPOINT_AROUND("reboot");
    return self->ops->reboot(self, name, timeout_ms, result, error);
}

gboolean
hypervisor_reset(hypervisor *self, const char *name, GError **error)
{
    FAILPOINT_AROUND("reset");
    return self->ops->reset(self, name, error);
}

gboolean
hypervisor_discard(hypervisor *self, const char *name, GError **error)
{
    return hypervisor_destroy(self, name, error) && undefine(self, name, error);
}

gboolean
hypervisor_forget(hypervisor *self, const char *name, GError **error)
{
    return undefine(self, name, error);
}

GHashTable *
hypervisor_list(hypervisor *self, GError **error)
{
    return self->ops->list(self, error);
}

gboolean
hypervisor_console(hypervisor *self, const char *name, const console_talker *talker, GError **error)
{
    return self->ops->console(self, name, talker, error);
}

GBytes *
hypervisor_screenshot(hypervisor *self, const char *name, GError **error)
{
    return self->ops->screenshot(self, name, error);
}

gboolean
hypervisor_guest_user(hypervisor *self, guest_user *user, GError **error)
{
    return self->ops->guest_user(self, user, error);
}

gboolean
hypervisor_pause(hypervisor *self, const char *name, GError **error)
{
    FAILPOINT_AROUND("pause");
    return self->ops->pause(self, name, error);
}

gboolean
hypervisor_resume(hypervisor *self, const char *name, GError **error)
{
    FAILPOINT_AROUND("resume");
    return self->ops->resume(self, name, error);
}

gboolean
hypervisor_press_sleep(hypervisor *self, const char *name, GError **error)
{
    FAILPOINT_AROUND("press sleep");
    return self->ops->press_sleep(self, name, error);
}

gboolean
hypervisor_save(hypervisor *self, const char *name, const char *path, GError **error)
{
    FAILPOINT_AROUND("save");
    return self->ops->save(self, name, path, error);
}

gboolean
hypervisor_restore(hypervisor *self, const boot_plan *plan, const char *path, GError **error)
{
    if (!hypervisor_can_boot(self, plan, error))
        return FALSE;
    if (restore(self, plan, path, error))
        return TRUE;
    hypervisor_destroy(self, plan->name, NULL);
    return FALSE;
}

gboolean
hypervisor_can_plug(hypervisor *self, const char *name, GError **error)
{
    return self->ops->can_plug(self, name, error);
}

gboolean
hypervisor_attach(hypervisor *self, const char *name, const boot_disk *disk, GError **error)
{
    FAILPOINT_AROUND("attach");
    return self->ops->attach(self, name, disk, error);
}

gboolean
hypervisor_detach(hypervisor *self, const char *name, const char *alias, gint64 timeout_ms,
                  gboolean force, gboolean *gone, GError **error)
{
    FAILPOINT_AROUND("detach");
    return self->ops->detach(self, name, alias, timeout_ms, force, gone, error);
}

gboolean
hypervisor_resize(hypervisor *self, const char *name, const char *alias, guint64 size,
                  GError **error)
{
    FAILPOINT_AROUND("resize");
    return self->ops->resize(self, name, alias, size, error);
}

gboolean
hypervisor_switch_disks(hypervisor *self, const char *name, const GPtrArray *switches,
                        GError **error)
{
    FAILPOINT_AROUND("switch disks");
    return self->ops->switch_disks(self, name, switches, error);
}

char *
hypervisor_disk_file(hypervisor *self, const char *name, const char *alias, GError **error)
{
    return self->ops->disk_file(self, name, alias, error);
}

char *
hypervisor_home_of(hypervisor *self, const char *name, GError **error)
{
    return self->ops->home_of(self, name, error);
}

gboolean
hypervisor_forget_secret(hypervisor *self, const char *uuid, GError **error)
{
    FAILPOINT_AROUND("forget secret");
    return self->ops->forget_secret(self, uuid, error);
}

disk_switch *
disk_switch_new(const char *alias, const char *path, const char *secret, const char *secret_file)
{
    disk_switch *self = g_new0(disk_switch, 1);

    self->alias = g_strdup(alias);
    self->path = g_strdup(path);
    self->secret = g_strdup(secret);
    self->secret_file = g_strdup(secret_file);
    return self;
}

void
disk_switch_free(disk_switch *self)
{
    if (self == NULL)
        return;
    g_free(self->alias);
    g_free(self->path);
    g_free(self->secret);
    g_free(self->secret_file);
    g_free(self);
}

char *
hypervisor_describe(hypervisor *self, GError **error)
{
    return self->ops->describe(self, error);
}
