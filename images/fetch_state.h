/* What is known of a file that is being fetched, beside it in HOME/downloads. Only for fetch.c. */
#ifndef IMAGES_FETCH_STATE_H
#define IMAGES_FETCH_STATE_H

#include "images/download.h"

typedef struct {
    char *url;
    char *etag, *modified; /* as download_head has them */
    char *boot;            /* of the host, when the file was last begun */
    gint64 total;          /* bytes; -1: not known */
} fetch_state;

/* HOME/downloads, and in it the file of URL, which has no secret in its name. The caller frees
 * them. */
char *fetch_folder(const char *home);
char *fetch_path(const char *home, const char *url);

/* What is known of the file PATH. FALSE, and nothing, unless it is of URL and can be gone on with.
 */
gboolean fetch_state_load(fetch_state *self, const char *path, const char *url);
gboolean fetch_state_save(const fetch_state *self, const char *path, GError **error);
gboolean fetch_state_remove(const char *path, GError **error);

/* Makes it what the server has just said of URL. */
void fetch_state_set(fetch_state *self, const char *url, const download_head *head);

/* By what the server knows that file again; NULL if by nothing. */
const char *fetch_state_validator(const fetch_state *self);

void fetch_state_clear(fetch_state *self);

#endif
