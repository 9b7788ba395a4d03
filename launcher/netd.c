#include "launcher/netd.h"
#include "common/error.h"
#include "common/failpoint.h"
#include "conf/data_path.h"
#include "launcher/network.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_US (1000 * 1000)
#define LEAVING_US (10 * 1000 * 1000) /* how long one may take to go that doesn't listen any more  \
                                       */
#define AGAIN_US (10 * 1000)
#define START_AGAIN_US (5 * 1000 * 1000)
#define ID_LONGEST "i-0123456789abcdef0"

/* ---- the program ---- */

gboolean
network_check_home(const char *home, GError **error)
{
    g_autofree char *longest = network_socket(home, ID_LONGEST);
    gsize most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

    if (strlen(longest) <= most)
        return TRUE;
    return error_set(error, ERROR_HOST_DISK,
                     "the path of %s is %u bytes too long for the sockets of guests' network: "
                     "choose a shorter place with --home, or a symbolic link that is shorter",
                     home, (guint)(strlen(longest) - most));
}

static GPtrArray *
command_line(launcher *self, const char *program, const guest_user *owner)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup(program));
    g_ptr_array_add(argv, g_strdup("--home"));
    g_ptr_array_add(argv, g_strdup(self->home));
    if (self->config != NULL) {
        g_ptr_array_add(argv, g_strdup("--config"));
        g_ptr_array_add(argv, g_canonicalize_filename(self->config, NULL));
    }
    if (owner->other) {
        g_ptr_array_add(argv, g_strdup("--user"));
        g_ptr_array_add(argv, g_strdup_printf("%u:%u", owner->uid, owner->gid));
    }
    g_ptr_array_add(argv, NULL);
    return argv;
}

/* It outlives the command's terminal. Called between fork and exec. */
static void
leave_terminal(gpointer unused G_GNUC_UNUSED)
{
    setsid();
}

gboolean
netd_start(launcher *self, GError **error)
{
    g_autofree char *program = program_path(NETWORK_PROGRAM);
    g_auto(GStrv) environment = failpoint_free_environment(g_get_environ());
    g_autoptr(GPtrArray) argv = NULL;
    g_autoptr(GError) problem = NULL;
    guest_user owner = {0};

    if (!access_open_network(self, &owner, error))
        return FALSE;
    argv = command_line(self, program, &owner);
    FAILPOINT_AROUND("netd");
    return g_spawn_async("/", (char **)argv->pdata, environment,
                         G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, leave_terminal,
                         NULL, NULL, &problem) ||
           error_set(error, ERROR_HOST_NETWORK, "%s can't be started: %s", program,
                     problem->message);
}

/* ---- whether it is there ---- */

/* Shared: who looks must not look like a network process to who looks at the same time. The folder
 * is the guests' user's, who may put there what would keep us waiting, or leads elsewhere. */
static gboolean
is_there(launcher *self)
{
    g_autofree char *path = network_lock(self->home);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat info;
    gboolean held;

    if (fd < 0)
        return FALSE;
    held = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && flock(fd, LOCK_SH | LOCK_NB) != 0 &&
           errno == EWOULDBLOCK;
    close(fd);
    return held;
}

void
network_ensure(launcher *self)
{
    if (self->start_netd != NULL && !is_there(self))
        self->start_netd(self, NULL);
}

/* ---- telling it ---- */

static int
left_ms(gint64 deadline)
{
    return (int)MAX((deadline - g_get_monotonic_time()) / 1000, 0);
}

static int
connect_control(launcher *self)
{
    g_autofree char *path = network_control(self->home);
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || g_strlcpy(to.sun_path, path, sizeof to.sun_path) >= sizeof to.sun_path ||
        connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static gboolean
hear_done(int fd, gint64 deadline)
{
    char heard[sizeof NETWORK_DONE];
    gsize have = 0, wanted = strlen(NETWORK_DONE);

    while (have < wanted) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        ssize_t got;
        if (poll(&ready, 1, left_ms(deadline)) <= 0)
            return FALSE;
        got = recv(fd, heard + have, wanted - have, 0);
        if (got <= 0)
            return FALSE;
        have += (gsize)got;
    }
    return memcmp(heard, NETWORK_DONE, wanted) == 0;
}

typedef enum { TOLD, SILENCE, NOBODY_LISTENS } telling;

static telling
tell_once(launcher *self, gint64 deadline)
{
    int fd = connect_control(self);
    gboolean done;

    if (fd < 0)
        return NOBODY_LISTENS;
    done = send(fd, NETWORK_LOOK, strlen(NETWORK_LOOK), MSG_NOSIGNAL) ==
               (ssize_t)strlen(NETWORK_LOOK) &&
           hear_done(fd, deadline);
    close(fd);
    return done ? TOLD : SILENCE;
}

static void
note_missing(launcher *self, const GError *problem)
{
    if (!self->netd_noted)
        progress_note(self->listener, "guests have no network: %s", problem->message);
    self->netd_noted = TRUE;
}

static void
note_silence(launcher *self)
{
    progress_note(self->listener,
                  "%s of %s doesn't answer: guests may be without a network for a while; "
                  "%s/net/netd.log may say why",
                  NETWORK_PROGRAM, self->home, self->home);
}

void
network_tell(launcher *self)
{
    gint64 deadline = g_get_monotonic_time() + PATIENCE_US;

    if (self->start_netd == NULL || !self->untold)
        return;
    self->untold = FALSE;
    while (is_there(self)) {
        if (tell_once(self, deadline) == TOLD)
            return;
        if (left_ms(deadline) == 0) {
            note_silence(self);
            return;
        }
        g_usleep(AGAIN_US);
    }
}

/* Who listens has been told, though it may be slow to answer. Who holds the lock and doesn't listen
 * is about to leave: guests would be without a network if nobody came after it. */
static gboolean
is_patience_over(launcher *self, telling how, gint64 deadline)
{
    if (how == NOBODY_LISTENS && is_there(self))
        deadline += LEAVING_US;
    return left_ms(deadline) == 0;
}

void
network_settle(launcher *self)
{
    gint64 deadline = g_get_monotonic_time() + PATIENCE_US;
    telling how;
    g_autoptr(GError) problem = NULL;
    gboolean started = FALSE;

    if (self->start_netd == NULL || !self->untold)
        return;
    self->untold = FALSE;
    for (;;) {
        /* One that was just leaving may have gone meanwhile. */
        if (!started && !is_there(self)) {
            started = self->start_netd(self, &problem);
            if (!started) {
                note_missing(self, problem);
                return;
            }
            deadline = g_get_monotonic_time() + PATIENCE_US;
        }
        how = tell_once(self, deadline);
        if (how == TOLD)
            return;
        if (is_patience_over(self, how, deadline))
            break;
        g_usleep(AGAIN_US);
    }
    note_silence(self);
}

/* ---- without a command for it ---- */

/* A command that waits looks often, and may find one that comes to nothing. */
static gboolean
just_started(const launcher *self)
{
    return self->netd_started != 0 && g_get_monotonic_time() - self->netd_started < START_AGAIN_US;
}

static gboolean
needs_network(launcher *self, const instance *vm)
{
    g_autoptr(interface) nic = NULL;

    if (vm->state != INSTANCE_RUNNING && vm->state != INSTANCE_STOPPING)
        return FALSE;
    nic = interface_get(self->db, vm->id, NULL);
    return nic != NULL;
}

void
network_reconcile(launcher *self, const GPtrArray *all)
{
    g_autoptr(GError) problem = NULL;

    if (self->start_netd == NULL || just_started(self) || is_there(self))
        return;
    for (guint i = 0; i < all->len; i++) {
        if (!needs_network(self, g_ptr_array_index(all, i)))
            continue;
        self->netd_started = g_get_monotonic_time();
        if (!self->start_netd(self, &problem))
            note_missing(self, problem);
        return;
    }
}

/* What guests' user has put there instead, and isn't empty, is left: the instance is over all the
 * same. */
static gboolean
remove_socket(char *path, GError **error)
{
    g_autofree char *owned = path;

    if (unlink(owned) == 0 || errno == ENOENT)
        return TRUE;
    if (errno != EISDIR)
        return error_set_errno(error, errno, "can't remove %s", owned);
    rmdir(owned);
    return TRUE;
}

gboolean
network_forget(launcher *self, const char *id, GError **error)
{
    FAILPOINT_AROUND("unlink");
    return remove_socket(network_socket(self->home, id), error) &&
           remove_socket(network_imds_socket(self->home, id), error);
}
