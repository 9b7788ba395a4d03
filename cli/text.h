/* Foreign text on a terminal. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <glib.h>

/* What a guest or an image's author wrote, without escape sequences and control characters: they
 * would move the reader's cursor, or worse. Lines and tabs stay. The caller frees it. */
char *text_clean(const char *text);

#endif
