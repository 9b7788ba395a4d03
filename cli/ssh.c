#include "launcher/ssh.h"
#include "cli/boot_stop.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/json_put.h"
#include "common/error.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static char *user;
static char *identity;
static int timeout_s = 300;

static const GOptionEntry options[] = {
    {"login", 'l', 0, G_OPTION_ARG_STRING, &user, "as whom (the one of the image's system)",
     "USER"},
    {"identity", 'i', 0, G_OPTION_ARG_FILENAME, &identity,
     "file with the private key (HOME's, or what ssh finds)", "FILE"},
    {"timeout", 0, 0, G_OPTION_ARG_INT, &timeout_s, "seconds to wait for the guest (300)", "S"},
    {NULL},
};

static json_t *
way_object(const char *id, const ssh_way *way)
{
    json_t *object = json_object();
    json_t *words = json_array();

    json_put_text(object, "InstanceId", id);
    json_put_text(object, "User", way->user);
    json_put_text(object, "HostName", "127.0.0.1");
    json_put_int(object, "Port", way->port);
    json_put_text(object, "IdentityFile", way->identity);
    json_put_text(object, "UserKnownHostsFile", way->known_hosts);
    json_put_flag(object, "HostKeyKnown", way->host_is_known);
    for (gsize i = 0; way->arguments[i] != NULL; i++)
        json_array_append_new(words, json_text(way->arguments[i]));
    json_object_set_new(object, "Command", words);
    return object;
}

/* Returns only on failure. */
static gboolean
become(const ssh_way *way, GError **error)
{
    fflush(stdout);
    signal(SIGPIPE, SIG_DFL);
    execvp(way->arguments[0], way->arguments);
    return error_set(error, ERROR_HOST_INCOMPLETE,
                     "can't run ssh: %s; the package is openssh-client", g_strerror(errno));
}

static gboolean
run(app *self, const char *const *args, GError **error)
{
    const ssh_request request = {.instance = args[0],
                                 .user = user,
                                 .identity = identity,
                                 .command = args + 1,
                                 .timeout_s = (guint)MAX(timeout_s, 0)};
    g_autoptr(boot_stop) stop = NULL;
    g_autoptr(ssh_way) way = launcher_ssh(self->engine, &request, &stop, error);

    terminal_clear(self->screen);
    if (way == NULL) {
        if (stop != NULL && !self->json)
            boot_stop_print(self, args[0], stop);
        return FALSE;
    }
    if (!self->json)
        return become(way, error);
    ec2_print(way_object(args[0], way));
    return TRUE;
}

const command command_ssh = {
    .name = "ssh",
    .arguments = "INSTANCE [-- COMMAND...]",
    .summary = "Log in to an instance, or run a command in it, by ssh",
    .details =
        "Waits until its sshd answers, and says where the guest stopped if it doesn't come up. "
        "The way is the\nport of this host that leads to its port 22 (see run --key and "
        "--publish); "
        "the private key is that of its key pair, if HOME has it. Its host keys are those that it "
        "shows on its console; of a guest that shows none, the first is believed, and then "
        "expected. Nothing of ~/.ssh/config is used. The exit status is ssh's. With --json nothing "
        "is run: it says how.",
    .least = 1,
    .most = -1,
    .options = options,
    .run = run,
};
