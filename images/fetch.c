#include "images/fetch.h"
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "images/download.h"
#include "images/fetch_state.h"
#include "images/probe.h"
#include "images/url.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SYNC_EVERY (G_GUINT64_CONSTANT(64) << 20)
#define WORTH_A_RETRY (G_GUINT64_CONSTANT(1) << 20)
#define TEXT_MOST (1 << 20)
#define RESERVE (G_GUINT64_CONSTANT(64) << 20)
#define LARGEST (G_GUINT64_CONSTANT(64) << 40) /* of EBS volumes */
#define START 512                              /* bytes that tell what it is */
#define MIB (1024.0 * 1024.0)

struct fetched {
    const fetch_context *context;
    const char *url;
    char *path;
    char *phase;
    int fd; /* locked */
    fetch_state state;
    guint64 size;  /* bytes that are there */
    guint64 most;  /* that may be there */
    gboolean seen; /* its start was looked at */
    gboolean anew; /* what the server sends doesn't go with what is there */
};

/* ---- the file ---- */

/* On a byte that no disk has, where no lock of QEMU's is. */
static gboolean
lock(int fd)
{
    struct flock range = {.l_type = F_WRLCK, .l_start = G_MAXINT64 - 1, .l_len = 1};

    return fcntl(fd, F_OFD_SETLK, &range) == 0;
}

/* Somebody else may remove the file between the open and the lock. */
static gboolean
is_at(int fd, const char *path)
{
    struct stat here, there;

    return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino &&
           here.st_dev == there.st_dev;
}

static gboolean
open_locked(fetched *self, GError **error)
{
    g_autofree char *shown = url_shown(self->url);

    for (;;) {
        FAILPOINT_AROUND("create");
        self->fd = open(self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (self->fd < 0)
            return error_set_errno(error, errno, "can't make %s", self->path);
        if (!lock(self->fd))
            return error_set(error, ERROR_VOLUME_STATE,
                             "%s is being fetched by another command: wait until that is done",
                             shown);
        if (is_at(self->fd, self->path))
            return TRUE;
        close(self->fd);
    }
}

static gboolean
shorten(fetched *self, guint64 size, GError **error)
{
    if (self->size == size)
        return TRUE;
    FAILPOINT_AROUND("truncate");
    if (ftruncate(self->fd, (off_t)size) != 0)
        return error_set_errno(error, errno, "can't write %s", self->path);
    self->size = size;
    return TRUE;
}

/* What is there to go on with. After a power cut only what was synced can be trusted; of a whole
 * file the last byte is asked for again, by which the server says whether it still has that one. */
static gboolean
find_start(fetched *self, GError **error)
{
    struct stat info;
    guint64 keep;

    if (fstat(self->fd, &info) != 0)
        return error_set_errno(error, errno, "can't read %s", self->path);
    self->size = keep = (guint64)info.st_size;
    if (!fetch_state_load(&self->state, self->path, self->url))
        keep = 0;
    else if (g_strcmp0(self->state.boot, host_boot_id()) != 0)
        keep -= keep % SYNC_EVERY;
    if (self->state.total > 0 && keep >= (guint64)self->state.total)
        keep = (guint64)self->state.total - 1;
    return shorten(self, keep, error);
}

static fetched *
fetched_open(const fetch_context *context, const char *url, GError **error)
{
    g_autoptr(fetched) self = g_new0(fetched, 1);
    g_autofree char *folder = fetch_folder(context->home);
    g_autofree char *name = url_file_name(url);
    g_autofree char *clean = g_strcanon(g_utf8_make_valid(name, -1),
                                        G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-+", '-');

    self->fd = -1;
    self->context = context;
    self->url = url;
    self->path = fetch_path(context->home, url);
    self->phase = g_strdup_printf("fetching %s", clean);
    if (!folder_make(folder, 0700, error) || !open_locked(self, error) || !find_start(self, error))
        return NULL;
    return g_steal_pointer(&self);
}

const char *
fetched_path(const fetched *self)
{
    return self->path;
}

gboolean
fetched_remove(fetched *self, GError **error)
{
    return fetch_state_remove(self->path, error) && file_remove(self->path, error);
}

void
fetched_free(fetched *self)
{
    if (self == NULL)
        return;
    if (self->fd >= 0)
        close(self->fd);
    fetch_state_clear(&self->state);
    g_free(self->path);
    g_free(self->phase);
    g_free(self);
}

/* ---- taking what the server sends ---- */

/* The file has to fit; one whose length isn't known may take half of the room, as its copy takes
 * room, too. */
static gboolean
find_most(fetched *self, GError **error)
{
    const fetch_context *context = self->context;
    guint64 limit = context->limit > 0 ? context->limit : LARGEST;
    gint64 total = self->state.total;
    struct statvfs room;
    guint64 free_bytes;

    if (fstatvfs(self->fd, &room) != 0)
        return error_set_errno(error, errno, "can't see the room at %s", self->path);
    free_bytes = (guint64)room.f_bavail * room.f_frsize;
    if (total > 0 && (guint64)total > limit)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "it has %.1f MiB, and %.1f MiB are allowed: the setting download_limit "
                         "allows more",
                         (double)total / MIB, (double)limit / MIB);
    if (total > 0 && (guint64)total - MIN(self->size, (guint64)total) + RESERVE > free_bytes)
        return error_set(error, ERROR_HOST_DISK,
                         "it has %.1f MiB, and at %s only %.1f MiB are free: make room",
                         (double)total / MIB, self->path, (double)free_bytes / MIB);
    self->most = total > 0 ? (guint64)total : MIN(limit, free_bytes / 2);
    return TRUE;
}

/* Whether it is more of what is there. */
static gboolean
goes_on(const fetched *self, const download_head *head)
{
    return head->first == self->size &&
           (head->total < 0 || self->state.total < 0 || head->total == self->state.total) &&
           (head->etag == NULL || g_strcmp0(head->etag, self->state.etag) == 0);
}

static gboolean
begin(void *opaque, const download_head *head, GError **error)
{
    fetched *self = opaque;

    if (head->first > 0) {
        self->anew = !goes_on(self, head);
        return self->anew ? error_set(error, ERROR_HOST_NETWORK,
                                      "the server sends another file than before")
                          : find_most(self, error);
    }
    self->seen = FALSE;
    fetch_state_set(&self->state, self->url, head);
    return shorten(self, 0, error) && find_most(self, error) &&
           fetch_state_save(&self->state, self->path, error);
}

/* What can't be a disk is better known before all of it is fetched. */
static gboolean
look_at_start(fetched *self, GError **error)
{
    guint8 start[START];
    ssize_t got = self->seen ? 0 : pread(self->fd, start, sizeof start, 0);

    self->seen = TRUE;
    return got <= 0 || disk_source_check_start(start, (gsize)got, error);
}

static gboolean
write_all(const fetched *self, const char *bytes, gsize count, GError **error)
{
    guint64 at = self->size;
    FAILPOINT_AROUND("fetch");

    while (count > 0) {
        ssize_t written = pwrite(self->fd, bytes, count, (off_t)at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return error_set_errno(error, errno, "can't write %s", self->path);
        bytes += written;
        count -= (gsize)written;
        at += (guint64)written;
    }
    return TRUE;
}

/* So that a power cut costs no more than that; see find_start(). */
static gboolean
sync_sometimes(const fetched *self, guint64 before, GError **error)
{
    if (before / SYNC_EVERY == self->size / SYNC_EVERY || fdatasync(self->fd) == 0)
        return TRUE;
    return error_set_errno(error, errno, "can't write %s", self->path);
}

static gboolean
take(void *opaque, const void *bytes, gsize count, GError **error)
{
    fetched *self = opaque;
    guint64 before = self->size;

    if (count > self->most - MIN(self->size, self->most))
        return error_set(error, ERROR_PARAMETER_VALUE, "the server sends more than %.1f MiB%s",
                         (double)self->most / MIB,
                         self->state.total > 0
                             ? ", which is all that it said the file has"
                             : " without saying how much it is: the setting download_limit, or "
                               "half of the room on the disk, allows no more");
    if (!write_all(self, bytes, count, error))
        return FALSE;
    self->size += count;
    progress_bytes(self->context->listener, self->phase, self->size,
                   self->state.total > 0 ? (guint64)self->state.total : 0);
    if (self->size >= START && !look_at_start(self, error))
        return FALSE;
    return sync_sometimes(self, before, error);
}

/* ---- trying, and trying again ---- */

/* 1, 2, 4, ... seconds, at most half a minute. */
static void
wait_before(const fetch_context *context, guint retry)
{
    progress_phase(context->listener, "waiting for the server");
    g_usleep(MIN(30, 1u << MIN(retry - 1, 5)) * G_USEC_PER_SEC);
}

static gboolean
may_retry(const fetch_context *context, download_result result, guint64 got, guint *failures)
{
    if (result == DOWNLOAD_REFUSED || (result == DOWNLOAD_UNREACHED && got == 0))
        return FALSE;
    if (got >= WORTH_A_RETRY)
        *failures = 0;
    return ++*failures <= context->retries;
}

static gboolean
is_whole(const fetched *self)
{
    return self->state.total < 0 || self->size == (guint64)self->state.total;
}

static gboolean
try_all(fetched *self, GError **error)
{
    download_request request = {.url = self->url,
                                .timeout_s = self->context->timeout_s,
                                .begin = begin,
                                .take = take,
                                .sink = self};
    guint64 furthest = self->size; /* a server could stop at the same place for ever */
    guint failures = 0;

    for (;;) {
        g_autoptr(GError) problem = NULL;
        download_result result;
        guint64 got;

        request.validator = fetch_state_validator(&self->state);
        if (request.validator == NULL && !shorten(self, 0, error))
            return FALSE;
        request.first = self->size;
        self->anew = FALSE;
        result = download_try(&request, &problem);
        if (result == DOWNLOAD_DONE && is_whole(self))
            return look_at_start(self, error);
        /* A part that was asked for may be shorter than that. */
        if (result == DOWNLOAD_DONE) {
            error_set(&problem, ERROR_HOST_NETWORK, "the server sends less than it said");
            result = DOWNLOAD_CUT;
        }
        got = self->size - MIN(furthest, self->size);
        furthest += got;
        if (self->anew) {
            if (!shorten(self, 0, error))
                return FALSE;
            result = DOWNLOAD_CUT;
        }
        if (!may_retry(self->context, result, got, &failures)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
        wait_before(self->context, failures);
    }
}

/* Nothing stays but what the next fetch can go on with. */
static void
leave(fetched *self, GError **error)
{
    g_autofree char *shown = url_shown(self->url);
    g_autofree char *message = NULL;
    gboolean refused = error_exit_status(*error) == KIND_REFUSED;
    int code = (*error)->code;

    error_prefix(error, "can't fetch %s", shown);
    if (refused || self->size == 0 || fetch_state_validator(&self->state) == NULL) {
        fetched_remove(self, NULL);
        return;
    }
    message = g_strdup((*error)->message);
    g_clear_error(error);
    error_set(error, (error_code)code,
              "%s; %.1f MiB are there, with which the same command goes on (within %d days)",
              message, (double)self->size / MIB, FETCH_KEEP_DAYS);
}

fetched *
fetch_file(const fetch_context *context, const char *url, GError **error)
{
    g_autoptr(fetched) self = NULL;
    g_autoptr(GError) problem = NULL;

    if (!url_check(url, error))
        return NULL;
    self = fetched_open(context, url, error);
    if (self == NULL)
        return NULL;
    progress_phase(context->listener, self->phase);
    if (try_all(self, &problem))
        return g_steal_pointer(&self);
    leave(self, &problem);
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

/* ---- texts ---- */

static gboolean
begin_text(void *opaque, const download_head *head G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    g_string_truncate(opaque, 0);
    return TRUE;
}

static gboolean
take_text(void *opaque, const void *bytes, gsize count, GError **error)
{
    GString *text = opaque;

    if (text->len + count > TEXT_MOST)
        return error_set(error, ERROR_PARAMETER_VALUE, "it has more than 1 MiB");
    g_string_append_len(text, bytes, (gssize)count);
    return TRUE;
}

char *
fetch_text(const fetch_context *context, const char *url, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *shown = url_shown(url);
    download_request request = {.url = url,
                                .timeout_s = context->timeout_s,
                                .begin = begin_text,
                                .take = take_text,
                                .sink = text};
    guint failures = 0;

    if (!url_check(url, error))
        return NULL;
    progress_phase(context->listener, "fetching checksums");
    for (;;) {
        g_autoptr(GError) problem = NULL;
        download_result result = download_try(&request, &problem);
        if (result == DOWNLOAD_DONE)
            return g_string_free(g_steal_pointer(&text), FALSE);
        if (!may_retry(context, result, 0, &failures)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            error_prefix(error, "can't fetch %s", shown);
            return NULL;
        }
        wait_before(context, failures);
    }
}
