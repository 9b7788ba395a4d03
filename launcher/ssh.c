#include "launcher/ssh.h"
#include "common/error.h"
#include "images/facts.h"
#include "images/home.h"
#include "images/host_keys.h"
#include "launcher/coming_up.h"
#include "launcher/internal.h"
#include "launcher/login_user.h"
#include "launcher/publishing.h"
#include "launcher/scope.h"
#include "launcher/ssh_probe.h"
#include "store/key_pair.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PROBE_MS 2000
#define KEYS_WAIT_S                                                                                \
    60 /* between an sshd that answers and the end of cloud-init, which shows them */
#define POLL_US (200 * 1000)
#define HOST "127.0.0.1"

void
ssh_way_free(ssh_way *self)
{
    if (self == NULL)
        return;
    g_free(self->user);
    g_free(self->identity);
    g_free(self->known_hosts);
    g_strfreev(self->arguments);
    g_free(self);
}

/* ---- where and who ---- */

static gboolean
find_port(const instance_view *view, guint *port, GError **error)
{
    for (guint i = 0; view->published != NULL && i < view->published->len; i++) {
        const published_port *one = g_ptr_array_index(view->published, i);
        if (one->guest != PUBLISH_SSH_GUEST)
            continue;
        *port = (guint)one->host;
        return TRUE;
    }
    return error_set(error, ERROR_UNSUPPORTED,
                     "The instance '%s' has no port of this host for its port %d: run one with "
                     "--key NAME or --publish PORT:%d",
                     view->vm->id, PUBLISH_SSH_GUEST, PUBLISH_SSH_GUEST);
}

static char *
find_user(launcher *self, const instance *vm)
{
    g_autofree char *text = vm->content != NULL ? content_facts_get(self->db, vm->content) : NULL;
    g_autoptr(image_facts) facts = text != NULL ? image_facts_from_json(text, NULL) : NULL;
    g_autoptr(image) ami = image_get(self->db, vm->image, vm->region, NULL);

    return g_strdup(
        login_user(facts != NULL ? facts->distribution : NULL, ami != NULL ? ami->name : NULL));
}

/* Of a line, what is a key: "ssh-rsa AAAA". */
static gsize
key_length(const char *line)
{
    const char *blank = strchr(line, ' ');

    return blank != NULL ? (gsize)(blank - line) + 1 + strcspn(blank + 1, " ") : strlen(line);
}

/* By the key itself: its name may be another's by now. */
static gboolean
is_same_key(const char *line, const char *other)
{
    return key_length(line) == key_length(other) && strncmp(line, other, key_length(line)) == 0;
}

/* NULL, too, if its private key is elsewhere. */
static char *
find_identity(launcher *self, const instance *vm)
{
    g_autoptr(GPtrArray) pairs = key_pair_list_every(self->db, NULL);

    for (guint i = 0; pairs != NULL && vm->public_key != NULL && i < pairs->len; i++) {
        const key_pair *one = g_ptr_array_index(pairs, i);
        g_autofree char *path = home_key_path(self->home, one->id);
        if (g_str_equal(one->owner, vm->owner) && is_same_key(one->public_key, vm->public_key) &&
            g_file_test(path, G_FILE_TEST_EXISTS))
            return g_steal_pointer(&path);
    }
    return NULL;
}

static gboolean
check_running(const instance *vm, GError **error)
{
    if (vm->state == INSTANCE_RUNNING)
        return TRUE;
    if (vm->state == INSTANCE_STOPPED)
        return error_set(error, ERROR_INSTANCE_STATE,
                         "The instance '%s' is stopped: amilaunch start %s", vm->id, vm->id);
    return error_set(error, ERROR_INSTANCE_STATE,
                     "The instance '%s' is %s, and only one that is running can be logged in to",
                     vm->id, instance_state_words[vm->state]);
}

/* Before the guest is waited for. */
static gboolean
check_identity(const char *path, GError **error)
{
    return path == NULL || access(path, R_OK) == 0 ||
           error_set_errno(error, errno, "can't read the private key %s", path);
}

static ssh_way *
way_of_view(launcher *self, const instance_view *view, const ssh_request *request, GError **error)
{
    g_autoptr(ssh_way) way = g_new0(ssh_way, 1);
    const instance *vm = view->vm;

    if (!check_running(vm, error) || !find_port(view, &way->port, error) ||
        !check_identity(request->identity, error))
        return NULL;
    way->user = request->user != NULL ? g_strdup(request->user) : find_user(self, vm);
    way->identity =
        request->identity != NULL ? g_strdup(request->identity) : find_identity(self, vm);
    way->known_hosts = home_known_hosts(self->home, vm->id);
    if (way->identity == NULL && vm->key_name != NULL)
        progress_note(self->listener,
                      "the private key of the key pair '%s' isn't in HOME: ssh looks for one by "
                      "itself; -i FILE names it",
                      vm->key_name);
    return g_steal_pointer(&way);
}

static ssh_way *
find_way(launcher *self, const ssh_request *request, GError **error)
{
    const char *const ids[] = {request->instance, NULL};
    g_autoptr(GPtrArray) views = launcher_instances(self, ids, FALSE, error);

    return views != NULL ? way_of_view(self, g_ptr_array_index(views, 0), request, error) : NULL;
}

/* ---- waiting for sshd ---- */

static gboolean
sshd_answers(launcher *self, const diagnosis *seen, gpointer data)
{
    const ssh_way *way = data;

    progress_phase(self->listener, seen->progress == BOOT_COMPLETE
                                       ? "waiting for its sshd"
                                       : "waiting for the guest to come up");
    return ssh_probe(way->port, PROBE_MS);
}

/* ---- host keys ---- */

/* TRUE if they are in the file now, those of the console before all others. */
static gboolean
learn_keys(launcher *self, const char *id, ssh_way *way, gboolean *more, GError **error)
{
    g_autofree char *text = launcher_console_output(self, id, error);
    g_autofree char *keys = text != NULL ? host_keys_of_console(text, id) : NULL;
    g_autoptr(GError) problem = NULL;

    if (text == NULL)
        return FALSE;
    *more = strstr(text, "Cloud-init v.") != NULL && strstr(text, "finished at") == NULL;
    way->host_is_known = keys != NULL || g_file_test(way->known_hosts, G_FILE_TEST_EXISTS);
    if (keys == NULL || g_file_set_contents_full(way->known_hosts, keys, -1,
                                                 G_FILE_SET_CONTENTS_CONSISTENT, 0600, &problem))
        return TRUE;
    return error_set(error, ERROR_HOST_DISK, "%s", problem->message);
}

/* Where cloud-init is at work, it is worth waiting for its end. */
static gboolean
wait_for_keys(launcher *self, const char *id, ssh_way *way, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + KEYS_WAIT_S * G_GINT64_CONSTANT(1000000);
    gboolean more = FALSE;

    progress_phase(self->listener, "learning its host keys");
    for (;;) {
        if (!learn_keys(self, id, way, &more, error))
            return FALSE;
        if (way->host_is_known || !more || g_get_monotonic_time() >= deadline)
            break;
        g_usleep(POLL_US);
    }
    if (!way->host_is_known)
        progress_note(self->listener,
                      "%s shows no host keys on its console: the one that it presents now is "
                      "believed, and expected from now on",
                      id);
    return TRUE;
}

/* ---- ssh's arguments ---- */

/* In ssh's options blanks separate files, and a % begins something else. */
static char *
quoted(const char *path)
{
    GString *text = g_string_new("\"");

    for (; *path != '\0'; path++) {
        if (*path == '%')
            g_string_append_c(text, '%');
        else if (*path == '"' || *path == '\\')
            g_string_append_c(text, '\\');
        g_string_append_c(text, *path);
    }
    g_string_append_c(text, '"');
    return g_string_free(text, FALSE);
}

static void G_GNUC_PRINTF(2, 3) add_option(GStrvBuilder *out, const char *format, ...)
{
    g_autofree char *option = NULL;
    va_list values;

    va_start(values, format);
    option = g_strdup_vprintf(format, values);
    va_end(values);
    g_strv_builder_add(out, "-o");
    g_strv_builder_add(out, option);
}

/* Nothing of the user's own configuration: it isn't about these hosts, and may forward or remember
 * what it shouldn't. Guests of before 2016 have no other signatures than ssh-rsa's. */
static void
add_options(GStrvBuilder *out, const ssh_way *way, const char *id)
{
    g_autofree char *known_hosts = quoted(way->known_hosts);

    add_option(out, "UserKnownHostsFile=%s", known_hosts);
    add_option(out, "GlobalKnownHostsFile=/dev/null");
    add_option(out, "HostKeyAlias=%s", id);
    add_option(out, "StrictHostKeyChecking=%s", way->host_is_known ? "yes" : "accept-new");
    add_option(out, "CheckHostIP=no");
    add_option(out, "UpdateHostKeys=no");
    add_option(out, "HostKeyAlgorithms=+ssh-rsa");
    add_option(out, "PubkeyAcceptedAlgorithms=+ssh-rsa");
    add_option(out, "ForwardAgent=no");
    add_option(out, "ConnectTimeout=60");
    if (way->identity != NULL) {
        g_autofree char *identity = quoted(way->identity);
        add_option(out, "IdentityFile=%s", identity);
        add_option(out, "IdentitiesOnly=yes");
    }
}

static char **
arguments_of(const ssh_way *way, const ssh_request *request)
{
    g_autoptr(GStrvBuilder) out = g_strv_builder_new();
    g_autofree char *port = g_strdup_printf("%u", way->port);

    g_strv_builder_add_many(out, "ssh", "-F", "none", NULL);
    add_options(out, way, request->instance);
    g_strv_builder_add_many(out, "-p", port, "-l", way->user, HOST, NULL);
    /* ssh takes options behind the host, too. */
    if (request->command != NULL && request->command[0] != NULL)
        g_strv_builder_add(out, "--");
    for (gsize i = 0; request->command != NULL && request->command[i] != NULL; i++)
        g_strv_builder_add(out, request->command[i]);
    return g_strv_builder_end(out);
}

ssh_way *
launcher_ssh(launcher *self, const ssh_request *request, boot_stop **stop, GError **error)
{
    g_autoptr(ssh_way) way = NULL;
    up_sign sshd = {.is_seen = sshd_answers,
                    .missing = "its sshd doesn't answer",
                    .timeout_s = request->timeout_s};

    *stop = NULL;
    way = find_way(self, request, error);
    if (way == NULL)
        return NULL;
    sshd.data = way;
    if (!coming_up_wait(self, request->instance, &sshd, stop, error) ||
        !wait_for_keys(self, request->instance, way, error))
        return NULL;
    way->arguments = arguments_of(way, request);
    return g_steal_pointer(&way);
}
