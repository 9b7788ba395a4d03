/* A bundle's folder: its manifest and the parts beside it, before any of them is read. */
#include "images/bundle_part.h"
#include "images/bundle_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
check_file(int fd, const char *path, struct stat *info, GError **error)
{
    if (fstat(fd, info) != 0)
        return error_set_errno(error, errno, "can't read %s", path);
    if (!S_ISREG(info->st_mode) || info->st_size == 0)
        return error_set(error, ERROR_MANIFEST, "%s is no file with content", path);
    if (info->st_size > MANIFEST_MOST_BYTES)
        return error_set(error, ERROR_MANIFEST, "%s has more than %d MiB: that is no manifest",
                         path, MANIFEST_MOST_BYTES >> 20);
    return TRUE;
}

static char *
read_text(const char *path, gsize *length, GError **error)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    g_autofree char *text = NULL;
    struct stat info;
    ssize_t got = -1;

    if (fd < 0) {
        error_set_errno(error, errno, "can't read %s", path);
        return NULL;
    }
    if (check_file(fd, path, &info, error)) {
        text = g_malloc((gsize)info.st_size + 1);
        got = read(fd, text, (gsize)info.st_size);
        if (got < 0)
            error_set_errno(error, errno, "can't read %s", path);
    }
    close(fd);
    if (got < 0)
        return NULL;
    text[got] = '\0';
    *length = (gsize)got;
    return g_steal_pointer(&text);
}

manifest *
bundle_manifest_read(const char *path, int *folder_fd, GError **error)
{
    gsize length = 0;
    g_autofree char *text = read_text(path, &length, error);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(manifest) what = text != NULL ? manifest_parse(text, length, error) : NULL;

    if (what == NULL)
        return NULL;
    if (folder_fd == NULL)
        return g_steal_pointer(&what);
    *folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder_fd >= 0)
        return g_steal_pointer(&what);
    error_set_errno(error, errno, "can't open %s", folder);
    return NULL;
}

/* "image.part." of "image.part.00"; NULL if it isn't named so. */
static char *
stem_of(const char *filename)
{
    const char *dot = strrchr(filename, '.');

    return dot != NULL && g_str_has_suffix(filename, dot) && dot - filename >= 5 &&
                   strncmp(dot - 5, ".part", 5) == 0
               ? g_strndup(filename, (gsize)(dot + 1 - filename))
               : NULL;
}

static gboolean
looks_like_part(const char *name, const char *stem)
{
    const char *digits = g_str_has_prefix(name, stem) ? name + strlen(stem) : "";

    return *digits != '\0' && strspn(digits, "0123456789") == strlen(digits);
}

/* One too many shows that two bundles have been mixed up. */
static gboolean
check_no_other(const manifest *what, int folder_fd, GError **error)
{
    const manifest_part *first = g_ptr_array_index(what->parts, 0);
    g_autofree char *stem = stem_of(first->filename);
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    int fd = stem != NULL ? openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    gboolean right = TRUE;
    struct dirent *entry;

    if (folder == NULL)
        return TRUE;
    for (guint i = 0; i < what->parts->len; i++)
        g_hash_table_add(known, ((manifest_part *)g_ptr_array_index(what->parts, i))->filename);
    while (right && (entry = readdir(folder)) != NULL)
        if (looks_like_part(entry->d_name, stem) && !g_hash_table_contains(known, entry->d_name))
            right = error_set(error, ERROR_MANIFEST,
                              "%s is beside the manifest, which doesn't name it", entry->d_name);
    closedir(folder);
    return right;
}

gboolean
bundle_check_parts(const manifest *what, int folder_fd, GError **error)
{
    guint64 sum = 0;

    for (guint i = 0; i < what->parts->len; i++) {
        guint64 size = 0;
        int fd = part_open(folder_fd, g_ptr_array_index(what->parts, i), &size, error);
        if (fd < 0)
            return FALSE;
        close(fd);
        sum += size;
    }
    if (sum != what->bundled_size)
        return error_set(error, ERROR_MANIFEST,
                         "the parts have %" G_GUINT64_FORMAT
                         " bytes together, but the manifest says %" G_GUINT64_FORMAT,
                         sum, what->bundled_size);
    return check_no_other(what, folder_fd, error);
}
