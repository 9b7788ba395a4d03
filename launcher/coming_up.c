/* Waiting for a guest to come up, which it may not do. */
#include "common/error.h"
#include "common/files.h"
#include "images/home.h"
#include "launcher/coming_up.h"
#include "launcher/internal.h"
#include "launcher/launch.h"

#define POLL_US (200 * 1000)

typedef struct {
    launcher *engine;
    const char *id;
    boot_plan *plan; /* NULL if it can't be made */
    char *console;   /* as it was seen last */
    char *appliance; /* the same of the Xen appliance's log; NULL: there is none */
    gint64 changed;  /* when they did, on the monotonic clock */
    diagnosis *seen;
} watch;

void
boot_stop_free(boot_stop *self)
{
    if (self == NULL)
        return;
    diagnosis_free(self->seen);
    boot_plan_free(self->plan);
    g_free(self);
}

static void
watch_clear(watch *self)
{
    boot_plan_free(self->plan);
    g_free(self->console);
    g_free(self->appliance);
    diagnosis_free(self->seen);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(watch, watch_clear)

static instance_view *
look_at(launcher *self, const char *id, GPtrArray **views, GError **error)
{
    const char *const ids[] = {id, NULL};

    *views = launcher_instances(self, ids, FALSE, error);
    return *views != NULL ? g_ptr_array_index(*views, 0) : NULL;
}

/* The plan only adds to what is told, so that it may be missing. */
static gboolean
find_plan(watch *self, GError **error)
{
    g_autoptr(GPtrArray) views = NULL;
    const instance_view *view = look_at(self->engine, self->id, &views, error);
    g_autoptr(launch) made = NULL;

    if (view == NULL)
        return FALSE;
    made = launch_of_instance(self->engine, view->vm, view->volumes, NULL);
    if (made != NULL)
        self->plan = g_steal_pointer(&made->plan);
    return TRUE;
}

/* Takes NOW in, which becomes WHAT's; TRUE if it is something else than before. */
static gboolean
renew(char **what, char *now)
{
    gboolean same = g_strcmp0(*what, now) == 0;

    g_free(*what);
    *what = now;
    return !same;
}

static gboolean
read_texts(watch *self, GError **error)
{
    char *console = launcher_console_output(self->engine, self->id, error);
    g_autofree char *log = home_appliance_log(self->engine->home, self->id);
    gboolean changed;

    if (console == NULL)
        return FALSE;
    changed = renew(&self->console, console);
    changed |= renew(&self->appliance, file_tail(log, DIAGNOSIS_LIMIT));
    if (!changed && self->seen != NULL)
        return TRUE;
    self->changed = g_get_monotonic_time();
    diagnosis_free(self->seen);
    self->seen = diagnosis_of(self->plan != NULL ? self->plan->kind : BOOT_BIOS, self->console,
                              self->appliance);
    return TRUE;
}

static const boot_warning *
foreseen(const watch *self)
{
    return self->plan != NULL ? diagnosis_foreseen(self->seen, self->plan) : NULL;
}

static gboolean
is_final(const watch *self)
{
    gint64 silent = (g_get_monotonic_time() - self->changed) / G_USEC_PER_SEC;

    return diagnosis_is_final(self->seen, foreseen(self) != NULL, (guint)silent);
}

static boot_stop *
stop_of(watch *self)
{
    boot_stop *stop = g_new0(boot_stop, 1);

    stop->stopped = is_final(self);
    stop->foresaw = foreseen(self);
    stop->seen = g_steal_pointer(&self->seen);
    stop->plan = g_steal_pointer(&self->plan);
    return stop;
}

static gboolean
say_stopped(const watch *self, GError **error)
{
    const boot_warning *warning = foreseen(self);
    const char *what = self->seen->what;

    if (what == NULL)
        what = warning != NULL ? warning->text : "it says no more";
    return error_set(error, ERROR_GUEST_STOPPED, "The boot of '%s' stopped at: %s: %s", self->id,
                     self->seen->link, what);
}

static gboolean
say_timeout(const watch *self, const up_sign *sign, GError **error)
{
    if (self->seen->link == NULL)
        return error_set(error, ERROR_HOST_TIMEOUT, "'%s' runs, but %s after %u s", self->id,
                         sign->missing, sign->timeout_s);
    return error_set(error, ERROR_HOST_TIMEOUT, "'%s' runs, but %s after %u s; it was last at: %s",
                     self->id, sign->missing, sign->timeout_s, self->seen->link);
}

static gboolean
still_running(const watch *self, GError **error)
{
    g_autoptr(GPtrArray) views = NULL;
    const instance_view *view = look_at(self->engine, self->id, &views, error);

    if (view == NULL)
        return FALSE;
    return view->vm->state == INSTANCE_RUNNING ||
           error_set(error, ERROR_INSTANCE_STATE, "The instance '%s' is %s before it came up",
                     self->id, instance_state_words[view->vm->state]);
}

/* FALSE with an error when there is no more to wait for. */
static gboolean
goes_on(const watch *self, gint64 deadline, const up_sign *sign, GError **error)
{
    if (is_final(self))
        return say_stopped(self, error);
    if (!still_running(self, error))
        return FALSE;
    return g_get_monotonic_time() < deadline || say_timeout(self, sign, error);
}

gboolean
coming_up_wait(launcher *self, const char *id, const up_sign *sign, boot_stop **stop,
               GError **error)
{
    gint64 deadline = g_get_monotonic_time() + sign->timeout_s * G_GINT64_CONSTANT(1000000);
    g_auto(watch) it = {.engine = self, .id = id};

    *stop = NULL;
    if (!find_plan(&it, error))
        return FALSE;
    for (;;) {
        if (!read_texts(&it, error))
            return FALSE;
        if (sign->is_seen(self, it.seen, sign->data))
            return TRUE;
        if (!goes_on(&it, deadline, sign, error)) {
            *stop = stop_of(&it);
            return FALSE;
        }
        g_usleep(POLL_US);
    }
}

static gboolean
asks_for_login(launcher *self G_GNUC_UNUSED, const diagnosis *seen, gpointer data G_GNUC_UNUSED)
{
    return seen->progress == BOOT_COMPLETE;
}

gboolean
launcher_wait_login(launcher *self, const char *id, guint timeout_s, boot_stop **stop,
                    GError **error)
{
    const up_sign login = {.is_seen = asks_for_login,
                           .missing = "shows no login on its console",
                           .timeout_s = timeout_s};

    progress_phase(self->listener, "waiting for the guest to come up");
    return coming_up_wait(self, id, &login, stop, error);
}
