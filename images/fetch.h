/* Files from the web, kept in HOME/downloads until they are imported. One that broke off is gone on
 * with by the next fetch of the same address, if the server still has the same file. */
#ifndef IMAGES_FETCH_H
#define IMAGES_FETCH_H

#include "common/progress.h"

typedef struct {
    const char *home;
    guint64 limit;   /* bytes that a file may have; 0: as there is room */
    guint timeout_s; /* how long a server may send next to nothing */
    guint retries;   /* how often to try again when it broke off without getting anywhere */
    progress *listener;
} fetch_context;

typedef struct fetched fetched;

/* Fetches the file at URL. While it isn't freed nobody else fetches that address. NULL with
 *   InvalidParameterValue  an address that isn't http or https, or leads to nothing
 *   InvalidFormat          a web page or an archive: nothing that could be a disk
 *   IncorrectState         another command is fetching it
 *   Host.Network, Host.Disk, ...
 * What there is of it by then is kept only where it can be gone on with, which the error says. */
fetched *fetch_file(const fetch_context *context, const char *url, GError **error);

const char *fetched_path(const fetched *self);

/* Removes the file. */
gboolean fetched_remove(fetched *self, GError **error);

/* Leaves it for a later fetch. NULL is fine. */
void fetched_free(fetched *self);

/* A short text (at most 1 MiB) from URL; the caller frees it. Errors as above. */
char *fetch_text(const fetch_context *context, const char *url, GError **error);

/* Removes what nobody went on with for FETCH_KEEP_DAYS. */
#define FETCH_KEEP_DAYS 7
void fetch_clean(const char *home);

/* How many unfinished files there are in HOME, and what room they take. */
guint fetch_unfinished(const char *home, guint64 *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(fetched, fetched_free)

#endif
