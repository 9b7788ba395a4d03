/* The serial console, and waiting for an instance's state. */
#include "common/error.h"
#include "common/files.h"
#include "common/ids.h"
#include "images/home.h"
#include "launcher/claim.h"
#include "launcher/console_command.h"
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

static gboolean
connect_to(launcher *self, const char *id, const console_talker *talker, GError **error)
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
    return driver != NULL && hypervisor_console(driver, id, talker, error);
}

gboolean
launcher_console(launcher *self, const char *id, GError **error)
{
    return connect_to(self, id, NULL, error);
}

/* ---- a command ---- */

typedef struct {
    console_command *command;
    gint64 deadline;
    gboolean late;
} conversation;

static gboolean
heard(const char *bytes, gsize length, GString *typed, gpointer data)
{
    return console_command_heard(((conversation *)data)->command, bytes, length, typed);
}

static gboolean
waited(GString *typed, gpointer data)
{
    conversation *self = data;

    self->late = g_get_monotonic_time() >= self->deadline;
    return !self->late && console_command_waited(self->command, typed);
}

static gboolean
tell_end(const conversation *self, const char *id, guint timeout_s, int *status, GError **error)
{
    gboolean begun;
    command_end end = console_command_ended(self->command, status, &begun);

    if (end == COMMAND_ENDED)
        return TRUE;
    if (end == COMMAND_PASSWORD)
        return error_set(error, ERROR_UNSUPPORTED,
                         "'%s' asks for a password on its console, and a command can't be run; "
                         "`amilaunch console %s` lets you log in, `amilaunch ssh %s` needs none",
                         id, id, id);
    if (!self->late)
        return error_set(error, ERROR_INSTANCE_STATE,
                         "The console of '%s' ended before the command did: it isn't running any "
                         "more",
                         id);
    if (begun)
        return error_set(error, ERROR_HOST_TIMEOUT,
                         "the command hasn't ended after %u s; it goes on in '%s'", timeout_s, id);
    return error_set(error, ERROR_HOST_TIMEOUT,
                     "the console of '%s' shows no prompt of a shell after %u s; `amilaunch log "
                     "%s` has what it shows",
                     id, timeout_s, id);
}

gboolean
launcher_console_run(launcher *self, const char *id, const console_request *request, int *status,
                     GError **error)
{
    g_autofree char *token = id_new("t");
    g_autofree char *line = console_command_line(request->command, token);
    g_autoptr(console_command) command = NULL;
    conversation talking = {0};
    const console_talker talker = {heard, waited, &talking};

    if (line == NULL)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "the command can't be typed: it has to be one line of less than %d bytes",
                         COMMAND_LINE_LIMIT);
    command = console_command_new(request->login, line, token, request->taker, request->data);
    talking.command = command;
    talking.deadline = g_get_monotonic_time() + request->timeout_s * G_GINT64_CONSTANT(1000000);
    return connect_to(self, id, &talker, error) &&
           tell_end(&talking, id, request->timeout_s, status, error);
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
