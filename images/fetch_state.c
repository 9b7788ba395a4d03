#include "images/fetch_state.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/times.h"
#include "images/fetch.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "download"
#define SUFFIX ".state"
#define DAY_S (24 * 60 * 60)

char *
fetch_folder(const char *home)
{
    return g_build_filename(home, "downloads", NULL);
}

char *
fetch_path(const char *home, const char *url)
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, url, -1);

    return g_strdup_printf("%s/downloads/%.32s", home, digest);
}

static char *
state_path(const char *path)
{
    return g_strconcat(path, SUFFIX, NULL);
}

/* The address may hold a password. */
static char *
fingerprint(const char *url)
{
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, url, -1);
}

static void
load(fetch_state *self, GKeyFile *file)
{
    self->url = g_key_file_get_string(file, GROUP, "url", NULL);
    self->etag = g_key_file_get_string(file, GROUP, "etag", NULL);
    self->modified = g_key_file_get_string(file, GROUP, "modified", NULL);
    self->boot = g_key_file_get_string(file, GROUP, "boot", NULL);
    self->total = g_key_file_get_int64(file, GROUP, "total", NULL);
}

gboolean
fetch_state_load(fetch_state *self, const char *path, const char *url)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *name = state_path(path);
    g_autofree char *wanted = fingerprint(url);

    fetch_state_clear(self);
    if (g_key_file_load_from_file(file, name, G_KEY_FILE_NONE, NULL))
        load(self, file);
    if (g_strcmp0(self->url, wanted) == 0 && fetch_state_validator(self) != NULL)
        return TRUE;
    fetch_state_clear(self);
    return FALSE;
}

static void
put(GKeyFile *file, const char *key, const char *value)
{
    if (value != NULL)
        g_key_file_set_string(file, GROUP, key, value);
}

gboolean
fetch_state_save(const fetch_state *self, const char *path, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) problem = NULL;
    g_autofree char *name = state_path(path);
    g_autofree char *text = NULL;
    FAILPOINT_AROUND("note");

    put(file, "url", self->url);
    put(file, "etag", self->etag);
    put(file, "modified", self->modified);
    put(file, "boot", self->boot);
    g_key_file_set_int64(file, GROUP, "total", self->total);
    text = g_key_file_to_data(file, NULL, NULL);
    return g_file_set_contents_full(name, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                    &problem) ||
           error_set(error, ERROR_HOST_DISK, "%s", problem->message);
}

gboolean
fetch_state_remove(const char *path, GError **error)
{
    g_autofree char *name = state_path(path);

    return file_remove(name, error);
}

void
fetch_state_set(fetch_state *self, const char *url, const download_head *head)
{
    fetch_state_clear(self);
    self->url = fingerprint(url);
    self->etag = head->etag != NULL ? g_utf8_make_valid(head->etag, -1) : NULL;
    self->modified = head->modified != NULL ? g_utf8_make_valid(head->modified, -1) : NULL;
    self->boot = g_strdup(host_boot_id());
    self->total = head->total;
}

const char *
fetch_state_validator(const fetch_state *self)
{
    return self->etag != NULL ? self->etag : self->modified;
}

void
fetch_state_clear(fetch_state *self)
{
    g_free(self->url);
    g_free(self->etag);
    g_free(self->modified);
    g_free(self->boot);
    *self = (fetch_state){.total = -1};
}

/* ---- what is left over ---- */

/* TRUE if no command is at it; then nobody begins while *FD is open. */
static gboolean
is_left(const char *path, int *fd)
{
    struct flock range = {.l_type = F_WRLCK, .l_start = G_MAXINT64 - 1, .l_len = 1};

    *fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (*fd >= 0 && fcntl(*fd, F_OFD_SETLK, &range) == 0)
        return TRUE;
    if (*fd >= 0)
        close(*fd);
    return FALSE;
}

typedef void (*visitor)(const char *path, const struct stat *info, void *opaque);

static void
visit(const char *home, visitor call, void *opaque)
{
    g_autofree char *folder = fetch_folder(home);
    g_autoptr(GDir) all = g_dir_open(folder, 0, NULL);
    const char *name;
    struct stat info;

    while (all != NULL && (name = g_dir_read_name(all)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (stat(path, &info) == 0)
            call(path, &info, opaque);
    }
}

static void
clean(const char *path, const struct stat *info, void *opaque G_GNUC_UNUSED)
{
    int fd;

    if (info->st_mtime > time_now() - FETCH_KEEP_DAYS * DAY_S)
        return;
    /* A state goes with its file; one alone is of nothing. */
    if (g_str_has_suffix(path, SUFFIX)) {
        g_autofree char *file = g_strndup(path, strlen(path) - strlen(SUFFIX));
        if (!g_file_test(file, G_FILE_TEST_EXISTS))
            file_remove(path, NULL);
        return;
    }
    if (!is_left(path, &fd))
        return;
    if (fetch_state_remove(path, NULL))
        file_remove(path, NULL);
    close(fd);
}

void
fetch_clean(const char *home)
{
    visit(home, clean, NULL);
}

typedef struct {
    guint count;
    guint64 bytes;
} sum;

static void
add(const char *path, const struct stat *info, void *opaque)
{
    sum *all = opaque;

    all->bytes += (guint64)info->st_blocks * 512;
    all->count += !g_str_has_suffix(path, SUFFIX);
}

guint
fetch_unfinished(const char *home, guint64 *bytes)
{
    sum all = {0, 0};

    visit(home, add, &all);
    *bytes = all.bytes;
    return all.count;
}
