#include "cli/commands.h"
#include "cli/print.h"
#include "common/error.h"
#include "launcher/states.h"

static gboolean force;
static gboolean cold;
static gboolean by_guest;
static char *state_word;
static int timeout_s = 600;

#define FORCE(text)                                                                                \
    {                                                                                              \
        "force", 'f', 0, G_OPTION_ARG_NONE, &force, text, NULL                                     \
    }

static const GOptionEntry start_options[] = {
    {"cold", 0, 0, G_OPTION_ARG_NONE, &cold, "boot a hibernated instance; its memory is given up",
     NULL},
    {NULL},
};
static const GOptionEntry hibernate_options[] = {
    {"guest", 0, 0, G_OPTION_ARG_NONE, &by_guest, "let the guest do it by itself, as EC2 does",
     NULL},
    {NULL},
};
static const GOptionEntry stop_options[] = {FORCE("cut the power at once"), {NULL}};
static const GOptionEntry reboot_options[] = {FORCE("press reset instead of asking the guest"),
                                              {NULL}};
static const GOptionEntry terminate_options[] = {FORCE("don't let the guest end its work"), {NULL}};

static const GOptionEntry wait_options[] = {
    {"for", 0, 0, G_OPTION_ARG_STRING, &state_word, "state to wait for (running)", "STATE"},
    {"timeout", 0, 0, G_OPTION_ARG_INT, &timeout_s, "seconds to wait at most (600)", "S"},
    {NULL},
};

static gboolean
report(const app *self, const char *key, GPtrArray *changes)
{
    if (changes == NULL)
        return FALSE;
    print_changes(self, key, changes);
    g_ptr_array_unref(changes);
    return TRUE;
}

static gboolean
run_start(app *self, const char *const *args, GError **error)
{
    return report(self, "StartingInstances", launcher_start(self->engine, args, cold, error));
}

static gboolean
run_stop(app *self, const char *const *args, GError **error)
{
    return report(self, "StoppingInstances", launcher_stop(self->engine, args, force, error));
}

static gboolean
run_hibernate(app *self, const char *const *args, GError **error)
{
    return report(self, "StoppingInstances",
                  launcher_hibernate(self->engine, args, by_guest, error));
}

static gboolean
run_reboot(app *self, const char *const *args, GError **error)
{
    return report(self, "RebootingInstances", launcher_reboot(self->engine, args, force, error));
}

static gboolean
run_terminate(app *self, const char *const *args, GError **error)
{
    return report(self, "TerminatingInstances",
                  launcher_terminate(self->engine, args, force, error));
}

static gboolean
run_wait(app *self, const char *const *args, GError **error)
{
    instance_state state = INSTANCE_RUNNING;

    if (state_word != NULL && !state_parse(state_word, &state, error))
        return FALSE;
    if (timeout_s < 0)
        return error_set(error, ERROR_PARAMETER_VALUE, "--timeout must be at least 0");
    return launcher_wait(self->engine, args, state, (guint)timeout_s, error);
}

#define SOME_INSTANCES .arguments = "INSTANCE...", .least = 1, .most = -1

const command command_start = {
    .name = "start",
    .summary = "Start stopped instances on their volumes, with fresh instance-store disks",
    .details = "A hibernated instance goes on where it was. If it can't, it stays as it is; "
               "\nwith --cold its memory is given up, and it boots.\nA running instance that is "
               "paused (through libvirt, or as a disk was full) goes on.",
    SOME_INSTANCES,
    .options = start_options,
    .run = run_start,
};

const command command_stop = {
    .name = "stop",
    .summary = "Stop instances: volumes stay, instance-store disks are lost",
    .details = "Presses the ACPI power button and cuts the power of a guest that ignores it for "
               "stop_timeout\nseconds (240; see the configuration).",
    SOME_INSTANCES,
    .options = stop_options,
    .run = run_stop,
};

const command command_hibernate = {
    .name = "hibernate",
    .summary = "Save instances' memory and stop them; a start goes on where they were",
    .details = "Only for instances that were launched for it, on an encrypted root. Instance-store "
               "disks\nare lost, as by a stop. With --guest the guest gets its sleep key pressed "
               "to save its\nmemory on its own disk; after hibernate_timeout seconds (120) it is "
               "shut down instead.",
    SOME_INSTANCES,
    .options = hibernate_options,
    .run = run_hibernate,
};

const command command_reboot = {
    .name = "reboot",
    .summary = "Reboot instances; every disk stays as it is",
    .details = "Presses the ACPI power button, and reset for a guest that ignores it for "
               "reboot_timeout\nseconds (240).",
    SOME_INSTANCES,
    .options = reboot_options,
    .run = run_reboot,
};

const command command_terminate = {
    .name = "terminate",
    .summary = "End instances for good, with the disks that go with them",
    .details = "A guest is asked to end its work first, for a minute at most, where one of its "
               "volumes stays.\nTerminating a terminated instance succeeds.",
    SOME_INSTANCES,
    .options = terminate_options,
    .run = run_terminate,
};

const command command_wait = {
    .name = "wait",
    .summary = "Wait until instances are in a state",
    SOME_INSTANCES,
    .options = wait_options,
    .run = run_wait,
};
