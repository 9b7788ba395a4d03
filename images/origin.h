/* Where the file of an import comes from, a disk or the web, and whether it is what its publisher
 * says. Only for import.c. */
#ifndef IMAGES_ORIGIN_H
#define IMAGES_ORIGIN_H

#include "images/checksum.h"
#include "images/fetch.h"
#include "images/import.h"

typedef struct {
    fetch_context context;
    fetched *file; /* NULL: it isn't from the web */
    char *path;    /* the file to read; NULL until it is there */
    char *label;   /* what people know it by: a path, or an address without secrets */
    char *name;    /* its last part */
    gboolean has_sum;
    checksum sum;
} origin;

/* Looks at what is asked, fetches nothing. */
gboolean origin_init(origin *self, const import_context *context, const import_request *request,
                     GError **error);

/* Finds the checksum and gets the file. */
gboolean origin_fetch(origin *self, const import_request *request, GError **error);

/* FALSE with BadDigest if it isn't what it should be. */
gboolean origin_verify(const origin *self, GError **error);

/* Makes a message about the file say where it is from instead of where it is now. FALSE always. */
gboolean origin_explain(const origin *self, GError **error);

/* Afterwards: what was fetched goes, unless PROBLEM is the host's and a next try can use it, which
 * PROBLEM says then. NULL: all went well. */
void origin_end(origin *self, GError **problem);

void origin_clear(origin *self);

#endif
