/* What a web server says of a file before it sends it. Pure: any bytes will do. */
#ifndef IMAGES_DOWNLOAD_ANSWER_H
#define IMAGES_DOWNLOAD_ANSWER_H

#include <glib.h>

/* The headers that matter, without blanks around them; NULL for what it doesn't say. */
typedef struct {
    char *etag;
    char *modified; /* Last-Modified */
    char *range;    /* Content-Range */
    char *encoding; /* Content-Encoding */
    char *location;
} download_answer;

void download_answer_clear(download_answer *self);

/* The next line of the answer's head, LENGTH bytes with or without a newline. A line "HTTP/..."
 * begins another answer, as a proxy's may come before the server's. */
void download_answer_line(download_answer *self, const char *line, gsize length);

/* What RANGE says: "bytes FIRST-LAST/TOTAL", or * for TOTAL, which is -1 then. FALSE if it says
 * anything else. */
gboolean download_answer_range(const download_answer *self, guint64 *first, gint64 *total);

/* Whether ETAG tells each content from all others, byte by byte; FALSE, too, if there is none. */
gboolean download_answer_is_strong(const download_answer *self);

#endif
