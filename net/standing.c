#include "net/standing.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* libslirp's connections have two of these. Those that are of their own mapping take no more memory
 * than was written to, and none when they are gone. */
#define CONNECTION_BUFFER (128 * 1024)
#define LOG_MOST (1 << 20)
#define LOOKS_MOST 1000 /* at the lock, by others */
#define LOOK_US 5000
#define LINES_AT_ONCE 100
#define LINE_EVERY_US (G_GINT64_CONSTANT(60) * G_USEC_PER_SEC)

static gboolean
parse_id(const char *text, char **end, guint32 *id)
{
    guint64 value = g_ascii_strtoull(text, end, 10);

    *id = (guint32)value;
    return *end != text && g_ascii_isdigit(*text) && value > 0 && value < G_MAXUINT32;
}

gboolean
standing_parse_user(const char *text, guint32 *uid, guint32 *gid)
{
    char *end;

    return parse_id(text, &end, uid) && *end == ':' && parse_id(end + 1, &end, gid) && *end == '\0';
}

gboolean
standing_become(guint32 uid, guint32 gid, GError **error)
{
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return error_set_errno(error, errno, "can't become user %u, group %u", uid, gid);
    if (setresuid(0, 0, 0) == 0)
        return error_set(error, ERROR_INTERNAL, "privileges aren't gone");
    /* What is known from before isn't for others of that user, which guests are. The kernel sees to
     * it by itself unless the host is set up otherwise (fs.suid_dumpable). */
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ||
           error_set_errno(error, errno, "can't keep other processes out");
}

void
standing_settle(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    mallopt(M_MMAP_THRESHOLD, CONNECTION_BUFFER);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

static int lock_file = -1;

gboolean
standing_holds(const char *path)
{
    struct stat now, held;

    return lock_file >= 0 && stat(path, &now) == 0 && fstat(lock_file, &held) == 0 &&
           now.st_ino == held.st_ino && now.st_dev == held.st_dev;
}

/* Commands that look whether somebody holds it share it for a moment: who can share it, too, has
 * met none but these. */
static gboolean
lock(int fd)
{
    for (guint i = 0; i < LOOKS_MOST; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return TRUE;
        if (errno != EWOULDBLOCK || flock(fd, LOCK_SH | LOCK_NB) != 0)
            return FALSE;
        flock(fd, LOCK_UN);
        g_usleep(LOOK_US);
    }
    errno = EBUSY;
    return FALSE;
}

gboolean
standing_lock(const char *path, gboolean *taken, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    *taken = FALSE;
    if (fd < 0)
        return error_set_errno(error, errno, "can't open %s", path);
    if (lock(fd)) {
        lock_file = fd;
        return TRUE;
    }
    *taken = errno == EWOULDBLOCK;
    error_set_errno(error, errno, "can't lock %s", path);
    close(fd);
    return FALSE;
}

/* Its folder belongs to guests' user, who mustn't make us write to another file. */
static int
open_log(const char *path, guint32 uid, guint32 gid)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0)
        return fd;
    if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
        close(fd);
        errno = EPERM;
        return -1;
    }
    if (status.st_size > LOG_MOST && ftruncate(fd, 0) != 0)
        g_warning("%s can't be made shorter: %s", path, g_strerror(errno));
    if (geteuid() == 0 && fchown(fd, uid, gid) != 0)
        g_warning("%s can't be given away: %s", path, g_strerror(errno));
    return fd;
}

/* Where nothing can be written, guests have a network all the same. */
gboolean
standing_redirect(const char *path, guint32 uid, guint32 gid, GError **error)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC), log = open_log(path, uid, gid);

    if (nothing < 0)
        return error_set_errno(error, errno, "can't open /dev/null");
    if (log < 0)
        log = nothing;
    dup2(nothing, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    if (log > STDERR_FILENO && log != nothing)
        close(log);
    if (nothing > STDERR_FILENO)
        close(nothing);
    return TRUE;
}

/* Whether a line may still be written now. */
static gboolean
may_say(void)
{
    static gint64 allowed = 0;
    gint64 now = g_get_monotonic_time();

    allowed = MAX(allowed, now - LINES_AT_ONCE * LINE_EVERY_US);
    if (allowed > now)
        return FALSE;
    allowed += LINE_EVERY_US;
    return TRUE;
}

static void
say(const char *domain G_GNUC_UNUSED, GLogLevelFlags level, const char *text,
    gpointer data G_GNUC_UNUSED)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *time = g_date_time_format(now, "%FT%TZ");

    if ((level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR)) || may_say())
        fprintf(stderr, "%s %s\n", time, text);
}

void
standing_log(void)
{
    g_log_set_default_handler(say, NULL);
}
