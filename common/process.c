#include "common/error.h"
#include "common/failpoint.h"
#include "common/process.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* In the child, before it becomes the program. The parent may have died before the request to die
 * with it was heard. */
static void
die_with_parent(gpointer parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != GPOINTER_TO_INT(parent))
        _exit(127);
}

static void
lead_and_die_with_parent(gpointer parent)
{
    setpgid(0, 0);
    die_with_parent(parent);
}

/* Programs put what went wrong last. */
static const char *
last_line(char *text)
{
    char *newline;

    g_strchomp(text);
    newline = strrchr(text, '\n');
    return newline != NULL ? newline + 1 : text;
}

static int shared_fd = -1;

void
process_share(int fd)
{
    shared_fd = fd;
}

static void
share(GSubprocessLauncher *launcher)
{
    int copy = shared_fd >= 0 ? fcntl(shared_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;

    if (copy >= 0)
        g_subprocess_launcher_take_fd(launcher, copy, copy);
}

struct process {
    GSubprocess *child;
    GDataInputStream *lines; /* of its standard output; NULL until one is asked for */
    char *name;
    error_code failed;
};

static void
process_free(process *self)
{
    g_clear_object(&self->lines);
    g_object_unref(self->child);
    g_free(self->name);
    g_free(self);
}

#define FILTER_CHUNK 65536

#define BOTH_PIPES (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE)

static process *
start_child(const char *const *argv, GSubprocessFlags flags, GSpawnChildSetupFunc setup,
            error_code failed, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(flags);
    g_autoptr(GError) problem = NULL;
    GSubprocess *child;
    process *self;

    FAILPOINT_AROUND("program");
    g_subprocess_launcher_set_child_setup(launcher, setup, GINT_TO_POINTER(getpid()), NULL);
    share(launcher);
    g_subprocess_launcher_setenv(launcher, "LC_ALL", "C", TRUE);
    child = g_subprocess_launcher_spawnv(launcher, argv, &problem);
    if (child == NULL) {
        error_set(error, failed, "can't start %s: %s", argv[0], problem->message);
        return NULL;
    }
    self = g_new0(process, 1);
    self->child = child;
    self->name = g_strdup(argv[0]);
    self->failed = failed;
    return self;
}

static process *
start(const char *const *argv, GSubprocessFlags flags, error_code failed, GError **error)
{
    return start_child(argv, flags, die_with_parent, failed, error);
}

process *
process_start(const char *const *argv, error_code failed, GError **error)
{
    return start(argv, BOTH_PIPES, failed, error);
}

process *
process_start_talk(const char *const *argv, error_code failed, GError **error)
{
    return start(argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | BOTH_PIPES, failed, error);
}

/* Names of files in a program's words may be any bytes. */
static char *
text_of(GBytes *bytes)
{
    gsize length = 0;
    const char *data = g_bytes_get_data(bytes, &length);

    return data != NULL ? g_utf8_make_valid(data, (gssize)length) : g_strdup("");
}

static gboolean
collect(process *self, char **output, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GBytes) no_more = NULL; /* to say, for one with which one talks */
    g_autoptr(GBytes) out_bytes = NULL;
    g_autoptr(GBytes) err_bytes = NULL;
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    if (g_subprocess_get_stdin_pipe(self->child) != NULL)
        no_more = g_bytes_new_static("", 0);
    if (!g_subprocess_communicate(self->child, no_more, NULL, &out_bytes, &err_bytes, &problem))
        return error_set(error, self->failed, "can't read from %s: %s", self->name,
                         problem->message);
    out = text_of(out_bytes);
    err = text_of(err_bytes);
    if (!g_subprocess_get_successful(self->child))
        return error_set(error, self->failed, "%s failed: %s", self->name,
                         *err != '\0' ? last_line(err) : "it said nothing");
    if (output != NULL)
        *output = g_steal_pointer(&out);
    return TRUE;
}

gboolean
process_finish(process *self, char **output, GError **error)
{
    FAILPOINT_AROUND("program's end");
    gboolean done = collect(self, output, error);

    process_free(self);
    return done;
}

/* What it said last, for one that doesn't talk any more. */
static gboolean
fell_silent(process *self, GError **error)
{
    gsize length = 0;
    g_autofree char *err = g_malloc0(4096);

    g_subprocess_force_exit(self->child);
    g_input_stream_read_all(g_subprocess_get_stderr_pipe(self->child), err, 4095, &length, NULL,
                            NULL);
    return error_set(error, self->failed, "%s ended: %s", self->name,
                     *err != '\0' ? last_line(err) : "it said nothing");
}

gboolean
process_say(process *self, const char *line, GError **error)
{
    GOutputStream *in = g_subprocess_get_stdin_pipe(self->child);
    g_autofree char *text = g_strconcat(line, "\n", NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    gboolean said;

    /* One that has ended is told by what it said last, not by a signal. */
    sigaction(SIGPIPE, &ignore, &before);
    said = g_output_stream_write_all(in, text, strlen(text), NULL, NULL, NULL);
    sigaction(SIGPIPE, &before, NULL);
    return said || fell_silent(self, error);
}

char *
process_hear(process *self, GError **error)
{
    char *line;

    if (self->lines == NULL)
        self->lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(self->child));
    line = g_data_input_stream_read_line_utf8(self->lines, NULL, NULL, NULL);
    if (line == NULL)
        fell_silent(self, error);
    return line;
}

void
process_abort(process *self)
{
    if (self == NULL)
        return;
    g_subprocess_force_exit(self->child);
    g_subprocess_wait(self->child, NULL, NULL);
    process_free(self);
}

gboolean
process_run(const char *const *argv, error_code failed, char **output, GError **error)
{
    process *child = process_start(argv, failed, error);

    return child != NULL && process_finish(child, output, error);
}

/* ---- one that tells ---- */

#define WATCH_MS 1000
#define LINE_MOST 65536 /* bytes, after which a line counts as ended */

typedef struct {
    process *child;
    int fd;
    GString *rest; /* of a line */
    process_line line;
    process_watch watch;
    gpointer data;
    gint64 watched; /* when, in the host's monotonic microseconds */
} telling;

static void
tell_line(const telling *self, const char *text, gsize length)
{
    g_autofree char *clean = g_utf8_make_valid(text, (gssize)length);

    self->line(clean, self->data);
}

static void
tell_lines(telling *self)
{
    const char *at = self->rest->str;
    const char *end = at + self->rest->len;
    const char *newline;

    while ((newline = memchr(at, '\n', (gsize)(end - at))) != NULL) {
        tell_line(self, at, (gsize)(newline - at));
        at = newline + 1;
    }
    g_string_erase(self->rest, 0, at - self->rest->str);
    if (self->rest->len < LINE_MOST)
        return;
    tell_line(self, self->rest->str, self->rest->len);
    g_string_truncate(self->rest, 0);
}

/* FALSE when it has said all. */
static gboolean
hear_some(telling *self)
{
    struct pollfd one = {.fd = self->fd, .events = POLLIN};
    char bytes[4096];
    int ready = poll(&one, 1, self->watch != NULL ? WATCH_MS : -1);
    ssize_t got;

    if (ready <= 0)
        return ready == 0 || errno == EINTR;
    got = read(self->fd, bytes, sizeof bytes);
    if (got <= 0)
        return got < 0 && (errno == EINTR || errno == EAGAIN);
    g_string_append_len(self->rest, bytes, got);
    tell_lines(self);
    return TRUE;
}

static gboolean
may_go_on(telling *self, GError **error)
{
    gint64 now = g_get_monotonic_time();

    if (self->watch == NULL || now - self->watched < WATCH_MS * 1000)
        return TRUE;
    self->watched = now;
    return self->watch(self->data, error);
}

/* It leads a process group of its own, with all that it has started. */
static void
kill_group(const process *self)
{
    const char *leader = g_subprocess_get_identifier(self->child);

    if (leader != NULL)
        kill(-(pid_t)g_ascii_strtoll(leader, NULL, 10), SIGKILL);
}

static gboolean
tell(telling *self, GError **error)
{
    while (hear_some(self))
        if (!may_go_on(self, error)) {
            kill_group(self->child);
            return FALSE;
        }
    if (self->rest->len > 0)
        tell_line(self, self->rest->str, self->rest->len);
    return TRUE;
}

static gboolean
tell_all(process *child, process_line line, process_watch watch, gpointer data, GError **error)
{
    GInputStream *out = g_subprocess_get_stdout_pipe(child->child);
    telling self = {.child = child,
                    .fd = g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(out)),
                    .rest = g_string_new(NULL),
                    .line = line,
                    .watch = watch,
                    .data = data};
    gboolean done = tell(&self, error);

    g_string_free(self.rest, TRUE);
    return done;
}

gboolean
process_run_telling(const char *const *argv, error_code failed, process_line line,
                    process_watch watch, gpointer data, GError **error)
{
    process *self =
        start_child(argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                    lead_and_die_with_parent, failed, error);
    gboolean told, good;

    if (self == NULL)
        return FALSE;
    FAILPOINT_AROUND("program's end");
    told = tell_all(self, line, watch, data, error);
    good = g_subprocess_wait_check(self->child, NULL, NULL);
    if (told && !good)
        error_set(error, failed, "%s failed", self->name);
    process_free(self);
    return told && good;
}

/* ---- filters ---- */

static void
limit(int what, rlim_t most)
{
    const struct rlimit both = {most, most};

    if (setrlimit(what, &both) != 0)
        _exit(127);
}

static void
limit_and_die_with_parent(gpointer parent)
{
    die_with_parent(parent);
    limit(RLIMIT_CPU, PROCESS_FILTER_SECONDS);
    limit(RLIMIT_AS, PROCESS_FILTER_BYTES);
    limit(RLIMIT_FSIZE, 0);
}

/* FALSE with an error if what it prints can't be read. */
static gboolean
take_output(GSubprocess *child, guint64 most, process_taker taker, gpointer data, GError **error)
{
    GInputStream *output = g_subprocess_get_stdout_pipe(child);
    g_autofree guint8 *chunk = g_malloc(FILTER_CHUNK);
    gssize length;

    do {
        length = g_input_stream_read(output, chunk, MIN(FILTER_CHUNK, most), NULL, error);
        if (length <= 0)
            return length == 0;
        most -= (guint64)length;
    } while (taker(chunk, (gsize)length, data) && most > 0);
    return TRUE;
}

gboolean
process_filter(const char *const *argv, int input, error_code failed, guint64 most,
               process_taker taker, gpointer data, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_autoptr(GSubprocess) child = NULL;
    g_autoptr(GError) problem = NULL;

    FAILPOINT_AROUND("program");
    g_subprocess_launcher_take_stdin_fd(launcher, input);
    g_subprocess_launcher_set_child_setup(launcher, limit_and_die_with_parent,
                                          GINT_TO_POINTER(getpid()), NULL);
    child = g_subprocess_launcher_spawnv(launcher, argv, &problem);
    if (child == NULL)
        return error_set(error, failed, "can't start %s: %s", argv[0], problem->message);
    if (!take_output(child, most, taker, data, &problem))
        error_set(error, failed, "can't read from %s: %s", argv[0], problem->message);
    g_subprocess_force_exit(child);
    g_subprocess_wait(child, NULL, NULL);
    return problem == NULL;
}

char *
process_find(const char *program)
{
    return g_find_program_in_path(program);
}
