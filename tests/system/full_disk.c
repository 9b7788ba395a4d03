/* Preloaded into a program, this makes the disk full, or read-only, at one of its steps and from then on: each call that
 * would change what is below a folder fails. The program's own programs count on.
 *   FULL_DISK_UNDER   the folder
 *   FULL_DISK_STATE   a file of 4096 zeros, which all share: the steps up to now, and a digest of the last one
 *   FULL_DISK_AT      the step from which on calls fail (0: none)
 *   FULL_DISK_ERROR   28 (ENOSPC: what removes things works) or 30 (EROFS)
 * Calls of one kind for one file, one after the other, are one step. What outlives the program is left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct {
    unsigned long steps, last;
} shared;

static shared *state;
static const char *under;
static unsigned long at;
static int failure;

__attribute__((constructor)) static void
begin(void)
{
    static const char *const others[] = {"amilaunch-netd", "libvirtd", "virtlogd", "qemu-system"};
    const char *path = getenv("FULL_DISK_STATE");
    char self[PATH_MAX] = "";
    int fd;

    if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 || path == NULL)
        return;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strstr(self, others[i]) != NULL)
            return;
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (state == MAP_FAILED)
        state = NULL;
    at = strtoul(getenv("FULL_DISK_AT"), NULL, 10);
    failure = atoi(getenv("FULL_DISK_ERROR"));
    under = getenv("FULL_DISK_UNDER");
}

static unsigned long
digest(const char *what, const char *path)
{
    unsigned long sum = 5381;

    for (; *what != '\0'; what++)
        sum = sum * 33 + (unsigned char)*what;
    for (; *path != '\0'; path++)
        sum = sum * 33 + (unsigned char)*path;
    return sum;
}

/* 1, with errno set, if WHAT is not to be done to PATH. FREES: it takes no room. */
static int
refused(const char *what, const char *path, int frees)
{
    unsigned long now;

    if (state == NULL || under == NULL || strncmp(path, under, strlen(under)) != 0)
        return 0;
    now = digest(what, path);
    if (__atomic_exchange_n(&state->last, now, __ATOMIC_SEQ_CST) != now)
        __atomic_add_fetch(&state->steps, 1, __ATOMIC_SEQ_CST);
    if (at == 0 || __atomic_load_n(&state->steps, __ATOMIC_SEQ_CST) < at || (frees && failure == ENOSPC))
        return 0;
    errno = failure;
    return 1;
}

static int
refused_fd(const char *what, int fd, int frees)
{
    char name[64], path[PATH_MAX];
    ssize_t length;
    int kept = errno;

    if (state == NULL)
        return 0;
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    length = readlink(name, path, sizeof(path) - 1);
    errno = kept;
    if (length <= 0)
        return 0;
    path[length] = '\0';
    return refused(what, path, frees);
}

static int
refused_open(const char *path, int flags)
{
    struct stat info;
    int kept = errno, is_new = (flags & O_CREAT) != 0 && lstat(path, &info) != 0;

    errno = kept;
    if (is_new)
        return refused("create", path, 0);
    /* What is only opened for writing is no step on a full disk. */
    return failure == EROFS && (flags & O_ACCMODE) != O_RDONLY && refused("open", path, 1);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPEN(name)                                                                                                             \
    int name(const char *path, int flags, ...)                                                                                 \
    {                                                                                                                          \
        va_list list;                                                                                                          \
        mode_t mode;                                                                                                           \
        va_start(list, flags);                                                                                                 \
        mode = va_arg(list, mode_t);                                                                                           \
        va_end(list);                                                                                                          \
        return refused_open(path, flags) ? -1 : NEXT(name)(path, flags, mode);                                                 \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                                           \
    int name(int folder, const char *path, int flags, ...)                                                                     \
    {                                                                                                                          \
        va_list list;                                                                                                          \
        mode_t mode;                                                                                                           \
        va_start(list, flags);                                                                                                 \
        mode = va_arg(list, mode_t);                                                                                           \
        va_end(list);                                                                                                          \
        return refused_open(path, flags) ? -1 : NEXT(name)(folder, path, flags, mode);                                         \
    }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                                                                            \
    FILE *name(const char *path, const char *mode)                                                                             \
    {                                                                                                                          \
        int flags = *mode == 'r' ? (strchr(mode, '+') ? O_RDWR : O_RDONLY) : O_WRONLY | O_CREAT;                               \
        return refused_open(path, flags) ? NULL : NEXT(name)(path, mode);                                                      \
    }
FOPEN(fopen)
FOPEN(fopen64)

#define TEMPORARY(name)                                                                                                        \
    int name(char *path) { return refused("create", path, 0) ? -1 : NEXT(name)(path); }
TEMPORARY(mkstemp)
TEMPORARY(mkstemp64)

#define ON_PATH(type, name, frees, parameters, ...)                                                                            \
    type name parameters { return refused(#name, path, frees) ? -1 : NEXT(name)(__VA_ARGS__); }
ON_PATH(int, mkdir, 0, (const char *path, mode_t mode), path, mode)
ON_PATH(int, mkfifo, 0, (const char *path, mode_t mode), path, mode)
ON_PATH(int, link, 0, (const char *from, const char *path), from, path)
ON_PATH(int, symlink, 0, (const char *from, const char *path), from, path)
ON_PATH(int, rename, 1, (const char *from, const char *path), from, path)
ON_PATH(int, unlink, 1, (const char *path), path)
ON_PATH(int, rmdir, 1, (const char *path), path)
ON_PATH(int, remove, 1, (const char *path), path)
ON_PATH(int, chmod, 1, (const char *path, mode_t mode), path, mode)
ON_PATH(int, chown, 1, (const char *path, uid_t user, gid_t group), path, user, group)

#define ON_FD(type, name, frees, parameters, ...)                                                                              \
    type name parameters { return refused_fd(#name, fd, frees) ? -1 : NEXT(name)(__VA_ARGS__); }
ON_FD(ssize_t, write, 0, (int fd, const void *data, size_t size), fd, data, size)
ON_FD(ssize_t, pwrite, 0, (int fd, const void *data, size_t size, off_t place), fd, data, size, place)
ON_FD(ssize_t, pwrite64, 0, (int fd, const void *data, size_t size, off64_t place), fd, data, size, place)
ON_FD(ssize_t, writev, 0, (int fd, const struct iovec *data, int count), fd, data, count)
ON_FD(ssize_t, pwritev, 0, (int fd, const struct iovec *data, int count, off_t place), fd, data, count, place)
ON_FD(ssize_t, pwritev64, 0, (int fd, const struct iovec *data, int count, off64_t place), fd, data, count, place)
ON_FD(int, fallocate, 0, (int fd, int mode, off_t place, off_t size), fd, mode, place, size)
ON_FD(int, fallocate64, 0, (int fd, int mode, off64_t place, off64_t size), fd, mode, place, size)
ON_FD(int, ftruncate, 1, (int fd, off_t size), fd, size)
ON_FD(int, ftruncate64, 1, (int fd, off64_t size), fd, size)
ON_FD(int, fchmod, 1, (int fd, mode_t mode), fd, mode)

int
posix_fallocate(int fd, off_t place, off_t size)
{
    return refused_fd("fallocate", fd, 0) ? failure : NEXT(posix_fallocate)(fd, place, size);
}

int
posix_fallocate64(int fd, off64_t place, off64_t size)
{
    return refused_fd("fallocate", fd, 0) ? failure : NEXT(posix_fallocate64)(fd, place, size);
}
