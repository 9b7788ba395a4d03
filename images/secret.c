#include "images/secret.h"
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "images/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define RANDOM_BYTES 32

/* QEMU takes a passphrase only if it is UTF-8: so it is the base64 text of the random bytes,
 * without a newline. The text itself is the passphrase; nobody decodes it. */
static char *
passphrase_new(GError **error)
{
    guint8 random[RANDOM_BYTES];

    if (getrandom(random, sizeof random, 0) != sizeof random) {
        error_set_errno(error, errno, "the kernel gives no random bytes");
        return NULL;
    }
    return g_base64_encode(random, sizeof random);
}

static gboolean
write_whole(const char *path, const char *text, GError **error)
{
    FAILPOINT_AROUND("write");
    gsize length = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t written;
    int problem = 0;

    if (fd < 0)
        return error_set_errno(error, errno, "can't make %s", path);
    written = write(fd, text, length);
    if (written != (ssize_t)length)
        problem = written < 0 ? errno : ENOSPC;
    else if (fsync(fd) != 0)
        problem = errno;
    close(fd);
    if (problem == 0)
        return TRUE;
    unlink(path);
    return error_set_errno(error, problem, "can't write %s", path);
}

/* What stands under this name was never used. */
static char *
unfinished_path(const char *home, const char *uuid)
{
    g_autofree char *path = home_secret_path(home, uuid);

    return g_strconcat(path, ".new", NULL);
}

gboolean
secret_make(const char *home, const char *uuid, GError **error)
{
    g_autofree char *path = home_secret_path(home, uuid);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *unfinished = unfinished_path(home, uuid);
    g_autofree char *text = NULL;

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return file_sync(folder, error);
    text = passphrase_new(error);
    if (text == NULL || !file_remove(unfinished, error) || !write_whole(unfinished, text, error))
        return FALSE;
    FAILPOINT_AROUND("rename");
    if (rename(unfinished, path) != 0)
        return error_set_errno(error, errno, "can't make %s", path);
    return file_sync(folder, error);
}

char *
secret_read(const char *home, const char *uuid, GError **error)
{
    g_autofree char *path = home_secret_path(home, uuid);
    g_autoptr(GError) problem = NULL;
    char *text;

    if (g_file_get_contents(path, &text, NULL, &problem))
        return text;
    error_set(error, ERROR_HOST_DISK, "can't read the passphrase: %s", problem->message);
    return NULL;
}

gboolean
secret_remove(const char *home, const char *uuid, GError **error)
{
    g_autofree char *path = home_secret_path(home, uuid);
    g_autofree char *unfinished = unfinished_path(home, uuid);

    return file_remove(unfinished, error) && file_remove(path, error);
}
