#include "launcher/reason.h"
#include "common/times.h"

static const char *
usual_sentence(const char *code)
{
    if (g_strcmp0(code, REASON_USER_SHUTDOWN) == 0)
        return "User initiated shutdown";
    if (g_strcmp0(code, REASON_USER_HIBERNATE) == 0)
        return "User initiated hibernate";
    if (g_strcmp0(code, REASON_GUEST_SHUTDOWN) == 0)
        return "Instance initiated shutdown";
    return "Internal error";
}

void
reason_set(instance *vm, const char *code, const char *message)
{
    g_free(vm->reason_code);
    g_free(vm->reason_message);
    vm->reason_code = g_strdup(code);
    vm->reason_message = NULL;
    if (code != NULL)
        vm->reason_message =
            g_strdup_printf("%s: %s", code, message != NULL ? message : usual_sentence(code));
}

void
reason_user_initiated(instance *vm)
{
    g_autofree char *when = time_spelled(time_now());

    g_free(vm->transition);
    vm->transition = g_strdup_printf("User initiated (%s)", when);
}
