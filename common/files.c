#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Folders on the way are nobody's secret; without this the umask would close them to a user that
 * has to get through. */
static gboolean
make_way_to(const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);

    if (g_file_test(parent, G_FILE_TEST_EXISTS))
        return TRUE;
    if (!make_way_to(parent, error))
        return FALSE;
    FAILPOINT_AROUND("mkdir");
    if (mkdir(parent, 0755) != 0 && errno != EEXIST)
        return error_set_errno(error, errno, "can't make the folder %s", parent);
    chmod(parent, 0755);
    return TRUE;
}

gboolean
folder_make(const char *path, int mode, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    if (!make_way_to(path, error))
        return FALSE;
    FAILPOINT_AROUND("mkdir");
    if (mkdir(path, (mode_t)mode) != 0 && errno != EEXIST)
        return error_set_errno(error, errno, "can't make the folder %s", path);
    return TRUE;
}

gboolean
file_make_sparse(const char *path, guint64 size, GError **error)
{
    FAILPOINT_AROUND("create");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return error_set_errno(error, errno, "can't make %s", path);
    if (ftruncate(fd, (off_t)size) != 0) {
        int problem = errno;
        close(fd);
        unlink(path);
        return error_set_errno(error, problem, "can't make %s of %" G_GUINT64_FORMAT " bytes", path,
                               size);
    }
    close(fd);
    return TRUE;
}

gboolean
file_is_same(const char *path, const char *other)
{
    struct stat first, second;

    return stat(path, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

gboolean
file_link(const char *path, const char *name, GError **error)
{
    FAILPOINT_AROUND("link");

    if (link(path, name) != 0)
        return error_set_errno(error, errno, "can't give %s the name %s", path, name);
    return TRUE;
}

/* rename() does nothing, and leaves the spare name, if both are one file's. */
gboolean
file_replace(const char *path, const char *by, GError **error)
{
    FAILPOINT_AROUND("rename");
    g_autofree char *spare = g_strdup_printf("%s.new", path);

    if (file_is_same(path, by))
        return TRUE;
    if (!file_remove(spare, error) || !file_link(by, spare, error))
        return FALSE;
    if (rename(spare, path) != 0)
        return error_set_errno(error, errno, "can't put %s in place", by);
    return TRUE;
}

gboolean
file_sync(const char *path, GError **error)
{
    FAILPOINT_AROUND("fsync");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int problem = 0;

    if (fd < 0)
        return error_set_errno(error, errno, "can't open %s", path);
    if (fsync(fd) != 0)
        problem = errno;
    close(fd);
    return problem == 0 || error_set_errno(error, problem, "can't write %s out", path);
}

/* A record that goes after a file must not be gone before it, not even after a power cut. */
static gboolean
sync_parent(const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);

    return file_sync(parent, error);
}

gboolean
file_remove(const char *path, GError **error)
{
    FAILPOINT_AROUND("unlink");
    if (unlink(path) == 0)
        return sync_parent(path, error);
    return errno == ENOENT || error_set_errno(error, errno, "can't remove %s", path);
}

static int
remove_entry(const char *path, const struct stat *info G_GNUC_UNUSED, int type G_GNUC_UNUSED,
             struct FTW *walk G_GNUC_UNUSED)
{
    FAILPOINT_AROUND("remove");
    return remove(path) != 0 && errno != ENOENT ? -1 : 0;
}

gboolean
folder_remove(const char *path, GError **error)
{
    if (nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0)
        return sync_parent(path, error);
    return errno == ENOENT || error_set_errno(error, errno, "can't remove %s", path);
}

char *
file_tail(const char *path, gsize limit)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *buffer = g_malloc(limit);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t size, start;
    ssize_t got;

    if (fd < 0)
        return NULL;
    size = lseek(fd, 0, SEEK_END);
    start = size > (off_t)limit ? size - (off_t)limit : 0;
    got = pread(fd, buffer, limit, start);
    close(fd);
    if (got < 0)
        return NULL;
    /* What reads it takes it for a C string. */
    for (ssize_t i = 0; i < got; i++)
        if (buffer[i] == '\0')
            buffer[i] = ' ';
    g_string_append_len(text, buffer, got);
    if (start > 0) {
        const char *newline = memchr(text->str, '\n', text->len);
        if (newline != NULL)
            g_string_erase(text, 0, newline + 1 - text->str);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

const char *
host_boot_id(void)
{
    static char *id;

    if (id == NULL) {
        if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &id, NULL, NULL))
            id = g_strdup("");
        g_strchomp(id);
    }
    return id;
}
