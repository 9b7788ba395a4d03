#include "images/bundle_kept.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "images/bundle_key.h"
#include "images/bundle_part.h"
#include "images/bundle_read.h"
#include "images/home.h"
#include "store/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "bundle:"
#define MOST_PART (64 * 1024 * 1024)

gboolean
bundle_is_content(const char *content)
{
    return content != NULL && g_str_has_prefix(content, PREFIX);
}

/* ---- keeping one ---- */

static char *
kept_name(guint index)
{
    return g_strdup_printf("%05u", index);
}

static gboolean
write_bytes(int fd, const guint8 *bytes, gsize length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return FALSE;
        bytes += written;
        length -= (gsize)written;
    }
    return TRUE;
}

static gboolean
write_file(const char *folder, const char *name, const guint8 *bytes, gsize length, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    gboolean written;
    int fd, problem;

    FAILPOINT_AROUND("write");
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set_errno(error, errno, "can't make %s", path);
    written = write_bytes(fd, bytes, length) && fdatasync(fd) == 0;
    problem = errno;
    close(fd);
    return written || error_set_errno(error, problem, "can't write %s", path);
}

static gboolean
keep_part(const manifest *what, guint index, int folder_fd, const char *folder, GChecksum *sum,
          GError **error)
{
    g_autofree char *name = kept_name(index);
    g_autoptr(GByteArray) part =
        part_read(folder_fd, g_ptr_array_index(what->parts, index), MOST_PART, error);

    if (part == NULL)
        return FALSE;
    g_checksum_update(sum, part->data, part->len);
    return write_file(folder, name, part->data, part->len, error);
}

static gboolean
keep_parts(const manifest *what, int folder_fd, const char *folder, GChecksum *sum,
           progress *listener, GError **error)
{
    for (guint i = 0; i < what->parts->len; i++) {
        progress_at(listener, "keeping the bundle", (double)i / what->parts->len);
        if (!keep_part(what, i, folder_fd, folder, sum, error))
            return FALSE;
    }
    return TRUE;
}

char *
bundle_keep(const manifest *what, int folder_fd, const char *key, const char *iv,
            const char *folder, progress *listener, GError **error)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *opens = g_strdup_printf("%s\n%s\n", key, iv);
    g_autofree char *claims =
        g_strdup_printf("%s%s %" G_GUINT64_FORMAT "\n", opens, what->digest, what->size);

    g_checksum_update(sum, (const guint8 *)claims, -1);
    if (!folder_make(folder, 0700, error) ||
        !keep_parts(what, folder_fd, folder, sum, listener, error) ||
        !write_file(folder, "key", (const guint8 *)opens, strlen(opens), error) ||
        !write_file(folder, "manifest.xml", (const guint8 *)what->document, strlen(what->document),
                    error) ||
        !file_sync(folder, error))
        return NULL;
    return g_strconcat(PREFIX "sha256:", g_checksum_get_string(sum), NULL);
}

gboolean
bundle_adopt(const char *home, const char *content, const char *folder, GError **error)
{
    g_autofree char *to = home_bundle_folder(home, content);
    g_autofree char *parent = g_path_get_dirname(to);

    if (g_file_test(to, G_FILE_TEST_EXISTS))
        return folder_remove(folder, error);
    FAILPOINT_AROUND("rename");
    if (rename(folder, to) != 0)
        return error_set_errno(error, errno, "can't move %s to %s", folder, to);
    return file_sync(parent, error);
}

/* ---- its image ---- */

/* The parts by the names that they have here. */
static void
rename_parts(manifest *what)
{
    for (guint i = 0; i < what->parts->len; i++) {
        manifest_part *part = g_ptr_array_index(what->parts, i);
        g_free(part->filename);
        part->filename = kept_name(i);
    }
}

static char **
read_key(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "key", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) problem = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, &problem)) {
        error_set(error, ERROR_HOST_DISK, "can't read the bundle's key: %s", problem->message);
        return NULL;
    }
    lines = g_strsplit(text, "\n", -1);
    if (g_strv_length(lines) >= 2)
        return g_steal_pointer(&lines);
    error_set(error, ERROR_HOST_DISK, "%s is damaged", path);
    return NULL;
}

gboolean
bundle_kept_image(const char *home, const char *content, const char *path, progress *listener,
                  GError **error)
{
    g_autofree char *folder = home_bundle_folder(home, content);
    g_autofree char *manifest_path = g_build_filename(folder, "manifest.xml", NULL);
    g_auto(GStrv) opens = read_key(folder, error);
    bundle_read_request request = {.listener = listener};
    g_autoptr(manifest) what = NULL;
    gboolean done;

    if (opens == NULL)
        return FALSE;
    what = bundle_manifest_read(manifest_path, &request.folder_fd, error);
    if (what == NULL)
        return FALSE;
    rename_parts(what);
    request.what = what;
    request.key = opens[0];
    request.iv = opens[1];
    done = bundle_read_image(&request, path, error);
    close(request.folder_fd);
    return done;
}

/* ---- its end ---- */

static gboolean
remove_unused(store *db, const char *home, const char *content, GError **error)
{
    g_autofree char *folder = home_bundle_folder(home, content);
    gboolean used = FALSE;

    return image_find_content_use(db, content, &used, error) &&
           (used || folder_remove(folder, error));
}

gboolean
bundle_kept_remove(store *db, const char *home, const char *content, GError **error)
{
    return !bundle_is_content(content) || remove_unused(db, home, content, error);
}

/* There are as many folders as bundles, and may be many more images. */
gboolean
bundle_kept_sweep(store *db, const char *home, GError **error)
{
    g_autofree char *path = g_build_filename(home, "bundles", NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *content = g_strdelimit(g_strdup(name), "-", ':');
        if (!bundle_kept_remove(db, home, content, error))
            return FALSE;
    }
    return TRUE;
}
