/* The console's log as it grows: who writes it begins a new file when one has become too large, or
 * empties it. */
#include "common/files.h"
#include "images/home.h"
#include "launcher/claim.h"
#include "launcher/internal.h"
#include "launcher/reconcile.h"
#include "launcher/scope.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLL_US (200 * 1000)
#define POLLS_A_LOOK 5 /* asking for the state costs more than looking at the file */

typedef struct {
    char *path;
    int file; /* -1: there is none yet */
    off_t at; /* what comes before it was told */
    console_taker taker;
    gpointer data;
    gboolean enough;
} follower;

static void
follower_clear(follower *self)
{
    g_free(self->path);
    if (self->file >= 0)
        close(self->file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(follower, follower_clear)

static void
tell(follower *self, const char *bytes, gsize length)
{
    if (length > 0 && !self->enough)
        self->enough = !self->taker(bytes, length, self->data);
}

static void
read_on(follower *self)
{
    char buffer[16 * 1024];
    struct stat info;
    ssize_t got;

    if (self->file < 0)
        return;
    if (fstat(self->file, &info) == 0 && info.st_size < self->at)
        self->at = 0;
    while (!self->enough && (got = pread(self->file, buffer, sizeof buffer, self->at)) > 0) {
        self->at += got;
        tell(self, buffer, (gsize)got);
    }
}

/* TRUE if the file that is read isn't the one of that name any more. */
static gboolean
is_turned_over(const follower *self)
{
    struct stat mine, named;

    if (self->file < 0)
        return TRUE;
    return stat(self->path, &named) == 0 && fstat(self->file, &mine) == 0 &&
           (mine.st_ino != named.st_ino || mine.st_dev != named.st_dev);
}

static void
turn_over(follower *self)
{
    if (self->file >= 0)
        close(self->file);
    self->file = open(self->path, O_RDONLY | O_CLOEXEC);
    self->at = 0;
}

static void
follow(follower *self)
{
    read_on(self);
    if (!is_turned_over(self))
        return;
    /* What came between the last look and the new file. */
    read_on(self);
    turn_over(self);
    read_on(self);
}

/* A first line that was cut in the middle is left out. */
static void
skip_to(follower *self, off_t start)
{
    char buffer[CONSOLE_OUTPUT_LIMIT];
    ssize_t got = pread(self->file, buffer, sizeof buffer, start);
    const char *newline = got > 0 ? memchr(buffer, '\n', (gsize)got) : NULL;

    self->at = newline != NULL ? start + (newline + 1 - buffer) : start;
}

static void
begin(follower *self)
{
    g_autofree char *before = g_strdup_printf("%s.0", self->path);
    g_autofree char *text = NULL;
    struct stat info;

    turn_over(self);
    if (self->file < 0 || fstat(self->file, &info) != 0)
        return;
    if (info.st_size > CONSOLE_OUTPUT_LIMIT) {
        skip_to(self, info.st_size - CONSOLE_OUTPUT_LIMIT);
        return;
    }
    text = file_tail(before, (gsize)(CONSOLE_OUTPUT_LIMIT - info.st_size));
    if (text != NULL)
        tell(self, text, strlen(text));
}

/* *ENDED: nothing more will come. */
static gboolean
look(launcher *self, const char *id, gboolean *ended, GError **error)
{
    g_autoptr(instance) vm = reconcile(self, error) ? scope_instance(self, id, error) : NULL;

    if (vm == NULL)
        return FALSE;
    *ended = vm->state == INSTANCE_STOPPED || vm->state == INSTANCE_TERMINATED;
    return TRUE;
}

gboolean
launcher_console_follow(launcher *self, const char *id, console_taker taker, gpointer data,
                        GError **error)
{
    const char *const ids[] = {id, NULL};
    g_auto(follower) it = {.file = -1, .taker = taker, .data = data};
    gboolean ended = FALSE;

    if (!claim_check_ids(ids, error) || !look(self, id, &ended, error))
        return FALSE;
    it.path = home_console_log(self->home, id);
    begin(&it);
    for (guint polls = 1; !ended && !it.enough; polls++) {
        follow(&it);
        if (polls % POLLS_A_LOOK == 0 && !look(self, id, &ended, error))
            return FALSE;
        if (!ended && !it.enough)
            g_usleep(POLL_US);
    }
    follow(&it);
    return TRUE;
}
