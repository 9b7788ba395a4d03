/* The serial console, and waiting for an instance's state. */
#include "common/error.h"
#include "common/files.h"
#include "images/home.h"
#include "launcher/claim.h"
#include "launcher/internal.h"
#include "launcher/reconcile.h"
#include "launcher/scope.h"

#include <string.h>

#define POLL_US (200 * 1000)

static instance *
find(launcher *self, const char *id, GError **error)
{
    const char *const ids[] = {id, NULL};

    if (!claim_check_ids(ids, error) || launcher_store(self, error) == NULL)
        return NULL;
    return scope_instance(self, id, error);
}

char *
launcher_console_output(launcher *self, const char *id, GError **error)
{
    g_autoptr(instance) vm = find(self, id, error);
    g_autofree char *path = NULL;
    g_autofree char *rotated = NULL;
    g_autofree char *text = NULL;
    g_autofree char *before = NULL;

    if (vm == NULL)
        return NULL;
    path = home_console_log(self->home, id);
    rotated = g_strdup_printf("%s.0", path);
    text = file_tail(path, CONSOLE_OUTPUT_LIMIT);
    if (text == NULL)
        return g_strdup("");
    /* virtlogd begins a new file when one has grown too large. */
    if (strlen(text) < CONSOLE_OUTPUT_LIMIT)
        before = file_tail(rotated, CONSOLE_OUTPUT_LIMIT - strlen(text));
    return before != NULL ? g_strconcat(before, text, NULL) : g_steal_pointer(&text);
}

gboolean
launcher_console(launcher *self, const char *id, GError **error)
{
    g_autoptr(instance) vm = NULL;
    hypervisor *driver;

    if (!reconcile(self, error))
        return FALSE;
    vm = find(self, id, error);
    if (vm == NULL)
        return FALSE;
    if (vm->state != INSTANCE_RUNNING && vm->state != INSTANCE_STOPPING)
        return error_set(error, ERROR_INSTANCE_STATE,
                         "The instance '%s' is %s: there is no console to talk to; "
                         "`amilaunch log %s` shows what it wrote",
                         id, instance_state_words[vm->state], id);
    driver = launcher_hypervisor(self, error);
    return driver != NULL && hypervisor_console(driver, id, error);
}

static gboolean
all_in(launcher *self, const char *const *ids, instance_state state, gboolean *reached,
       GError **error)
{
    g_autoptr(GPtrArray) views = launcher_instances(self, ids, FALSE, error);

    if (views == NULL)
        return FALSE;
    *reached = TRUE;
    for (guint i = 0; i < views->len; i++) {
        const instance_view *view = g_ptr_array_index(views, i);
        if (view->vm->state == (int)state)
            continue;
        *reached = FALSE;
        if (view->vm->state == INSTANCE_TERMINATED)
            return error_set(error, ERROR_INSTANCE_STATE,
                             "The instance '%s' is terminated: it will never be %s", view->vm->id,
                             instance_state_words[state]);
    }
    return TRUE;
}

gboolean
launcher_wait(launcher *self, const char *const *ids, instance_state state, guint timeout_s,
              GError **error)
{
    g_autofree char *phase = g_strdup_printf("waiting for %s", instance_state_words[state]);
    gint64 deadline = g_get_monotonic_time() + timeout_s * G_GINT64_CONSTANT(1000000);
    gboolean reached = FALSE;

    progress_phase(self->listener, phase);
    for (;;) {
        if (!all_in(self, ids, state, &reached, error))
            return FALSE;
        if (reached)
            return TRUE;
        if (g_get_monotonic_time() >= deadline)
            return error_set(error, ERROR_HOST_TIMEOUT, "not all are %s after %u s",
                             instance_state_words[state], timeout_s);
        g_usleep(POLL_US);
    }
}
