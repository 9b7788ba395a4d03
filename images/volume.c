#include "images/volume.h"
#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "images/bytes.h"
#include "images/encrypted.h"
#include "images/home.h"
#include "images/qcow2_new.h"
#include "images/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#define GIB (G_GUINT64_CONSTANT(1) << 30)

/* How a program of QEMU is given the passphrase of WHAT under the name "s". A comma in an option's
 * value is written twice. */
static char *
secret_option(const char *home, const volume *what)
{
    g_autofree char *path = home_secret_path(home, what->secret);
    g_auto(GStrv) parts = g_strsplit(path, ",", -1);
    g_autofree char *escaped = g_strjoinv(",,", parts);

    return g_strdup_printf("secret,id=s,format=raw,file=%s", escaped);
}

static gboolean
make_encrypted(const char *home, const volume *what, const char *path, const char *backing,
               GError **error)
{
    g_autofree char *passphrase = NULL;

    if (!secret_make(home, what->secret, error))
        return FALSE;
    passphrase = secret_read(home, what->secret, error);
    return passphrase != NULL &&
           encrypted_file_make(path, (guint64)what->size_gib * GIB, backing, passphrase, error);
}

gboolean
volume_file_make_at(const char *home, const volume *what, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    /* Relative to the overlay, so that HOME can be moved as a whole. */
    g_autofree char *backing =
        what->backing != NULL ? g_strdup_printf("../snapshots/%s.qcow2", what->backing) : NULL;
    gboolean made = what->secret != NULL
                        ? make_encrypted(home, what, path, backing, error)
                        : qcow2_make(path, (guint64)what->size_gib * GIB, backing, NULL, error);

    /* Durable before a record says that it is there. */
    return made && file_sync(path, error) && file_sync(folder, error);
}

static gboolean
backing_is_there(const char *home, const volume *what, GError **error)
{
    g_autofree char *path = what->backing != NULL ? home_snapshot_path(home, what->backing) : NULL;

    return path == NULL || g_file_test(path, G_FILE_TEST_EXISTS) ||
           error_set(error, ERROR_HOST_DISK, "%s is gone", path);
}

gboolean
volume_file_make(const char *home, const volume *what, GError **error)
{
    g_autofree char *path = home_volume_path(home, what->id);

    return backing_is_there(home, what, error) && volume_file_make_at(home, what, path, error);
}

gboolean
volume_file_exists(const char *home, const char *id)
{
    g_autofree char *path = home_volume_path(home, id);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

gboolean
volume_file_size(const char *home, const char *id, guint64 *size, GError **error)
{
    g_autofree char *path = home_volume_path(home, id);
    guint8 header[32];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;
    int problem;

    if (fd < 0)
        return error_set_errno(error, errno, "can't open %s", path);
    got = pread(fd, header, sizeof header, 0);
    problem = errno;
    close(fd);
    if (got < 0)
        return error_set_errno(error, problem, "can't read %s", path);
    if (!bytes_stand_at(header, (gsize)got, 0, "QFI\xfb", 4) || got < (ssize_t)sizeof header)
        return error_set(error, ERROR_HOST_DISK, "%s is damaged: it is no qcow2", path);
    *size = be64(header + 24);
    return TRUE;
}

/* The file as QEMU is to open it: without what it stands on, which isn't needed to grow it and may
 * have a passphrase of its own. */
static char *
node_of(const char *path, gboolean encrypted)
{
    json_t *node = json_pack("{s:s, s:{s:s, s:s}, s:n}", "driver", "qcow2", "file", "driver",
                             "file", "filename", path, "backing");
    g_autofree char *spelled = NULL;
    char *text;

    if (encrypted)
        json_object_set_new(node, "encrypt",
                            json_pack("{s:s, s:s}", "format", "luks", "key-secret", "s"));
    text = json_dumps(node, JSON_COMPACT);
    json_decref(node);
    spelled = g_strconcat("json:", text, NULL);
    free(text);
    return g_steal_pointer(&spelled);
}

gboolean
volume_file_grow(const char *home, const volume *what, gint64 size_gib, GError **error)
{
    g_autofree char *path = home_volume_path(home, what->id);
    g_autofree char *size = g_strdup_printf("%" G_GINT64_FORMAT "G", size_gib);
    g_autofree char *node = node_of(path, what->secret != NULL);
    g_autofree char *secret = what->secret != NULL ? secret_option(home, what) : NULL;
    const char *const plain[] = {"qemu-img", "resize", "-q", node, size, NULL};
    const char *const encrypted[] = {"qemu-img", "resize", "-q", "--object",
                                     secret,     node,     size, NULL};

    return process_run(secret != NULL ? encrypted : plain, ERROR_HOST_DISK, NULL, error) &&
           file_sync(path, error);
}

/* "vol-1.snap-2.qcow2" is a name of vol-1. */
static gboolean
is_extra(const char *name, const char *id)
{
    gsize length = strlen(id);

    return g_str_has_prefix(name, id) && g_str_has_prefix(name + length, ".snap-");
}

gboolean
volume_file_unlink_extras_but(const char *home, const char *id, const char *keep, GError **error)
{
    g_autofree char *path = g_build_filename(home, "volumes", NULL);
    g_autofree char *kept = g_strdup_printf("%s.%s.qcow2", id, keep != NULL ? keep : "");
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *extra = g_build_filename(path, name, NULL);
        if (is_extra(name, id) && !g_str_equal(name, kept) && !file_remove(extra, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
volume_file_unlink_extras(const char *home, const char *id, GError **error)
{
    return volume_file_unlink_extras_but(home, id, NULL, error);
}

gboolean
volume_file_remove(const char *home, const char *id, GError **error)
{
    g_autofree char *path = home_volume_path(home, id);

    return volume_file_unlink_extras(home, id, error) && file_remove(path, error);
}
