#include "tests/engine/fake.h"
#include "common/error.h"
#include "common/process.h"

#include <unistd.h>

static gboolean
called(fake *self, const char *what, const char *name, GError **error)
{
    g_string_append_printf(self->calls, "%s %s; ", what, name);
    if (self->meanwhile != NULL)
        self->meanwhile(what);
    if (g_strcmp0(self->dies_at, what) == 0 && --self->dies_at_turn + 1 <= 1)
        _exit(9);
    if (g_strcmp0(self->fails_at, what) == 0)
        return error_set(error, ERROR_HOST_LIBVIRT, "%s fails, as told", what);
    return TRUE;
}

/* What was called has done its work. */
static gboolean
finished(fake *self, const char *what, GError **error)
{
    if (g_strcmp0(self->dies_after, what) == 0)
        _exit(9);
    if (g_strcmp0(self->fails_after, what) == 0)
        return error_set(error, ERROR_HOST_LIBVIRT, "the answer to %s is lost, as told", what);
    return TRUE;
}

static domain_status *
status_of(const fake *self, const char *name)
{
    return g_hash_table_lookup(self->domains, name);
}

gboolean
fake_has(const fake *self, const char *name)
{
    return status_of(self, name) != NULL;
}

gboolean
fake_runs(const fake *self, const char *name)
{
    return fake_has(self, name) && status_of(self, name)->state != DOMAIN_OFF;
}

static char *
disk_key(const char *name, const char *alias)
{
    return g_strdup_printf("%s %s", name, alias);
}

gboolean
fake_has_disk(const fake *self, const char *name, const char *alias)
{
    g_autofree char *key = disk_key(name, alias);

    return fake_runs(self, name) && g_hash_table_contains(self->disks, key);
}

void
fake_plug(fake *self, const char *name, const char *alias, const char *path)
{
    g_hash_table_insert(self->disks, disk_key(name, alias), g_strdup(path));
}

static gboolean
is_of_domain(gpointer key, gpointer path G_GNUC_UNUSED, gpointer name)
{
    g_autofree char *prefix = disk_key(name, "");

    return g_str_has_prefix(key, prefix);
}

/* NULL if the guest is off or has no such disk. */
static const char *
file_of(const fake *self, const char *name, const char *alias)
{
    g_autofree char *key = disk_key(name, alias);

    return fake_runs(self, name) ? g_hash_table_lookup(self->disks, key) : NULL;
}

void
fake_guest_off(fake *self, const char *name, off_reason reason)
{
    if (!fake_runs(self, name))
        return;
    status_of(self, name)->state = DOMAIN_OFF;
    status_of(self, name)->reason = reason;
}

void
fake_guest_paused(fake *self, const char *name, pause_reason why)
{
    *status_of(self, name) = (domain_status){.state = DOMAIN_PAUSED, .pause = why};
}

static void
fake_free(hypervisor *base)
{
    fake *self = (fake *)base;

    g_hash_table_unref(self->domains);
    g_hash_table_unref(self->disks);
    g_string_free(self->calls, TRUE);
    g_free(self->hardware);
    g_free(self->kernel);
    g_free(self->mac);
    g_free(self);
}

static gboolean
fake_can_boot(hypervisor *base G_GNUC_UNUSED, const boot_plan *plan G_GNUC_UNUSED,
              GError **error G_GNUC_UNUSED)
{
    return TRUE;
}

static void
note_hardware(fake *self, const boot_plan *plan)
{
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%s %u %" G_GUINT64_FORMAT, plan->machine, plan->vcpus, plan->memory_mib);
    for (guint i = 0; i < plan->disks->len; i++)
        g_string_append_printf(text, " %s",
                               ((boot_disk *)g_ptr_array_index(plan->disks, i))->target);
    g_free(self->hardware);
    self->hardware = g_string_free(text, FALSE);
    g_free(self->mac);
    self->mac = g_strdup(plan->mac);
    g_free(self->kernel);
    self->kernel = g_strdup(plan->kernel);
    self->memory_mib = boot_plan_memory(plan);
}

static gboolean
fake_define(hypervisor *base, const boot_plan *plan, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "define", plan->name, error))
        return FALSE;
    g_hash_table_foreach_remove(self->disks, is_of_domain, plan->name);
    for (guint i = 0; i < plan->disks->len; i++) {
        const boot_disk *disk = g_ptr_array_index(plan->disks, i);
        if (!g_file_test(disk->path, G_FILE_TEST_EXISTS))
            return error_set(error, ERROR_HOST_LIBVIRT, "no such disk: %s", disk->path);
        fake_plug(self, plan->name, disk->alias, disk->path);
    }
    note_hardware(self, plan);
    g_hash_table_insert(self->domains, g_strdup(plan->name), g_new0(domain_status, 1));
    return TRUE;
}

static gboolean
fake_start(hypervisor *base, const boot_plan *plan, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "start", plan->name, error))
        return FALSE;
    status_of(self, plan->name)->state = DOMAIN_ON;
    return TRUE;
}

static gboolean
fake_press_power(hypervisor *base, const char *name, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "press", name, error))
        return FALSE;
    if (!self->ignores_power)
        fake_guest_off(self, name, OFF_SHUTDOWN);
    return TRUE;
}

static gboolean
fake_destroy(hypervisor *base, const char *name, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "destroy", name, error))
        return FALSE;
    fake_guest_off(self, name, OFF_DESTROYED);
    return TRUE;
}

static gboolean
fake_undefine(hypervisor *base, const char *name, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "undefine", name, error))
        return FALSE;
    g_hash_table_remove(self->domains, name);
    return TRUE;
}

static gboolean
fake_wait_off(hypervisor *base, const char *name, gint64 timeout_ms G_GNUC_UNUSED, gboolean *off,
              GError **error)
{
    fake *self = (fake *)base;

    *off = !fake_runs(self, name);
    return called(self, "wait", name, error);
}

static gboolean
fake_reboot(hypervisor *base, const char *name, gint64 timeout_ms G_GNUC_UNUSED,
            reboot_result *result, GError **error)
{
    fake *self = (fake *)base;

    *result = self->hangs_on_reboot ? REBOOT_TIMED_OUT : REBOOT_DONE;
    return called(self, "reboot", name, error);
}

static gboolean
fake_reset(hypervisor *base, const char *name, GError **error)
{
    return called((fake *)base, "reset", name, error);
}

static GHashTable *
fake_list(hypervisor *base, GError **error)
{
    fake *self = (fake *)base;
    g_autoptr(GHashTable) all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter at;
    gpointer name, status;

    if (!called(self, "list", "all", error))
        return NULL;
    g_hash_table_iter_init(&at, self->domains);
    while (g_hash_table_iter_next(&at, &name, &status))
        g_hash_table_insert(all, g_strdup(name), g_memdup2(status, sizeof(domain_status)));
    return g_steal_pointer(&all);
}

/* One white pixel. */
static GBytes *
fake_screenshot(hypervisor *base, const char *name, GError **error)
{
    static const char picture[] = "P6\n1 1\n255\n\xff\xff\xff";

    return called((fake *)base, "screenshot", name, error)
               ? g_bytes_new_static(picture, sizeof picture - 1)
               : NULL;
}

static gboolean
fake_console(hypervisor *base, const char *name, const console_talker *talker, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "console", name, error))
        return FALSE;
    if (talker != NULL && self->on_talk != NULL)
        self->on_talk(talker);
    return TRUE;
}

static gboolean
fake_guest_user(hypervisor *base G_GNUC_UNUSED, guest_user *user, GError **error G_GNUC_UNUSED)
{
    *user = (guest_user){.other = FALSE};
    return TRUE;
}

static char *
fake_describe(hypervisor *base G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return g_strdup("a hypervisor in memory");
}

static gboolean
fake_pause(hypervisor *base, const char *name, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "pause", name, error))
        return FALSE;
    fake_guest_paused(self, name, PAUSED_BY_USER);
    return finished(self, "pause", error);
}

static gboolean
fake_resume(hypervisor *base, const char *name, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "resume", name, error))
        return FALSE;
    status_of(self, name)->state = DOMAIN_ON;
    return TRUE;
}

static gboolean
fake_press_sleep(hypervisor *base, const char *name, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "sleep", name, error))
        return FALSE;
    if (self->on_sleep != NULL) {
        self->on_sleep(name);
        fake_guest_off(self, name, OFF_SHUTDOWN);
    }
    return TRUE;
}

static gboolean
fake_save(hypervisor *base, const char *name, const char *path, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "save", name, error))
        return FALSE;
    if (!g_file_set_contents(path, "LibvirtQemudSave, and memory", -1, error))
        return FALSE;
    fake_guest_off(self, name, OFF_SAVED);
    return TRUE;
}

static gboolean
fake_restore(hypervisor *base, const boot_plan *plan, const char *path, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "restore", plan->name, error))
        return FALSE;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return error_set(error, ERROR_HOST_LIBVIRT, "no such memory: %s", path);
    fake_guest_paused(self, plan->name, PAUSED_UNKNOWN);
    return TRUE;
}

static gboolean
fake_can_plug(hypervisor *base, const char *name, GError **error)
{
    fake *self = (fake *)base;

    return !self->no_plugging ||
           error_set(error, ERROR_UNSUPPORTED, "%s has no place for disks", name);
}

static gboolean
fake_attach(hypervisor *base, const char *name, const boot_disk *disk, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "attach", name, error))
        return FALSE;
    if (!g_file_test(disk->path, G_FILE_TEST_EXISTS))
        return error_set(error, ERROR_HOST_LIBVIRT, "no such disk: %s", disk->path);
    fake_plug(self, name, disk->alias, disk->path);
    return TRUE;
}

static gboolean
fake_detach(hypervisor *base, const char *name, const char *alias, gint64 timeout_ms G_GNUC_UNUSED,
            gboolean force, gboolean *gone, GError **error)
{
    fake *self = (fake *)base;
    g_autofree char *key = disk_key(name, alias);

    if (!called(self, "detach", name, error))
        return FALSE;
    if (force || !self->clings_to_disks)
        g_hash_table_remove(self->disks, key);
    *gone = !g_hash_table_contains(self->disks, key);
    return TRUE;
}

static gboolean
fake_resize(hypervisor *base, const char *name, const char *alias, guint64 size, GError **error)
{
    fake *self = (fake *)base;
    g_autofree char *key = disk_key(name, alias);
    g_autofree char *bytes = g_strdup_printf("%" G_GUINT64_FORMAT, size);
    const char *path = g_hash_table_lookup(self->disks, key);
    const char *const argv[] = {"qemu-img", "resize", "-q", "-f", "qcow2", path, bytes, NULL};

    if (!called(self, "resize", name, error))
        return FALSE;
    if (path == NULL)
        return error_set(error, ERROR_HOST_LIBVIRT, "no such disk: %s", alias);
    return process_run(argv, ERROR_HOST_QEMU, NULL, error);
}

static gboolean
fake_switch_disks(hypervisor *base, const char *name, const GPtrArray *switches, GError **error)
{
    fake *self = (fake *)base;

    if (!called(self, "switch", name, error))
        return FALSE;
    for (guint i = 0; i < switches->len; i++) {
        const disk_switch *one = g_ptr_array_index(switches, i);
        if (file_of(self, name, one->alias) == NULL || !g_file_test(one->path, G_FILE_TEST_EXISTS))
            return error_set(error, ERROR_HOST_LIBVIRT, "no such disk: %s", one->alias);
    }
    for (guint i = 0; i < switches->len; i++) {
        const disk_switch *one = g_ptr_array_index(switches, i);
        fake_plug(self, name, one->alias, one->path);
    }
    return finished(self, "switch", error);
}

static char *
fake_disk_file(hypervisor *base, const char *name, const char *alias, GError **error)
{
    fake *self = (fake *)base;
    g_autofree char *file = NULL;

    if (!called(self, "disk-file", name, error))
        return NULL;
    file = g_strdup(file_of(self, name, alias));
    if (self->late_path != NULL)
        fake_plug(self, name, alias, self->late_path);
    g_clear_pointer(&self->late_path, g_free);
    return g_steal_pointer(&file);
}

static char *
fake_home_of(hypervisor *base, const char *name G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return g_strdup(((fake *)base)->home);
}

static gboolean
fake_forget_secret(hypervisor *base G_GNUC_UNUSED, const char *uuid G_GNUC_UNUSED,
                   GError **error G_GNUC_UNUSED)
{
    return TRUE;
}

static const hypervisor_ops ops = {
    .pause = fake_pause,
    .resume = fake_resume,
    .press_sleep = fake_press_sleep,
    .save = fake_save,
    .restore = fake_restore,
    .can_plug = fake_can_plug,
    .attach = fake_attach,
    .detach = fake_detach,
    .resize = fake_resize,
    .switch_disks = fake_switch_disks,
    .disk_file = fake_disk_file,
    .home_of = fake_home_of,
    .forget_secret = fake_forget_secret,
    .free = fake_free,
    .can_boot = fake_can_boot,
    .define = fake_define,
    .start = fake_start,
    .press_power = fake_press_power,
    .destroy = fake_destroy,
    .undefine = fake_undefine,
    .wait_off = fake_wait_off,
    .reboot = fake_reboot,
    .reset = fake_reset,
    .list = fake_list,
    .console = fake_console,
    .screenshot = fake_screenshot,
    .guest_user = fake_guest_user,
    .describe = fake_describe,
};

fake *
fake_new(void)
{
    fake *self = g_new0(fake, 1);

    self->base.ops = &ops;
    self->domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    self->disks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    self->calls = g_string_new(NULL);
    return self;
}
