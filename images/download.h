/* Getting a file, or the rest of one, from a web server: one try. Who keeps the bytes and tries
 * again is the caller (fetch.h). Servers are taken to be hostile: only http and https are followed,
 * at most ten redirections, never from https to http, and nothing is decoded. */
#ifndef IMAGES_DOWNLOAD_H
#define IMAGES_DOWNLOAD_H

#include "common/error.h"

/* What the server says of the bytes that are to come. */
typedef struct {
    guint64 first;  /* the place in the file of the first of them */
    gint64 total;   /* bytes in the whole file; -1: it doesn't say */
    char *etag;     /* what tells this content from another, if it is a strong one; else NULL */
    char *modified; /* when it was changed, as the server writes it; NULL: it doesn't say */
} download_head;

typedef struct {
    const char *url;       /* as url_check() likes it */
    guint64 first;         /* 0: all of it */
    const char *validator; /* ETAG or MODIFIED of what is there already; not NULL if FIRST > 0. The
                              server sends all of a file that isn't this one any more */
    guint timeout_s;       /* how long it may send next to nothing */

    /* Each may refuse, with an error; BEGIN comes once, before the bytes. */
    gboolean (*begin)(void *sink, const download_head *head, GError **error);
    gboolean (*take)(void *sink, const void *bytes, gsize count, GError **error);
    void *sink;
} download_request;

typedef enum {
    DOWNLOAD_DONE,
    DOWNLOAD_CUT,       /* it broke off, or the server is in trouble: it may work again */
    DOWNLOAD_UNREACHED, /* there was nobody to talk with */
    DOWNLOAD_REFUSED    /* it makes no sense to try again */
} download_result;

/* All but DOWNLOAD_DONE set *error: InvalidParameterValue for an address that leads nowhere,
 * Host.Network, or what BEGIN or TAKE gave. */
download_result download_try(const download_request *request, GError **error);

#endif
