/* Addresses of files on the web, as people give them. */
#ifndef IMAGES_URL_H
#define IMAGES_URL_H

#include "common/error.h"

/* Whether TEXT is an address (SCHEME://...) and not a file's name. */
gboolean url_is(const char *text);

/* FALSE with InvalidParameterValue unless URL is a whole http or https address. */
gboolean url_check(const char *url, GError **error);

/* Whether URL is https. */
gboolean url_is_secure(const char *url);

/* URL for people and records: without name, password and query, which may hold secrets. The caller
 * frees it. */
char *url_shown(const char *url);

/* What the file is called there: the path's last part, decoded; "image" if it has none. It may hold
 * any characters but a slash. The caller frees it. */
char *url_file_name(const char *url);

/* Where LOCATION, a redirection's word, leads to from URL; NULL if nowhere. The caller frees it. */
char *url_resolve(const char *url, const char *location);

#endif
