#include "launcher/states.h"
#include "common/error.h"

#define REFUSED (-1)

/* Rows: the state as it is. Columns: start, stop, reboot, terminate, hibernate. */
static const int transitions[][5] = {
    [INSTANCE_PENDING] = {REFUSED, REFUSED, REFUSED, INSTANCE_SHUTTING_DOWN, REFUSED},
    [INSTANCE_RUNNING] = {INSTANCE_RUNNING, INSTANCE_STOPPING, INSTANCE_RUNNING,
                          INSTANCE_SHUTTING_DOWN, INSTANCE_STOPPING},
    [INSTANCE_STOPPING] = {REFUSED, INSTANCE_STOPPING, REFUSED, INSTANCE_SHUTTING_DOWN, REFUSED},
    [INSTANCE_STOPPED] = {INSTANCE_PENDING, INSTANCE_STOPPED, REFUSED, INSTANCE_SHUTTING_DOWN,
                          REFUSED},
    [INSTANCE_SHUTTING_DOWN] = {REFUSED, REFUSED, REFUSED, INSTANCE_SHUTTING_DOWN, REFUSED},
    [INSTANCE_TERMINATED] = {REFUSED, REFUSED, REFUSED, INSTANCE_TERMINATED, REFUSED},
};

static const char *const verbs[] = {"started", "stopped", "rebooted", "terminated", "hibernated"};

int
state_code(instance_state state)
{
    static const int codes[] = {
        [INSTANCE_PENDING] = 0,     [INSTANCE_RUNNING] = 16,  [INSTANCE_SHUTTING_DOWN] = 32,
        [INSTANCE_TERMINATED] = 48, [INSTANCE_STOPPING] = 64, [INSTANCE_STOPPED] = 80,
    };

    return codes[state];
}

gboolean
state_after(const char *id, instance_state state, instance_action action, instance_state *next,
            GError **error)
{
    int to = transitions[state][action];

    if (to != REFUSED) {
        *next = (instance_state)to;
        return TRUE;
    }
    if (state == INSTANCE_PENDING && action == ACTION_STOP)
        return error_set(error, ERROR_INSTANCE_STATE,
                         "Instance '%s' cannot be stopped as it has never reached the 'running' "
                         "state.",
                         id);
    return error_set(error, ERROR_INSTANCE_STATE,
                     "The instance '%s' is not in a state from which it can be %s. It is %s.", id,
                     verbs[action], instance_state_words[state]);
}

gboolean
state_unprotected(const instance *vm, instance_action action, GError **error)
{
    gboolean over = vm->state == INSTANCE_SHUTTING_DOWN || vm->state == INSTANCE_TERMINATED;
    gboolean ends = action == ACTION_TERMINATE;
    gboolean stops = action == ACTION_STOP || action == ACTION_HIBERNATE;
    const char *attribute = NULL;

    if (ends && vm->no_api_termination)
        attribute = "disableApiTermination";
    else if ((ends || (stops && vm->state == INSTANCE_RUNNING)) && vm->no_api_stop)
        attribute = "disableApiStop";
    if (attribute == NULL || over)
        return TRUE;
    return error_set(error, ERROR_NOT_PERMITTED,
                     "The instance '%s' may not be %s. Modify its '%s' instance attribute and try "
                     "again.",
                     vm->id, ends ? "terminated" : "stopped", attribute);
}

gboolean
state_parse(const char *word, instance_state *state, GError **error)
{
    for (int i = 0; instance_state_words[i] != NULL; i++) {
        if (g_str_equal(word, instance_state_words[i])) {
            *state = (instance_state)i;
            return TRUE;
        }
    }
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "'%s' is no instance state: pending, running, stopping, stopped, "
                     "shutting-down or terminated",
                     word);
}
