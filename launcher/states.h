/* The legal transitions of an instance, as one table. Pure.
 * Source: Amazon EC2 User Guide, "Instance lifecycle". */
#ifndef LAUNCHER_STATES_H
#define LAUNCHER_STATES_H

#include "store/instance.h"

typedef enum {
    ACTION_START,
    ACTION_STOP,
    ACTION_REBOOT,
    ACTION_TERMINATE,
    ACTION_HIBERNATE,
} instance_action;

/* The state's code in the API: 0, 16, 32, 48, 64 or 80. */
int state_code(instance_state state);

/* What ACTION makes of STATE. Asking for what is so already is fine and changes nothing (*next is
 * STATE then). FALSE with IncorrectInstanceState, in EC2's words, where it is not allowed. */
gboolean state_after(const char *id, instance_state state, instance_action action,
                     instance_state *next, GError **error);

/* FALSE with OperationNotPermitted if VM is protected from ACTION. What is over is protected from
 * nothing. */
gboolean state_unprotected(const instance *vm, instance_action action, GError **error);

/* The state of that name; FALSE with InvalidParameterValue if there is none. */
gboolean state_parse(const char *word, instance_state *state, GError **error);

#endif
